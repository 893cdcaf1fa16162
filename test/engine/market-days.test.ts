import { describe, expect, it } from 'vitest';
import { parsePriceFileNative } from '../../src/market/price-file.js';
import { marketDay } from '../../src/market/price-series.js';
import { expectExactDay, liveDay, QUARTER_MS, sum } from '../support/engine/lived-day.js';

/** A day's quarter-hours as a feed writes them, EUR/MWh by the quarter's number. */
function energyCharts(day: string, price: (quarter: number) => number): string {
  const { fromMs, toMs } = marketDay(day, 'Europe/Berlin');
  const each = <T>(of: (quarter: number) => T): T[] =>
    Array.from({ length: (toMs - fromMs) / QUARTER_MS }, (_, quarter) => of(quarter));
  return JSON.stringify({
    unix_seconds: each((quarter) => (fromMs + quarter * QUARTER_MS) / 1000),
    price: each(price),
    unit: 'EUR / MWh',
  });
}
const live = (day: string, price: (quarter: number) => number) =>
  liveDay(day, parsePriceFileNative({ text: energyCharts(day, price), zone: 'DE-LU' }));

describe('a market day', () => {
  it.each([
    ['of spring has 92 quarter-hours', '2026-03-29', 92],
    ['of autumn has 100', '2026-10-25', 100],
  ])(
    '%s in import, plan, dispatch, settlement and ledger, and no energy is made up',
    async (_title, day, quarters) => {
      // Cheap in the doubled (or missing) hour, dear in the evening.
      const lived = await live(day, (quarter) => (quarter < 16 ? 20 : quarter > quarters - 28 ? 400 : 120));
      expect(lived.changedSlots).toBe(quarters);
      expect(lived.importedWh).toBeGreaterThan(1_000);
      await expectExactDay(lived, quarters);
    },
    60_000,
  );

  it('with hours of −500 EUR/MWh charges what fits into the battery, once, and is paid for that alone', async () => {
    const negative = (quarter: number) => quarter >= 44 && quarter < 60;
    const lived = await live('2026-05-01', (quarter) => (negative(quarter) ? -500 : 90));
    await expectExactDay(lived, 96);
    const cheap = lived.lines.filter(({ startMs }) => negative((startMs - lived.fromMs) / QUARTER_MS));
    const chargedKwh = sum(cheap.map((line) => line.importKwh));
    expect(chargedKwh).toBeGreaterThan(1);
    // Nobody is paid to burn: in no quarter does the car both import and export beyond a change of direction.
    for (const { importKwh, exportKwh } of cheap) expect(Math.min(importKwh, exportKwh)).toBeLessThan(0.2);
    expect(sum(cheap.map((line) => line.cost ?? 0))).toBeCloseTo(chargedKwh * -0.5, 6);
  }, 60_000);
});
