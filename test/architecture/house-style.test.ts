import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow, isTypeScript, ROOT } from './source-files.js';

const LONG_FILE_LINES = 350;
const LONGEST_FILE_LINES = 600;
const DRAWER = /^(utils?|helpers?|common|misc|types?|stuff|shared)\./;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;

const CODE_FOLDERS = ['src', 'solver', 'test', 'benchmarks', 'scripts'];
const code = filesBelow(CODE_FOLDERS, (path) => /\.(tsx?|mjs|mts)$/.test(path));
const product = filesBelow(['src', 'solver'], isTypeScript);
const texts = new Map(
  filesBelow(['src', 'solver', 'test', 'benchmarks', 'scripts', 'docs', 'docker', 'schemas'], (path) =>
    /\.(tsx?|mjs|mts|cjs|json|md|ya?ml|css|html|sql)$|Dockerfile$/.test(path),
  ).map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);
/** Where the solver measures its own time and honours a time limit. */
const SOLVER_CLOCK = /^solver\/(solve|backends\/.*|coordination\/coordinate)\.ts$/;
const THIS_FILE = 'test/architecture/house-style.test.ts';

/** `path:line` of every line of `paths` that matches, this file's own patterns apart. */
function linesWith(pattern: RegExp, paths: Iterable<string>): string[] {
  const hits: string[] = [];
  for (const path of paths) {
    if (path === THIS_FILE) continue;
    const lines = (texts.get(path) ?? '').split('\n');
    lines.forEach((line, index) => {
      if (pattern.test(line)) hits.push(`${path}:${index + 1}`);
    });
  }
  return hits;
}

/** The pattern in code, not in a comment. */
function inCode(pattern: RegExp): RegExp {
  return new RegExp(`^(?!\\s*(\\*|//|/\\*)).*(${pattern.source})`);
}

describe('house style', () => {
  it('reads the sources at all', () => {
    expect(product.length).toBeGreaterThan(20);
    expect(linesWith(/^import /, product).length).toBeGreaterThan(20);
  });

  it('names each file for what it holds, in kebab-case, never as a drawer', () => {
    expect(code.filter((path) => !KEBAB_CASE.test(basename(path)))).toEqual([]);
    expect(code.filter((path) => DRAWER.test(basename(path)))).toEqual([]);
  });

  it(`keeps a file to one idea: ${LONGEST_FILE_LINES} lines at most, a word about it from ${LONG_FILE_LINES}`, () => {
    const lengths = code.map((path) => ({ path, lines: texts.get(path)?.split('\n').length ?? 0 }));
    const long = lengths.filter(({ lines }) => lines > LONG_FILE_LINES);
    if (long.length > 0)
      console.warn('Still one idea?', ...long.map(({ path, lines }) => `${path} (${lines})`));
    expect(long.filter(({ lines }) => lines > LONGEST_FILE_LINES)).toEqual([]);
  });

  it('leaves nothing half done: no reminder, no switched-off test, no switched-off check', () => {
    const unfinished = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|biome-ignore(?!.*: \S)/;
    const switchedOff = /\b(it|test|describe)\.(skip|only|todo|fails)\b/;
    expect(linesWith(unfinished, texts.keys())).toEqual([]);
    expect(linesWith(switchedOff, code)).toEqual([]);
  });

  it('does not cast a type away, but where a package declares its module wrongly', () => {
    expect(linesWith(inCode(/\bas (any|unknown as(?! typeof))\b/), product)).toEqual([]);
  });

  it('names no machine: no home folder, no absolute work path, no fixed port of Redis or PostgreSQL', () => {
    const machine = /(^|[\s"'`(=])\/(home|root|Users|work|mnt)\/|[A-Z]:\\\\Users/;
    expect(linesWith(machine, texts.keys())).toEqual([]);
    expect(linesWith(/(localhost|127\.0\.0\.1):(5432|6379)\b/, code)).toEqual([]);
  });
});

describe('the pure core', () => {
  const pure = product.filter((path) => /^(src\/domain|src\/engine|solver)\//.test(path));

  it('asks no clock and draws no random number of its own', () => {
    const impure =
      /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\brandomBytes\(|\bperformance\.now\(|\bset(Timeout|Interval)\(/;
    const timeless = pure.filter((path) => !SOLVER_CLOCK.test(path));
    expect(linesWith(inCode(impure), timeless)).toEqual([]);
  });

  it('reads the environment in config.ts alone', () => {
    const others = product.filter((path) => path !== 'src/config.ts');
    expect(linesWith(/\bprocess\.env\b/, others)).toEqual([]);
  });
});
