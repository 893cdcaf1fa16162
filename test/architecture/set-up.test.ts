import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from './source-files.js';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'ebbflow-set-up-')));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(file: string, contents: string, mode?: number): void {
  mkdirSync(join(root, dirname(file)), { recursive: true });
  writeFileSync(join(root, file), contents, mode === undefined ? {} : { mode });
}

describe('the set-up script', () => {
  beforeEach(() => {
    cpSync(join(ROOT, 'scripts'), join(root, 'scripts'), { recursive: true });
  });

  /** What scripts/tree.mjs thinks of the tree in `root`. */
  function judge(): { isInstalled: boolean; isBuilt: boolean } {
    const tree = JSON.stringify(pathToFileURL(join(root, 'scripts/tree.mjs')).href);
    const program = `import { isBuilt, isInstalled } from ${tree};
      console.log(JSON.stringify({ isInstalled: isInstalled(), isBuilt: isBuilt() }));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
    });
    return JSON.parse(stdout) as { isInstalled: boolean; isBuilt: boolean };
  }

  const locked = (packages: object) => JSON.stringify({ packages: { '': {}, ...packages } });

  it('installs when node_modules is absent or holds something else than the lock file, whatever the file times', () => {
    const tool = { 'node_modules/tool': { version: '1.0.0', integrity: 'sha512-a' } };
    write(
      'package-lock.json',
      locked({ ...tool, 'node_modules/@tool/darwin-arm64': { version: '1.0.0', optional: true } }),
    );
    expect(judge().isInstalled).toBe(false);
    write('node_modules/.package-lock.json', locked(tool));
    utimesSync(join(root, 'node_modules/.package-lock.json'), 1, 1);
    expect(judge().isInstalled).toBe(true);
    write(
      'node_modules/.package-lock.json',
      locked({ 'node_modules/tool': { version: '0.9.0', integrity: 'sha512-b' } }),
    );
    expect(judge().isInstalled).toBe(false);
  });

  it('builds when dist/ is absent, or a source is newer or gone', () => {
    write('package-lock.json', locked({}));
    write('src/cli/main.ts', '');
    const at = (file: string, seconds: number) => utimesSync(join(root, file), seconds, seconds);
    for (const folder of ['src/cli/main.ts', 'src/cli', 'src']) at(folder, 1_000);
    expect(judge().isBuilt).toBe(false);
    write('dist/src/cli/main.js', '');
    write('dist/.built', '');
    at('dist/.built', 2_000);
    expect(judge().isBuilt).toBe(true);
    at('src/cli/main.ts', 3_000);
    expect(judge().isBuilt).toBe(false);
    at('src/cli/main.ts', 1_000);
    at('src/cli', 3_000); // as after a file of it was removed
    expect(judge().isBuilt).toBe(false);
  });

  it('says in one line where the real data should be', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts/setup.mjs'), '--real-data'], {
      encoding: 'utf8',
      env: { ...process.env, EBBFLOW_REAL_DATA: join(root, 'nowhere') },
    });
    expect(status).toBe(1);
    expect(stderr).toBe(
      `ebbflow: no real data at ${join(root, 'nowhere')}: put it there or set EBBFLOW_REAL_DATA\n`,
    );
  });
});

describe('the script of continuous integration', () => {
  /** Runs .ci/run with an npm that says `suite` for `npm test` and `realData` for the other, each with its code. */
  function run(suite: [output: string, code: number], realData: [output: string, code: number]) {
    cpSync(join(ROOT, '.ci/run'), join(root, '.ci/run'));
    const answer = ([output, code]: [string, number]) => `printf '%s\\n' '${output}'; exit ${code}`;
    write(
      'bin/npm',
      `#!/bin/sh\nif [ "$1" = test ]; then ${answer(suite)}; else ${answer(realData)}; fi\n`,
      0o755,
    );
    const { status, stdout } = spawnSync('bash', [join(root, '.ci/run')], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` },
    });
    const tallies = stdout.match(/^\d+ passed, \d+ failed.*$/gm) ?? [];
    expect(tallies).toHaveLength(1);
    return { status, last: stdout.trimEnd().split('\n').at(-1) };
  }

  it('sums both suites in its only closing line', () => {
    expect(run(['12 passed, 0 failed', 0], ['3 passed, 0 failed', 0])).toEqual({
      status: 0,
      last: '15 passed, 0 failed',
    });
    expect(run(['12 passed, 2 failed', 1], ['3 passed, 1 failed, 1 skipped', 1])).toEqual({
      status: 1,
      last: '15 passed, 3 failed, 1 skipped',
    });
  });

  it('counts a suite that broke before, after or without its tests as one failure', () => {
    expect(run(['error TS2307', 2], ['3 passed, 0 failed', 0])).toEqual({
      status: 1,
      last: '3 passed, 1 failed',
    });
    expect(run(['12 passed, 0 failed', 1], ['3 passed, 0 failed', 0])).toEqual({
      status: 1,
      last: '15 passed, 1 failed',
    });
    expect(run(['nothing', 0], ['no real data', 1])).toEqual({ status: 1, last: '0 passed, 2 failed' });
  });
});
