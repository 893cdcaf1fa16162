import { describe, expect, it } from 'vitest';
import { parsePriceFileNative } from '../../src/market/price-file.js';
import { marketDay } from '../../src/market/price-series.js';
import { expectExactDay, liveDay, QUARTER_MS, sum } from '../support/engine/lived-day.js';
import { readRealData } from './data-directory.js';

/** The part of the two years that lies in a day, as the file has it. */
function ofTwoYears(day: string) {
  const { fromMs, toMs } = marketDay(day, 'Europe/Berlin');
  const [header, ...rows] = readRealData('day_ahead_de_lu_2025_2026.csv').trimEnd().split(/\r?\n/);
  const isInDay = (row: string) => {
    const startMs = Date.parse(row.slice(0, row.indexOf(',')));
    return startMs >= fromMs && startMs < toMs;
  };
  return parsePriceFileNative({ text: [header, ...rows.filter(isInDay)].join('\n'), zone: 'DE-LU' });
}
const sample = (name: string) =>
  parsePriceFileNative({ text: readRealData(`samples/${name}`), fileName: name, zone: 'DE-LU' });

describe('a real market day of DE-LU', () => {
  it.each([
    ['2025-03-30', 92, 'hours of Energy-Charts', () => sample('energy_charts_price_DE-LU_2025-03-30.json')],
    ['2025-10-26', 100, 'quarter-hours of A44', () => sample('constructed_a44_DE-LU_2025-10-26_pt15m.xml')],
    ['2026-03-29', 92, 'quarter-hours of A44', () => sample('constructed_a44_DE-LU_2026-03-29_pt15m.xml')],
    ['2026-03-29', 92, 'quarter-hours of the CSV', () => ofTwoYears('2026-03-29')],
  ])(
    'of a clock change, %s, has %i quarter-hours in plan, dispatch, settlement and ledger, from %s',
    async (day, quarters, _, runs) => {
      const lived = await liveDay(day, runs());
      expect(lived.changedSlots).toBe(day === '2025-03-30' ? 23 : quarters);
      expect(lived.importedWh).toBeGreaterThan(1_000);
      await expectExactDay(lived, quarters);
    },
    60_000,
  );

  it.each([
    ['A44', () => sample('constructed_a44_DE-LU_2026-05-01_pt15m.xml')],
    ['CSV', () => ofTwoYears('2026-05-01')],
  ])(
    'at −499.99 EUR/MWh, 2026-05-01, is charged in and paid for once, from %s',
    async (_, runs) => {
      const lived = await liveDay('2026-05-01', runs());
      await expectExactDay(lived, 96);
      const floor = lived.slots.filter(({ importPerKwh }) => importPerKwh === -0.49999);
      expect(floor.length).toBeGreaterThan(1);
      const atFloor = lived.lines.filter(({ startMs }) =>
        floor.some((slot) => slot.startMs <= startMs && startMs < slot.startMs + QUARTER_MS),
      );
      const chargedKwh = sum(atFloor.map(({ importKwh }) => importKwh));
      expect(chargedKwh).toBeGreaterThan(1);
      expect(sum(atFloor.map(({ cost }) => cost ?? Number.NaN))).toBeCloseTo(chargedKwh * -0.49999, 6);
      for (const { importKwh, exportKwh } of atFloor)
        expect(Math.min(importKwh, exportKwh)).toBeLessThan(0.2);
      // What it took and did not give back, at least by 0.92 each way, fits into 57 kWh of battery.
      expect(lived.importedWh * 0.92 - lived.exportedWh / 0.92).toBeLessThan(60_000);
    },
    60_000,
  );
});
