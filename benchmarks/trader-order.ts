// A trader's order through the HTTP API on a running fleet of 500 simulated cars over real WebSockets.
//
//   npm run bench:order -- [--stations 500] [--minutes 60]
//
// Two runs. `live`: on the machine's own clock, an order from now on; how long until the simulated meters have
// changed by the first kW and by nine tenths. `delivery`: on a stepped clock, an order of an hour; metered delivery
// against what was asked, and the report's numbers against the simulated meters.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generatedPriceDay } from '../src/cli/demo/price-day.js';
import { createSystemClock } from '../src/clock/system-clock.js';
import type { Config } from '../src/config.js';
import { asStationId } from '../src/domain/ids.js';
import { start } from '../src/main.js';
import { createSimulatedFleet } from '../src/simulator/fleet.js';
import { assumedBattery, DEFAULT_CAR, type StationPlan } from '../src/simulator/session-plan.js';
import { NODE_SETTINGS, startFleet } from '../test/support/running-fleet.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const KEY = 'benchmark-trader-key';
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const { values } = parseArgs({
  options: {
    stations: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '60' },
    out: { type: 'string', default: fileURLToPath(new URL('results/trader-order.json', import.meta.url)) },
  },
});
const cars = Number(values.stations);
const minutes = Number(values.minutes);
if (!(cars >= 1) || !(minutes >= 15) || minutes % 15 !== 0) {
  console.error('--stations: at least 1; --minutes: whole quarter-hours');
  process.exit(2);
}

