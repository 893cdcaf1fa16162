import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTINGS_HELP } from '../../src/settings-help.js';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
/** The README's rows: names, default and meaning, without links and code marks. */
const ROWS = [...readme.matchAll(/^\| (`EBBFLOW_[^|]*) \| ([^|]*) \| (.*) \|$/gm)].map(
  ([, names, byDefault, meaning]) => ({
    names: names?.match(/EBBFLOW_\w+/g) ?? [],
    byDefault: plain(byDefault ?? ''),
    meaning: plain(meaning ?? ''),
  }),
);

function plain(text: string): string {
  return text.replace(/ ?\(\[[^\]]*\]\([^)]*\)\)/g, '').replaceAll('`', '');
}

describe('the settings', () => {
  it('are all in the README, and nothing else is', () => {
    expect(ROWS.flatMap(({ names }) => names).sort()).toEqual(Object.keys(SETTINGS_HELP).sort());
  });

  it('are told alike by the README and by the help of `serve`', () => {
    for (const { names, byDefault, meaning } of ROWS) {
      const help = names.map((name) => SETTINGS_HELP[name as keyof typeof SETTINGS_HELP]);
      const defaults = [...new Set(help.map((one) => one.byDefault))].join(', ');
      expect(defaults, names.join()).toBe(byDefault);
      if (names.length === 1) expect(help[0]?.meaning, names.join()).toBe(meaning);
    }
  });
});
