import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const at = (path: string): URL => new URL(`../../${path}`, import.meta.url);
const page = readFileSync(at('docs/ocpp.md'), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));

/** Every CALL that the wire types know. */
const actions = [
  ...readFileSync(at('src/ocpp/wire/messages.ts'), 'utf8').matchAll(/^ {2}([A-Z]\w+): \{/gm),
].map(([, action]) => action!);

describe('the page about OCPP', () => {
  it('has every message that is spoken in a table, with a test', () => {
    expect(actions.length).toBeGreaterThan(40);
    const missing = actions.filter(
      (action) => !rows.some((row) => new RegExp(`\\b${action}\\b`).test(row.split('|')[1] ?? '')),
    );
    expect(missing).toEqual([]);
  });

  it('names tests that exist, one at least per message', () => {
    const paths = [...page.matchAll(/`(test\/[\w./-]+)`/g)].map(([, path]) => path!);
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(at(path)))).toEqual([]);
    const untested = rows.filter((row) => {
      const message = row.split('|')[1] ?? '';
      const isMessage = actions.some((action) => message.includes(action));
      return isMessage && !/`test\/|the same/.test(row);
    });
    expect(untested).toEqual([]);
  });
});

describe('the table of metering rules', () => {
  const section = page.slice(page.indexOf('## Metering'), page.indexOf('## Not spoken'));
  const rules = [
    ...section.matchAll(/^\| ([^|]+) \| `(src\/[^`]+)` `(\w+)` \| `([^`]+)` \| ([^|]+) \|$/gm),
  ].map(([, rule, file, name, test, transcripts]) => ({
    rule: rule!,
    file: file!,
    name: name!,
    test: test!,
    transcripts: [...transcripts!.matchAll(/`([\w-]+)`/g)].map(([, transcript]) => `${transcript!}.ocpp`),
  }));

  it('has one function per rule, which is there, says what it does and has a test of its own', () => {
    expect(rules.length).toBeGreaterThan(20);
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    for (const { rule, file, name, test } of rules) {
      const documented = new RegExp(`\\*/\nexport function ${name}\\(`);
      expect([rule, documented.test(readFileSync(at(file), 'utf8'))]).toEqual([rule, true]);
      expect([rule, new RegExp(`\\b${name}\\(|\\(${name}\\)`).test(readFileSync(at(test), 'utf8'))]).toEqual([
        rule,
        true,
      ]);
    }
  });

  it('shows each rule in a transcript, and each transcript a rule', () => {
    const shown = new Set(rules.flatMap(({ transcripts }) => transcripts));
    expect(rules.filter(({ transcripts }) => transcripts.length === 0)).toEqual([]);
    expect([...shown].sort()).toEqual(readdirSync(at('test/golden/metering')).sort());
  });
});