/** Cars at home from `plugInMs(index)` on for twelve hours, 60 kWh each, about half full. */
const stationsFrom = (plugInMs: (index: number) => number): StationPlan[] =>
  Array.from({ length: cars }, (_, index) => ({
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

interface Order {
  readonly dispatchId: string;
  readonly state: string;
  readonly askedKwh: number;
  readonly acknowledgedKwh: number;
  readonly meteredKwh: number;
}

function api(address: string) {
  return async <T>(method: string, resource: string, body?: object): Promise<T> => {
    const response = await fetch(`${address}${resource}`, {
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
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Seconds of real time from the order's arrival to the first kW and to nine tenths of the change asked. */
async function live() {
  const clock = createSystemClock(1);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-order-'));
  const config: Config = {
    ...NODE_SETTINGS,
    dataDir: path.join(folder, 'data'),
    adminKey: KEY,
    meterIntervalS: 60,
  };
  const node = await start(config, { clock, logger: SILENT });
  const soonMs = clock.nowMs() + 5_000;
  const fleet = createSimulatedFleet({
    url: node.ocppAddress,
    stations: stationsFrom(() => soonMs),
    clock,
    seed: 1,
  });
  try {
    const ask = api(node.httpAddress);
    const hourMs = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS;
    const day = generatedPriceDay(24, 1);
    await node.useCases.putPrices({ ...day.series, startMs: hourMs });
    await fleet.start();
    for (let waited = 0; node.useCases.latestPlan()?.sessions.length !== cars; waited += 1) {
      if (waited > 300)
        throw new Error(`${node.useCases.latestPlan()?.sessions.length} of ${cars} cars planned`);
      await pause(1_000);
    }
    // The first plan of the whole fleet is carried out before the order comes.
    await pause(20_000);
    const powerKw = () => fleet.log.powerKwAt(clock.nowMs());
    const beforeKw = powerKw();
    const targetNetKw = beforeKw > 0 ? -2 * cars : 4 * cars;
    const startedMs = clock.nowMs();
    const begin = performance.now();
    await ask<Order>('POST', '/v1/dispatches', {
      start: new Date(startedMs).toISOString(),
      end: new Date(startedMs + HOUR_MS).toISOString(),
      targetNetKw,
      reason: 'benchmark',
    });
    const acceptedS = (performance.now() - begin) / 1000;
    let firstKwS: number | undefined;
    let mostS: number | undefined;
    while (mostS === undefined) {
      const elapsedS = (performance.now() - begin) / 1000;
      const movedKw = Math.abs(powerKw() - beforeKw);
      if (movedKw >= 1) firstKwS ??= elapsedS;
      if (movedKw >= 0.9 * Math.abs(targetNetKw - beforeKw)) mostS = elapsedS;
      if (elapsedS > 120) break;
      await pause(50);
    }
    const plan = node.useCases.latestPlan();
    return {
      beforeKw,
      targetNetKw,
      acceptedS,
      firstKwS,
      nineTenthsS: mostS,
      solveMs: plan?.solveMilliseconds,
    };
  } finally {
    await fleet.stop();
    await node.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** An order of `minutes` on a stepped clock: what was metered, and whether report and simulated meters agree. */
async function delivery() {
  const running = await startFleet({
    stations: (startMs) => stationsFrom((index) => startMs + HOUR_MS + (index % 60) * 10_000),
    config: { meterIntervalS: 60, adminKey: KEY },
  });
  try {
    const { clock, node, fleet, runUntil } = running;
    const ask = api(node.httpAddress);
    await runUntil(Math.ceil((clock.nowMs() + 2 * HOUR_MS) / QUARTER_MS) * QUARTER_MS);
    const startMs = clock.nowMs() + 15 * MINUTE_MS;
    const endMs = startMs + minutes * MINUTE_MS;
    const { dispatchId } = await ask<Order>('POST', '/v1/dispatches', {
      start: new Date(startMs).toISOString(),
      end: new Date(endMs).toISOString(),
      targetNetKw: -3 * cars,
      reason: 'benchmark',
    });
    await runUntil(endMs + 15 * MINUTE_MS);
    const order = await ask<Order>('GET', `/v1/dispatches/${dispatchId}`);
    const report = await ask<{
      steps: { start: string; end: string; meteredKw: number }[];
    }>('GET', `/v1/dispatches/${dispatchId}/report?baseline=zero`);
    const quarters = minutes / 15;
    const { importKwh, exportKwh } = fleet.log.energyPerSlot('metered', {
      startMs,
      slotMinutes: 15,
      slots: quarters,
    });
    const metersKwh = importKwh.map((kwh, quarter) => kwh - (exportKwh[quarter] ?? 0));
    const reportKwh = new Array<number>(quarters).fill(0);
    for (const { start: from, end: to, meteredKw } of report.steps) {
      const quarter = Math.floor((Date.parse(from) - startMs) / QUARTER_MS);
      reportKwh[quarter] =
        (reportKwh[quarter] ?? 0) + (meteredKw * (Date.parse(to) - Date.parse(from))) / HOUR_MS;
    }
    const worstQuarterKwh = Math.max(
      ...reportKwh.map((kwh, quarter) => Math.abs(kwh - (metersKwh[quarter] ?? 0))),
    );
    const metersTotalKwh = metersKwh.reduce((sum, kwh) => sum + kwh, 0);
    return {
      state: order.state,
      askedKwh: order.askedKwh,
      acknowledgedKwh: order.acknowledgedKwh,
      meteredKwh: order.meteredKwh,
      simulatedMetersKwh: metersTotalKwh,
      errorFraction: Math.abs(order.meteredKwh - order.askedKwh) / Math.abs(order.askedKwh),
      reportAgainstMetersKwh: Math.abs(order.meteredKwh - metersTotalKwh),
      worstQuarterKwh,
      quarters,
    };
  } finally {
    await running.stop();
  }
}

const loadAtStart = os.loadavg()[0];
console.log(`${cars} cars; load ${loadAtStart?.toFixed(1)} on ${os.cpus().length} processors`);
const lived = await live();
console.log(
  `live: ${lived.beforeKw.toFixed(0)} → ${lived.targetNetKw} kW; accepted after ${lived.acceptedS.toFixed(2)} s, ` +
    `first kW after ${lived.firstKwS?.toFixed(1)} s, nine tenths after ${lived.nineTenthsS?.toFixed(1)} s`,
);
const delivered = await delivery();
console.log(
  `delivery: ${delivered.state}; asked ${delivered.askedKwh.toFixed(1)} kWh, metered ${delivered.meteredKwh.toFixed(2)} ` +
    `(${(100 * delivered.errorFraction).toFixed(2)} % off); report against the simulated meters: ` +
    `${delivered.reportAgainstMetersKwh.toFixed(3)} kWh in all, ${delivered.worstQuarterKwh.toFixed(3)} kWh in the worst of ${delivered.quarters} quarter-hours`,
);
await writeFile(
  values.out,
  `${JSON.stringify({ date: new Date().toISOString(), node: process.version, processors: os.cpus().length, loadAtStart, cars, minutes, live: lived, delivery: delivered }, null, 2)}\n`,
);
const isWithin =
  delivered.errorFraction <= 0.03 &&
  (lived.firstKwS ?? Number.POSITIVE_INFINITY) <= 10 &&
  delivered.state === 'delivered';
process.exitCode = isWithin ? 0 : 1;
