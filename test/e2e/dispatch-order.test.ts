import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asStationId } from '../../src/domain/ids.js';
import { assumedBattery, DEFAULT_CAR, type StationPlan } from '../../src/simulator/session-plan.js';
import { type RunningFleet, startFleet } from '../support/running-fleet.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const CARS = 8;
const trader = { keyId: 'trader', role: 'trader' } as const;

/** Eight cars at home from two hours after the start until the next morning, 60 kWh each. */
const stations = (startMs: number): StationPlan[] =>
  Array.from({ length: CARS }, (_, index) => ({
    stationId: asStationId(`CS-${index}`),
    evses: [
      {
        sessions: [
          {
            sessionId: `session-${index}`,
            userId: `driver-${index}`,
            plugInMs: startMs + 2 * HOUR_MS + index * MINUTE_MS,
            plugOutMs: startMs + 20 * HOUR_MS,
            battery: assumedBattery(60, DEFAULT_CAR),
            arrivalKwh: 40,
            targetKwh: 48,
            bidirectional: true,
            assumptions: [],
          },
        ],
      },
    ],
  }));

describe('a trader’s dispatch order on a running fleet', () => {
  let running: RunningFleet;
  beforeAll(async () => {
    // Readings every minute: energy between two readings counts evenly, also across the order's edges.
    running = await startFleet({ stations, config: { meterIntervalS: 60 } });
  });
  afterAll(() => running?.stop());

  it('is planned, sent, followed by the meters and proven delivered, per EVSE and in total', async () => {
    const { clock, node, fleet, runUntil } = running;
    await runUntil(clock.nowMs() + 3 * HOUR_MS);
    const startMs = clock.nowMs() + 30 * MINUTE_MS;
    const endMs = startMs + HOUR_MS;
    const { view } = await node.useCases.createDispatch(
      { startMs, endMs, targetNetKw: -40, reason: 'evening peak' },
      'order-1',
      trader,
    );
    expect(view.order.state).toBe('accepted');
    await runUntil(startMs - MINUTE_MS);
    expect((await node.useCases.dispatch(view.order.dispatchId))!.order.state).toBe('dispatched');
    await runUntil(startMs + 30 * MINUTE_MS);
    expect((await node.useCases.dispatch(view.order.dispatchId))!.order.state).toBe('delivering');
    expect(fleet.log.powerKwAt(clock.nowMs())).toBeCloseTo(-40, 0);
    await runUntil(endMs + 15 * MINUTE_MS);

    const done = (await node.useCases.dispatch(view.order.dispatchId))!;
    expect(done.order.state).toBe('delivered');
    expect(done.askedKwh).toBeCloseTo(-40, 6);
    expect(Math.abs(done.meteredKwh + 40)).toBeLessThan(0.03 * 40);
    expect(done.acknowledgedKwh).toBeCloseTo(-40, 0);
    expect(done.shares.reduce((sum, share) => sum + share.meteredKwh, 0)).toBeCloseTo(done.meteredKwh, 9);

    // The report's quarter-hours are those of the simulated meters, to the Wh that registers count in.
    const report = (await node.useCases.deliveryReport(view.order.dispatchId, { baseline: 'zero' }))!;
    const grid = { startMs, slotMinutes: 15, slots: 4 };
    const { importKwh, exportKwh } = fleet.log.energyPerSlot('metered', grid);
    importKwh.forEach((kwh, quarter) => {
      const fromMs = startMs + quarter * 15 * MINUTE_MS;
      const steps = report.steps.filter(
        (step) => step.startMs >= fromMs && step.startMs < fromMs + 15 * MINUTE_MS,
      );
      const reportedKwh = steps.reduce(
        (sum, step) => sum + (step.meteredKw * (step.endMs - step.startMs)) / HOUR_MS,
        0,
      );
      expect(Math.abs(reportedKwh - (kwh - (exportKwh[quarter] ?? 0)))).toBeLessThan(CARS * 0.02);
    });
  }, 120_000);

  it('that is cancelled lets the fleet go back to the market at once', async () => {
    const { clock, node, runUntil } = running;
    const startMs = clock.nowMs() + 5 * MINUTE_MS;
    const { view } = await node.useCases.createDispatch(
      { startMs, endMs: startMs + HOUR_MS, targetNetKw: 70, reason: 'surplus' },
      'order-2',
      trader,
    );
    await runUntil(startMs + 10 * MINUTE_MS);
    const fleetKw = () => running.fleet.log.powerKwAt(clock.nowMs());
    expect(fleetKw()).toBeGreaterThan(60);
    const cancelled = await node.useCases.cancelDispatch(view.order.dispatchId);
    expect(cancelled.order.state).toBe('cancelled');
    await runUntil(clock.nowMs() + MINUTE_MS);
    expect(fleetKw()).toBeLessThan(60);
  }, 120_000);

  it('leaves every target met', async () => {
    const { clock, fleet, runUntil } = running;
    await runUntil(clock.nowMs() + 17 * HOUR_MS);
    expect(fleet.log.totals()).toMatchObject({
      sessionsEnded: CARS,
      targetsMet: CARS,
      reachableTargetsMissed: 0,
    });
  }, 120_000);
});
