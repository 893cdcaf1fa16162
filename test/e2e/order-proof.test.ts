import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asStationId } from '../../src/domain/ids.js';
import { assumedBattery, DEFAULT_CAR, type StationPlan } from '../../src/simulator/session-plan.js';
import { type RunningFleet, startFleet } from '../support/running-fleet.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const CARS = 50;
const TARGET_KW = -3 * CARS;
const KEY = 'order-proof-key';

const stations = (startMs: number): StationPlan[] =>
  Array.from({ length: CARS }, (_, index) => ({
    stationId: asStationId(`CS-${index}`),
    evses: [
      {
        sessions: [
          {
            sessionId: `session-${index}`,
            userId: `driver-${index}`,
            plugInMs: startMs + MINUTE_MS + index * 2_000,
            plugOutMs: startMs + 12 * HOUR_MS,
            battery: assumedBattery(60, DEFAULT_CAR),
            arrivalKwh: 26 + (index % 17),
            targetKwh: 40 + (index % 9),
            bidirectional: true,
            assumptions: [],
          },
        ],
      },
    ],
  }));

interface Order {
  readonly dispatchId: string;
  readonly state: string;
  readonly askedKwh: number;
  readonly acknowledgedKwh: number;
  readonly meteredKwh: number;
  readonly shares: readonly { meteredKwh: number }[];
}
interface Report {
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly missingSteps: number;
  readonly estimatedSteps: number;
  readonly steps: readonly { start: string; end: string; importKwh: number; exportKwh: number }[];
  readonly evses: readonly { evseId: string; importKwh: number; exportKwh: number }[];
}

const wh = (kwh: number) => Math.round(kwh * 1000);
const sumWh = (values: readonly number[]) => values.reduce((total, kwh) => total + wh(kwh), 0);

describe(`a trader’s order through the API on a running fleet of ${CARS}, between any two edges of books and plans`, () => {
  let running: RunningFleet;
  let startMs = 0;
  let endMs = 0;
  let order: Order;
  let report: Report;
  let movedKw = 0;
  /** Registers as the stations' messages said them, per EVSE, Wh since the session's begin. */
  let metered: Map<string, { importWh: number; exportWh: number }>;

  const ask = async <T>(method: string, resource: string, body?: object): Promise<T> => {
    const response = await fetch(`${running.node.httpAddress}${resource}`, {
      method,
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': 'order-1' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${resource}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const registers = () =>
    new Map(
      running.fleet.log
        .sessions()
        .map(({ evseId, importWh, exportWh }) => [evseId as string, { importWh, exportWh }]),
    );

  beforeAll(async () => {
    running = await startFleet({ stations, config: { meterIntervalS: 60, adminKey: KEY } });
    const { clock, fleet, runUntil } = running;
    startMs = clock.nowMs() + 18 * MINUTE_MS + 20_000;
    endMs = startMs + 31 * MINUTE_MS + 7_000;
    await runUntil(startMs);
    const beforeKw = fleet.log.powerKwAt(startMs);
    order = await ask<Order>('POST', '/v1/dispatches', {
      start: new Date(startMs).toISOString(),
      end: new Date(endMs).toISOString(),
      targetNetKw: TARGET_KW,
      reason: 'proof',
    });
    // What is due at an edge is done once time moves on from it.
    await runUntil(startMs + 1);
    const atStart = registers();
    await runUntil(startMs + 10_000);
    movedKw = Math.abs(fleet.log.powerKwAt(clock.nowMs()) - beforeKw);
    await runUntil(endMs + 1);
    const atEnd = registers();
    metered = new Map(
      [...atEnd].map(([evseId, end]) => {
        const start = atStart.get(evseId) ?? { importWh: 0, exportWh: 0 };
        return [evseId, { importWh: end.importWh - start.importWh, exportWh: end.exportWh - start.exportWh }];
      }),
    );
    await runUntil(endMs + 30 * MINUTE_MS);
    order = await ask<Order>('GET', `/v1/dispatches/${order.dispatchId}`);
    report = await ask<Report>('GET', `/v1/dispatches/${order.dispatchId}/report?baseline=zero`);
  }, 240_000);
  afterAll(() => running?.stop());

  it('moves the first kW within ten seconds', () => {
    expect(movedKw).toBeGreaterThan(1);
  });

  it('is delivered within 3 % of what was asked', () => {
    expect(order.state).toBe('delivered');
    expect(order.askedKwh).toBe(Math.round((TARGET_KW * (endMs - startMs)) / 3600) / 1000);
    expect(Math.abs(order.meteredKwh - order.askedKwh)).toBeLessThan(0.03 * Math.abs(order.askedKwh));
    expect(Math.abs(order.acknowledgedKwh - order.askedKwh)).toBeLessThan(0.01 * Math.abs(order.askedKwh));
  });

  it('has a report whose numbers are those of the meters, to the Wh, per EVSE and in all, with nothing estimated', () => {
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
    for (const { start, end, importKwh, exportKwh } of report.steps.slice(1, -1)) {
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
