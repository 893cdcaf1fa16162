import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadMarketProducts } from '../../src/market/market-products.js';
import { ROOT } from '../architecture/source-files.js';

const schemaFile = join(ROOT, 'schemas', 'market-product.schema.json');
const presets = join(ROOT, 'products');
const folders: string[] = [];

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'ebbflow-products-'));
  folders.push(made);
  return made;
}
const load = (...of: string[]) => loadMarketProducts({ schemaFile, folders: of });
const preset = (id: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(presets, `${id}.json`), 'utf8')) as Record<string, unknown>;
function folderWith(changes: Record<string, unknown>, id = 'fcr-n-se'): string {
  const made = folder();
  writeFileSync(join(made, 'own.json'), JSON.stringify({ ...preset(id), ...changes }));
  return made;
}

afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true });
});

describe('market products', () => {
  it('ship as presets that all pass, each in the file of its id', async () => {
    const products = await load(presets);
    expect(products.map(({ id }) => `${id}.json`)).toEqual(readdirSync(presets).sort());
    expect(products.find(({ id }) => id === 'fcr-ce')).toMatchObject({
      direction: 'symmetric',
      minKw: 1000,
      sustainMinutes: 15,
      gate: { closesDaysBefore: 1, closesLocal: '08:00' },
    });
    expect(products.find(({ id }) => id === 'fcr-n-se')).toMatchObject({ powerFactor: 1.34 });
  });

  it('are added by a file, without code; a file of the same id beats the preset', async () => {
    const own = folder();
    writeFileSync(join(own, 'mine.json'), JSON.stringify({ ...preset('fcr-ce'), id: 'my-market' }));
    writeFileSync(join(own, 'fcr.json'), JSON.stringify({ ...preset('fcr-ce'), sustainMinutes: 30 }));
    const products = await load(presets, own);
    expect(products.some(({ id }) => id === 'my-market')).toBe(true);
    expect(products.find(({ id }) => id === 'fcr-ce')?.sustainMinutes).toBe(30);
  });

  it('fill in what may be left out', async () => {
    const { powerFactor, oppositePowerFactor, toleranceFraction, indivisible, ...rest } = preset('fcr-n-se');
    const own = folder();
    writeFileSync(join(own, 'own.json'), JSON.stringify(rest));
    expect((await load(own))[0]).toMatchObject({
      powerFactor: 1,
      oppositePowerFactor: 0,
      toleranceFraction: 0,
      indivisible: false,
    });
  });

  it.each([
    ['an unknown field', { minMw: 1 }, 'own.json minMw: is not a known field'],
    [
      'a wrong word',
      { direction: 'sideways' },
      'own.json direction: must be one of ["up","down","symmetric"]',
    ],
    ['a minimum off its steps', { minKw: 150 }, 'own.json minKw: must be a whole number of stepKw'],
    ['a largest bid below the smallest', { maxKw: 50 }, 'own.json maxKw: must be at least minKw'],
    [
      'a time zone that is none',
      { timeZone: 'Mars/Base' },
      'own.json timeZone: Mars/Base is no IANA time zone',
    ],
    [
      'borders out of order',
      { blocks: { localBorders: ['00:00', '08:00', '04:00'] } },
      'own.json blocks.localBorders.2: must be later than the border before it',
    ],
    [
      'half a gate',
      { gate: { closesDaysBefore: 1 } },
      'own.json gate: closesDaysBefore and closesLocal go together',
    ],
    ['no gate', { gate: {} }, 'own.json gate: give either closesMinutesBeforeStart'],
    ['a power of text', { minKw: '1' }, 'own.json minKw: must be number'],
  ])('name the file and the field of %s', async (_, changes, message) => {
    await expect(load(folderWith(changes))).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(load(folderWith(changes))).rejects.toThrow(message);
  });

  it('refuse a file that is no JSON, and an id that is there twice in a folder', async () => {
    const own = folder();
    writeFileSync(join(own, 'own.json'), '{');
    await expect(load(own)).rejects.toThrow(/own\.json: not JSON/);
    const twice = folder();
    mkdirSync(join(twice, 'not-read'));
    cpSync(join(presets, 'fcr-ce.json'), join(twice, 'a.json'));
    cpSync(join(presets, 'fcr-ce.json'), join(twice, 'b.json'));
    await expect(load(twice)).rejects.toThrow('b.json id: fcr-ce is in a.json already');
  });

  it('of a folder that does not exist are none', async () => {
    expect(await load(join(folder(), 'absent'))).toEqual([]);
  });
});
