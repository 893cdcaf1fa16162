import { describe, expect, it } from 'vitest';
import { parsePriceFile } from '../../src/market/price-file.js';

const parse = (document: unknown) =>
  parsePriceFile({
    fileName: 'p.json',
    text: typeof document === 'string' ? document : JSON.stringify(document),
  });

const startS = Date.UTC(2026, 0, 20, 11) / 1000;
const energyCharts = {
  unix_seconds: [startS, startS + 900, startS + 1800],
  price: [10, -20, 0],
  unit: 'EUR / MWh',
};

describe('an Energy-Charts answer', () => {
  it('becomes a series per kWh; the slot length follows from the instants', () => {
    expect(parse({ ...energyCharts, license_info: 'CC BY 4.0', deprecated: false })).toEqual({
      zone: 'default',
      currency: 'EUR',
      startMs: startS * 1000,
      slotMinutes: 15,
      importPerKwh: [0.01, -0.02, 0],
      exportPerKwh: [0.01, -0.02, 0],
      source: 'CC BY 4.0',
    });
  });

  it('changes from hours to quarter-hours where the market did, and nowhere else', () => {
    const border = Date.UTC(2025, 8, 30, 22) / 1000;
    const around = (start: number) => [start - 7200, start - 3600, start, start + 900, start + 1800];
    const price = [8, 8, 1, 2, 3];
    const series = parse({ ...energyCharts, unix_seconds: around(border), price });
    expect(series.importPerKwh).toEqual([...Array(8).fill(0.008), 0.001, 0.002, 0.003]);
    expect(() => parse({ ...energyCharts, unix_seconds: around(startS), price })).toThrow(
      'p.json unix_seconds[3]: 15 minutes after the instant before it instead of 60: a gap or an uneven step',
    );
    const hours = [border - 3600, border, border + 3600];
    expect(parse({ ...energyCharts, unix_seconds: hours }).slotMinutes).toBe(60);
  });

  it.each([
    ['a gap', { unix_seconds: [startS, startS + 900, startS + 2700] }, 'unix_seconds[2]: 30 minutes after'],
    [
      'a repeated instant',
      { unix_seconds: [startS, startS + 900, startS + 900] },
      'unix_seconds[2]: the instant is there twice',
    ],
    [
      'disorder',
      { unix_seconds: [startS, startS + 900, startS] },
      'unix_seconds[2]: the instant is out of order',
    ],
    [
      'an untraded step',
      { unix_seconds: [startS, startS + 60, startS + 120] },
      'unix_seconds[1]: slots of 1 minutes are not traded',
    ],
    [
      'a broken instant',
      { unix_seconds: [startS, startS + 0.5, 'x'] },
      'unix_seconds[1]: expected whole seconds',
    ],
    ['a missing price', { price: [1, null, 3] }, 'price[1]: expected a number, got null'],
    ['a price in text', { price: [1, '2', 3] }, 'price[1]: expected a number, got "2"'],
    ['fewer prices than instants', { price: [1, 2] }, 'price: 2 values for 3 unix_seconds'],
    ['one instant alone', { unix_seconds: [startS], price: [1] }, 'unix_seconds: fewer than two instants'],
    ['no price at all', { unix_seconds: [], price: [] }, 'unix_seconds: fewer than two instants'],
    ['another unit', { unit: 'EUR / kWh' }, 'unit: expected a currency per MWh, got "EUR / kWh"'],
    ['no array', { price: 5 }, 'price: expected an array, got 5'],
  ])('is refused for %s, with the field', (_, change, message) => {
    expect(() => parse({ ...energyCharts, ...change })).toThrow(`p.json ${message}`);
  });
});

describe('a price document of our own', () => {
  const own = {
    zone: 'BE',
    currency: 'EUR',
    start: '2026-01-20T11:00:00Z',
    slotMinutes: 30,
    importPerKwh: [0.3, 0.1],
  };

  it('is taken as it is, with an export price of its own where it has one', () => {
    expect(parse({ ...own, exportPerKwh: [0.2, -0.1] })).toEqual({
      zone: 'BE',
      currency: 'EUR',
      startMs: Date.UTC(2026, 0, 20, 11),
      slotMinutes: 30,
      importPerKwh: [0.3, 0.1],
      exportPerKwh: [0.2, -0.1],
    });
    expect(parse(own).exportPerKwh).toEqual([0.3, 0.1]);
  });

  it.each([
    ['no slot length', { slotMinutes: undefined }, 'slotMinutes: expected one of 5, 15, 30, 60'],
    ['no start', { start: undefined }, 'start: expected a UTC instant'],
    ['a hole', { importPerKwh: [0.3, null] }, 'importPerKwh[1]: expected a number, got null'],
    ['unequal lengths', { exportPerKwh: [0.1] }, 'exportPerKwh: 1 values for 2 of importPerKwh'],
    ['a zone that is no text', { zone: 5 }, 'zone: expected a text, got 5'],
  ])('is refused for %s, with the field', (_, change, message) => {
    expect(() => parse({ ...own, ...change })).toThrow(`p.json ${message}`);
  });

  it('is refused without a currency, unless the caller gives one', () => {
    const { currency: _, ...without } = own;
    expect(() => parse(without)).toThrow('currency: p.json names none');
    expect(() => parse({ ...own, currency: 'euro' })).toThrow('currency: expected three capitals, got euro');
    expect(parsePriceFile({ text: JSON.stringify(without), currency: 'SEK' }).currency).toBe('SEK');
  });
});

it('JSON of no known shape is refused in one line', () => {
  expect(() => parse('{"a":1}')).toThrow('p.json: none of the known shapes');
  expect(() => parse('[1]')).toThrow('p.json [0]: expected an object, got 1');
  expect(() => parse('{')).toThrow('p.json: not JSON');
});
