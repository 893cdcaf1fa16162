import { describe, expect, it } from 'vitest';
import type { PriceSeries } from '../../src/domain/price.js';
import { parsePriceFile } from '../../src/market/price-file.js';
import { marketDay, pricesWithin } from '../../src/market/price-series.js';
import { readRealData } from './data-directory.js';

const parse = (fileName: string): PriceSeries =>
  parsePriceFile({ fileName, text: readRealData(fileName), zone: 'DE-LU' });
const twoYears = parse('day_ahead_de_lu_2025_2026.csv');
const berlinDay = (date: string): PriceSeries => pricesWithin(twoYears, marketDay(date, 'Europe/Berlin'));
/** As the file gives them: prices per kWh have a rounding error of their own. */
const perMwh = (prices: readonly number[]): number[] => prices.map((price) => Math.round(price * 1e5) / 100);

describe('the day-ahead prices of DE-LU, 2025 and 2026', () => {
  it('are one gapless series in quarter-hours, 6,551 hours and 31,392 quarter-hours long', () => {
    expect(twoYears).toMatchObject({
      zone: 'DE-LU',
      currency: 'EUR',
      startMs: Date.UTC(2024, 11, 31, 23),
      slotMinutes: 15,
    });
    expect(twoYears.importPerKwh).toHaveLength(6_551 * 4 + 31_392);
    expect(Math.min(...perMwh(twoYears.importPerKwh))).toBe(-499.99);
    expect(Math.max(...perMwh(twoYears.importPerKwh))).toBe(747.1);
    expect(twoYears.exportPerKwh).toEqual(twoYears.importPerKwh);
  });

  it.each([
    ['2025-03-30', 92],
    ['2025-10-26', 100],
    ['2026-03-29', 92],
    ['2026-05-01', 96],
  ])('have on %s the %i quarter-hours of the day in Berlin', (date, slots) => {
    expect(berlinDay(date).importPerKwh).toHaveLength(slots);
  });

  it('keep hours on an hourly day and switch on 2025-10-01', () => {
    const text = readRealData('day_ahead_de_lu_2025_2026.csv');
    const day = (date: string) => parsePriceFile({ text, window: marketDay(date, 'Europe/Berlin') });
    expect(day('2025-03-30')).toMatchObject({ slotMinutes: 60 });
    expect(day('2025-03-30').importPerKwh).toHaveLength(23);
    expect(day('2025-10-01')).toMatchObject({ slotMinutes: 15, startMs: Date.UTC(2025, 8, 30, 22) });
  });

  it('fall to the floor for several quarter-hours of 2026-05-01', () => {
    const floor = perMwh(berlinDay('2026-05-01').importPerKwh).filter((price) => price === -499.99);
    expect(floor.length).toBeGreaterThan(1);
  });
});

describe('the same prices in other shapes', () => {
  it.each([
    ['samples/constructed_a44_DE-LU_2025-10-26_pt15m.xml', '2025-10-26'],
    ['samples/constructed_a44_DE-LU_2026-03-29_pt15m.xml', '2026-03-29'],
    ['samples/constructed_a44_DE-LU_2026-05-01_pt15m.xml', '2026-05-01'],
    ['samples/energy_charts_price_DE-LU_2025-10-26.json', '2025-10-26'],
    ['samples/energy_charts_price_DE-LU_2026-03-29.json', '2026-03-29'],
  ])('%s equals the CSV of its day', (fileName, date) => {
    // Source and revision are each document's own.
    const { zone, currency, startMs, slotMinutes, importPerKwh, exportPerKwh } = parse(fileName);
    const prices = { zone, currency, startMs, slotMinutes, importPerKwh, exportPerKwh };
    expect(prices).toEqual(berlinDay(date));
  });

  it('the hourly Energy-Charts answer of 2025-03-30 equals the CSV of its 23 hours', () => {
    const hourly = parse('samples/energy_charts_price_DE-LU_2025-03-30.json');
    expect(hourly).toMatchObject({ slotMinutes: 60, startMs: Date.UTC(2025, 2, 29, 23) });
    expect(hourly.importPerKwh.flatMap((price) => [price, price, price, price])).toEqual(
      berlinDay('2025-03-30').importPerKwh,
    );
  });
});

describe('real ENTSO-E documents', () => {
  it('of two auctions give the coupled one, its omitted position filled with the price before it', () => {
    const series = parse('samples/entsoe_a44_DE-LU_2024-10-06_2seq.xml');
    expect(series).toMatchObject({ zone: 'DE-LU', startMs: Date.UTC(2024, 9, 5, 22), slotMinutes: 60 });
    expect(series.importPerKwh).toHaveLength(48);
    expect(series.importPerKwh[0]).toBe(0.06704);
    expect(series.importPerKwh[14]).toBe(series.importPerKwh[13]);
    expect(Math.max(...series.importPerKwh)).toBeLessThan(1); // sequence 2 begins at 1.001
  });

  it('of one day of Belgium give its 24 hours, and are not taken for another zone', () => {
    const name = 'samples/entsoe_a44_BE_2024-10-08_pt60m.xml';
    const series = parsePriceFile({ fileName: name, text: readRealData(name) });
    expect(series).toMatchObject({ zone: 'BE', currency: 'EUR', slotMinutes: 60 });
    expect(series.importPerKwh.slice(0, 3)).toEqual([0.06498, 0.05786, 0.05373]);
    expect(series.importPerKwh).toHaveLength(24);
    expect(() => parse(name)).toThrow('is for BE, not DE-LU');
  });
});

it('a file that is no price file is refused with its line', () => {
  expect(() => parse('ev_sessions_norway.csv')).toThrow(
    'ev_sessions_norway.csv line 1: column start_utc is missing',
  );
});

describe('the download of SMARD over the clock changes of 2024', () => {
  const text = readRealData('samples/smard_day_ahead_2024_dst_days.csv');
  const lines = text.split(/\r?\n/);
  const day = (date: string): PriceSeries => {
    const rows = lines.filter((line) => line.startsWith(date));
    return parsePriceFile({ fileName: 'smard.csv', text: [lines[0], ...rows].join('\n'), zone: 'DE-LU' });
  };

  it('has 23 hours in spring and 25 in autumn', () => {
    expect(day('31.03.2024')).toMatchObject({ startMs: Date.UTC(2024, 2, 30, 23), slotMinutes: 60 });
    expect(day('31.03.2024').importPerKwh).toHaveLength(23);
    expect(day('27.10.2024')).toMatchObject({ startMs: Date.UTC(2024, 9, 26, 22), slotMinutes: 60 });
    expect(day('27.10.2024').importPerKwh).toHaveLength(25);
    expect(perMwh(day('31.03.2024').importPerKwh).slice(0, 3)).toEqual([75.7, 66.71, 64.98]);
  });
});
