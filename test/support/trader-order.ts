import { asStationId } from '../../src/domain/ids.js';
import { assumedBattery, DEFAULT_CAR, type StationPlan } from '../../src/simulator/session-plan.js';
import type { SimulationLog } from '../../src/simulator/simulation-log.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Cars at home from `plugInMs(index)` on for twelve hours, 60 kWh each, about half full. */
export function carsAtHome(cars: number, plugInMs: (index: number) => number): StationPlan[] {
  return Array.from({ length: cars }, (_, index) => ({
    stationId: asStationId(`CS-${index}`),
    evses: [
      {
        sessions: [
          {
            sessionId: `session-${index}`,
            userId: `driver-${index}`,
            plugInMs: plugInMs(index),
            plugOutMs: plugInMs(index) + 12 * HOUR_MS,
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
}

/** A dispatch order as the API answers it; what is looked at here. */
export interface OrderDocument {
  readonly dispatchId: string;
  readonly state: string;
  readonly askedKwh: number;
  readonly acknowledgedKwh: number;
  readonly meteredKwh: number;
  readonly shares: readonly { readonly meteredKwh: number }[];
}

/** A delivery report as the API answers it; what is looked at here. */
export interface ReportDocument {
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly missingSteps: number;
  readonly estimatedSteps: number;
  readonly steps: readonly {
    readonly start: string;
    readonly end: string;
    readonly importKwh: number;
    readonly exportKwh: number;
  }[];
  readonly evses: readonly {
    readonly evseId: string;
    readonly importKwh: number;
    readonly exportKwh: number;
  }[];
}

/** Asks a running node over HTTP. Throws what it answers when that is no success. */
export function askApi(address: string, key: string) {
  return async <T>(method: string, resource: string, body?: object): Promise<T> => {
    const response = await fetch(`${address}${resource}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json', 'idempotency-key': 'order-1' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${resource}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
}

export interface MeteredOrder {
  readonly order: OrderDocument;
  readonly report: ReportDocument;
  /** |change of the fleet's power| ten seconds after the order came, kW. */
  readonly movedKw: number;
  /** What the registers in the stations' messages rose by over the order, per EVSE, Wh. */
  readonly metered: ReadonlyMap<string, { readonly importWh: number; readonly exportWh: number }>;
}

/** Orders `targetNetKw` from `startMs`, which comes now, until `endMs`, and waits until it is delivered. */
export async function meteredOrder(
  running: {
    readonly node: { readonly httpAddress: string };
    readonly fleet: { readonly log: SimulationLog };
    runUntil(untilMs: number): Promise<void>;
  },
  asked: {
    readonly key: string;
    readonly startMs: number;
    readonly endMs: number;
    readonly targetNetKw: number;
  },
): Promise<MeteredOrder> {
  const { fleet, runUntil } = running;
  const { startMs, endMs, targetNetKw } = asked;
  const ask = askApi(running.node.httpAddress, asked.key);
  const registers = () =>
    new Map(
      fleet.log
        .sessions()
        .map(({ evseId, importWh, exportWh }) => [evseId as string, { importWh, exportWh }] as const),
    );
  await runUntil(startMs);
  const beforeKw = fleet.log.powerKwAt(startMs);
  const { dispatchId } = await ask<OrderDocument>('POST', '/v1/dispatches', {
    start: new Date(startMs).toISOString(),
    end: new Date(endMs).toISOString(),
    targetNetKw,
    reason: 'proof',
  });
  // What is due at an edge is done once time moves on from it.
  await runUntil(startMs + 1);
  const atStart = registers();
  await runUntil(startMs + 10_000);
  const movedKw = Math.abs(fleet.log.powerKwAt(startMs + 10_000) - beforeKw);
  await runUntil(endMs + 1);
  const metered = new Map(
    [...registers()].map(([evseId, end]) => {
      const start = atStart.get(evseId) ?? { importWh: 0, exportWh: 0 };
      return [evseId, { importWh: end.importWh - start.importWh, exportWh: end.exportWh - start.exportWh }];
    }),
  );
  await runUntil(endMs + 11 * MINUTE_MS);
  return {
    order: await ask<OrderDocument>('GET', `/v1/dispatches/${dispatchId}`),
    report: await ask<ReportDocument>('GET', `/v1/dispatches/${dispatchId}/report?baseline=zero`),
    movedKw,
    metered,
  };
}
