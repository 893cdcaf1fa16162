import { expect } from 'vitest';
import { asTransactionId } from '../../../src/domain/ids.js';
import { sumOfAmounts } from '../../../src/domain/ledger.js';
import type { PriceSeries } from '../../../src/domain/price.js';
import { priceAt } from '../../../src/engine/planning/price-horizon.js';
import { marketDay } from '../../../src/market/price-series.js';
import type { PriceSlot } from '../../../src/ports/store.js';
import type { SettlementLine } from '../../../src/ports/use-cases.js';
import { carAt, type EngineRig, startRig } from './engine-rig.js';
import { HOUR_MS, MINUTE_MS } from './fixtures.js';

export const QUARTER_MS = 15 * MINUTE_MS;
const TX = asTransactionId('tx-1');

/** A market day of Berlin that a car has spent plugged in, from import to the ledger. */
export interface LivedDay {
  readonly rig: EngineRig;
  readonly fromMs: number;
  readonly toMs: number;
  /** New slots of the import. */
  readonly changedSlots: number;
  /** Prices on record for the day. */
  readonly slots: readonly PriceSlot[];
  /** Settlement of the day, and of all the time that the car was there. */
  readonly lines: readonly SettlementLine[];
  readonly all: readonly SettlementLine[];
  /** By the car's registers. */
  readonly importedWh: number;
  readonly exportedWh: number;
}

/**
 * Imports prices, plugs a V2G car in an hour before the day begins, lets it follow its profiles through the whole
 * day by the minute, unplugs it after, and settles.
 */
export async function liveDay(day: string, runs: readonly PriceSeries[]): Promise<LivedDay> {
  const { fromMs, toMs } = marketDay(day, 'Europe/Berlin');
  const rig = await startRig({ startMs: fromMs - HOUR_MS });
  let changedSlots = 0;
  for (const series of runs) changedSlots += (await rig.engine.useCases.putPrices(series)).changedSlots;
  const stationId = await rig.commission();
  await rig.plugIn(stationId, TX, { departureMs: toMs + 2 * HOUR_MS });
  const car = carAt(stationId, TX);
  const before = { ...car };
  await rig.follow(car, (toMs - fromMs + HOUR_MS + 10 * MINUTE_MS) / MINUTE_MS);
  const { importRegisterWh, exportRegisterWh } = car;
  await rig.advance(MINUTE_MS);
  await rig.meter(stationId, TX, car.seqNo + 1, { importRegisterWh, exportRegisterWh }, 'ended');
  await rig.advance(2 * HOUR_MS);
  return {
    rig,
    fromMs,
    toMs,
    changedSlots,
    slots: await rig.store.prices.slots({ fromMs, toMs }),
    lines: await rig.engine.useCases.settlements({ fromMs, toMs }),
    all: await rig.engine.useCases.settlements({ fromMs: fromMs - 2 * HOUR_MS, toMs: toMs + 2 * HOUR_MS }),
    importedWh: importRegisterWh - before.importRegisterWh,
    exportedWh: exportRegisterWh - before.exportRegisterWh,
  };
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * The day has exactly its quarter-hours in plan and books, the books are the meters to the Wh, every line is money
 * at its own price, and the ledger adds up to the same, to the Wh and the cent.
 */
export async function expectExactDay(lived: LivedDay, quarters: number): Promise<void> {
  const { rig, fromMs, toMs, lines, all, slots, importedWh, exportedWh } = lived;
  expect((toMs - fromMs) / QUARTER_MS).toBe(quarters);
  expect(sum(slots.map(({ slotMinutes }) => slotMinutes * MINUTE_MS))).toBe(toMs - fromMs);
  const starts = lines.map(({ startMs }) => (startMs - fromMs) / QUARTER_MS);
  expect(new Set(starts).size).toBe(starts.length);
  expect(starts.every((start) => Number.isInteger(start) && start >= 0 && start < quarters)).toBe(true);
  expect(sum(all.map(({ importKwh }) => importKwh * 1000))).toBeCloseTo(importedWh, 3);
  expect(sum(all.map(({ exportKwh }) => exportKwh * 1000))).toBeCloseTo(exportedWh, 3);
  for (const { startMs, importKwh, exportKwh, cost, credit } of lines) {
    const price = priceAt(slots, startMs);
    expect(cost).toBeCloseTo(importKwh * (price?.importPerKwh ?? Number.NaN), 9);
    expect(credit).toBeCloseTo(exportKwh * (price?.exportPerKwh ?? Number.NaN), 9);
    // 11 kW is the most that a quarter-hour can hold.
    expect(Math.max(importKwh, exportKwh)).toBeLessThanOrEqual(2.76);
  }
  const span = { fromMs: fromMs - 2 * HOUR_MS, toMs: toMs + 2 * HOUR_MS };
  const run = await rig.engine.useCases.runSettlement(span);
  expect(run.sessions).toBe(1);
  // A line of less than half a watt-hour moves nothing and is not booked.
  const booked = run.entries.map(({ startMs }) => startMs);
  expect(new Set(booked).size).toBe(booked.length);
  const moving = all.filter(
    ({ importKwh, exportKwh, cost }) => cost !== null && importKwh + exportKwh > 0.001,
  );
  expect(booked).toEqual(expect.arrayContaining(moving.map(({ startMs }) => startMs)));
  expect(booked.length).toBeLessThanOrEqual(all.length);
  const unpriced = (of: 'importWh' | 'exportWh') => sum(run.unpriced.map((line) => line[of]));
  expect(sum(run.entries.map(({ importWh }) => importWh)) + unpriced('importWh')).toBe(
    Math.round(importedWh),
  );
  expect(sum(run.entries.map(({ exportWh }) => exportWh)) + unpriced('exportWh')).toBe(
    Math.round(exportedWh),
  );
  const cents = sum(Object.values(sumOfAmounts(run.entries)));
  const priced = all.filter(({ cost }) => cost !== null);
  const exact = sum(priced.map(({ cost, credit }) => ((cost ?? 0) - (credit ?? 0)) * 100));
  // Cents are whole per account; energy is whole Wh: half a cent each, and a Wh at the price of its line.
  expect(Math.abs(cents - exact)).toBeLessThan(2);
}
