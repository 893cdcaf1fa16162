import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningFleet, startFleet } from '../support/running-fleet.js';
import { carsAtHome, type MeteredOrder, meteredOrder } from '../support/trader-order.js';

const MINUTE_MS = 60_000;
const CARS = 50;
const TARGET_KW = -3 * CARS;
const KEY = 'order-proof-key';

const wh = (kwh: number) => Math.round(kwh * 1000);
const sumWh = (values: readonly number[]) => values.reduce((total, kwh) => total + wh(kwh), 0);

describe(`a trader’s order through the API on a running fleet of ${CARS}, between any two edges of books and plans`, () => {
  let running: RunningFleet;
  let startMs = 0;
  let endMs = 0;
  let done: MeteredOrder;

  beforeAll(async () => {
    running = await startFleet({
      stations: (beginMs) => carsAtHome(CARS, (index) => beginMs + MINUTE_MS + index * 2_000),
      config: { meterIntervalS: 60, adminKey: KEY },
    });
    startMs = running.clock.nowMs() + 18 * MINUTE_MS + 20_000;
    endMs = startMs + 31 * MINUTE_MS + 7_000;
    done = await meteredOrder(running, { key: KEY, startMs, endMs, targetNetKw: TARGET_KW });
  }, 240_000);
  afterAll(() => running?.stop());

  it('moves the first kW within ten seconds', () => {
    expect(done.movedKw).toBeGreaterThan(1);
  });

  it('is delivered within 3 % of what was asked', () => {
    const { order } = done;
    expect(order.state).toBe('delivered');
    expect(order.askedKwh).toBe(Math.round((TARGET_KW * (endMs - startMs)) / 3600) / 1000);
    expect(Math.abs(order.meteredKwh - order.askedKwh)).toBeLessThan(0.03 * Math.abs(order.askedKwh));
    expect(Math.abs(order.acknowledgedKwh - order.askedKwh)).toBeLessThan(0.01 * Math.abs(order.askedKwh));
  });

  it('has a report whose numbers are those of the meters, to the Wh, per EVSE and in all, with nothing estimated', () => {
    const { order, report, metered } = done;
    expect([report.missingSteps, report.estimatedSteps]).toEqual([0, 0]);
    const reported = report.evses.map(({ evseId, importKwh, exportKwh }) => [
      evseId,
      { importWh: wh(importKwh), exportWh: wh(exportKwh) },
    ]);
    expect(Object.fromEntries(reported)).toEqual(Object.fromEntries(metered));
    expect(wh(report.importKwh)).toBe(sumWh(report.evses.map(({ importKwh }) => importKwh)));
    expect(wh(report.exportKwh)).toBe(sumWh(report.evses.map(({ exportKwh }) => exportKwh)));
    expect(wh(report.importKwh)).toBe(sumWh(report.steps.map(({ importKwh }) => importKwh)));
    expect(wh(report.exportKwh)).toBe(sumWh(report.steps.map(({ exportKwh }) => exportKwh)));
    expect(wh(order.meteredKwh)).toBe(wh(report.importKwh) - wh(report.exportKwh));
    expect(sumWh(order.shares.map(({ meteredKwh }) => meteredKwh))).toBe(wh(order.meteredKwh));
  });

  it('has steps that follow the exact meters within the Wh that registers count in', () => {
    for (const { start, end, importKwh, exportKwh } of done.report.steps.slice(1, -1)) {
      const grid = { startMs: Date.parse(start), slotMinutes: 5, slots: 1 };
      expect(Date.parse(end) - Date.parse(start)).toBe(5 * MINUTE_MS);
      const exact = running.fleet.log.energyPerSlot('metered', grid);
      expect(Math.abs(importKwh - (exact.importKwh[0] ?? 0))).toBeLessThan(CARS * 0.001);
      expect(Math.abs(exportKwh - (exact.exportKwh[0] ?? 0))).toBeLessThan(CARS * 0.001);
    }
  });

  it('leads no car away from its target', () => {
    expect(running.fleet.log.totals().reachableTargetsMissed).toBe(0);
  });
});
