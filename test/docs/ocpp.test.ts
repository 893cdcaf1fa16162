import { existsSync, readFileSync } from 'node:fs';
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
