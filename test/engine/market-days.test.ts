import { describe, expect, it } from 'vitest';
import { asTransactionId } from '../../src/domain/ids.js';
import { parsePriceFileNative } from '../../src/market/price-file.js';
import { marketDay } from '../../src/market/price-series.js';
import { carAt, startRig } from '../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS } from '../support/engine/fixtures.js';

const TX = asTransactionId('tx-1');
const QUARTER_MS = 15 * MINUTE_MS;

/** A day's quarter-hours as a feed writes them, EUR/MWh by the quarter's number. */
function energyCharts(fromMs: number, toMs: number, price: (quarter: number) => number): string {
  const quarters = (toMs - fromMs) / QUARTER_MS;
  const each = <T>(of: (quarter: number) => T): T[] =>
    Array.from({ length: quarters }, (_, quarter) => of(quarter));
  return JSON.stringify({
    unix_seconds: each((quarter) => (fromMs + quarter * QUARTER_MS) / 1000),
    price: each(price),
    unit: 'EUR / MWh',
  });
}

/** Imports the day, plugs a car in before it begins and lets it follow its profiles through all of it. */
async function lived(day: string, price: (quarter: number) => number) {
  const { fromMs, toMs } = marketDay(day, 'Europe/Berlin');
  const rig = await startRig({ startMs: fromMs - HOUR_MS });
  const [series, ...more] = parsePriceFileNative({ text: energyCharts(fromMs, toMs, price), zone: 'DE-LU' });
  if (series === undefined || more.length > 0) throw new Error('a day of one resolution is one series');
  const { changedSlots } = await rig.engine.useCases.putPrices(series);
  const stationId = await rig.commission();
  await rig.plugIn(stationId, TX, { departureMs: toMs + 2 * HOUR_MS });
  const car = carAt(stationId, TX);
  const before = { ...car };
  await rig.follow(car, (toMs - fromMs + HOUR_MS + 10 * MINUTE_MS) / MINUTE_MS);
  const lines = await rig.engine.useCases.settlements({ fromMs, toMs });
  const all = await rig.engine.useCases.settlements({ fromMs: fromMs - HOUR_MS, toMs: toMs + HOUR_MS });
  const importedKwh = (car.importRegisterWh - before.importRegisterWh) / 1000;
  const exportedKwh = (car.exportRegisterWh - before.exportRegisterWh) / 1000;
  return { rig, fromMs, toMs, changedSlots, series, lines, all, importedKwh, exportedKwh };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe('a market day', () => {
  it.each([
    ['of spring has 92 quarter-hours', '2026-03-29', 92],
    ['of autumn has 100', '2026-10-25', 100],
  ])(
    '%s in import, plan, dispatch and settlement, and no energy is made up',
    async (_title, day, quarters) => {
      // Cheap in the doubled (or missing) hour, dear in the evening.
      const price = (quarter: number) => (quarter < 16 ? 20 : quarter > quarters - 28 ? 400 : 120);
      const { fromMs, changedSlots, lines, all, importedKwh, exportedKwh, rig } = await lived(day, price);
      expect(changedSlots).toBe(quarters);
      const starts = lines.map(({ startMs }) => (startMs - fromMs) / QUARTER_MS);
      expect(new Set(starts).size).toBe(starts.length);
      expect(starts.every((start) => Number.isInteger(start) && start >= 0 && start < quarters)).toBe(true);
      expect(sum(all.map((line) => line.importKwh))).toBeCloseTo(importedKwh, 2);
      expect(sum(all.map((line) => line.exportKwh))).toBeCloseTo(exportedKwh, 2);
      expect(importedKwh).toBeGreaterThan(1);
      for (const { startMs, importKwh, cost } of lines) {
        const quarter = (startMs - fromMs) / QUARTER_MS;
        expect(cost).toBeCloseTo((importKwh * price(quarter)) / 1000, 9);
      }
      expect(rig.engine.useCases.latestPlan()?.status).toBe('optimal');
    },
    60_000,
  );

  it('with hours of −500 EUR/MWh charges what fits into the battery, once, and is paid for that alone', async () => {
    const negative = (quarter: number) => quarter >= 44 && quarter < 60;
    const price = (quarter: number) => (negative(quarter) ? -500 : 90);
    const { fromMs, lines, all, importedKwh, exportedKwh } = await lived('2026-05-01', price);
    expect(lines.length).toBeLessThanOrEqual(96);
    expect(sum(all.map((line) => line.importKwh))).toBeCloseTo(importedKwh, 2);
    expect(sum(all.map((line) => line.exportKwh))).toBeCloseTo(exportedKwh, 2);
    const cheap = lines.filter(({ startMs }) => negative((startMs - fromMs) / QUARTER_MS));
    const chargedKwh = sum(cheap.map((line) => line.importKwh));
    expect(chargedKwh).toBeGreaterThan(1);
    // Nobody is paid to burn: in no quarter does the car both import and export beyond a change of direction.
    for (const { importKwh, exportKwh } of cheap) expect(Math.min(importKwh, exportKwh)).toBeLessThan(0.2);
    expect(sum(cheap.map((line) => line.cost ?? 0))).toBeCloseTo(chargedKwh * -0.5, 6);
    // Energy in the books is energy of the meters: 11 kW is the most that a quarter can hold.
    for (const { importKwh, exportKwh } of lines)
      expect(Math.max(importKwh, exportKwh)).toBeLessThanOrEqual(2.76);
  }, 60_000);
});
