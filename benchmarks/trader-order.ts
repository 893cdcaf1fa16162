// A trader's order through the HTTP API on a running fleet of 500 simulated cars over real WebSockets.
//
//   npm run bench:order -- [--stations 500] [--minutes 60] [--only live|delivery]
//
// Two runs. `live`: on the machine's own clock, an order from now on; how long until the simulated meters have
// changed by the first kW and by nine tenths. `delivery`: on a stepped clock, an order between the marks of plans
// and books; metered delivery against what was asked, and the report's numbers against the simulated registers.
// --only runs one of them and keeps the other's figures in the file.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generatedPriceDay } from '../src/cli/demo/price-day.js';
import { createSystemClock } from '../src/clock/system-clock.js';
import type { Config } from '../src/config.js';
import { start } from '../src/main.js';
import { createSimulatedFleet } from '../src/simulator/fleet.js';
import { NODE_SETTINGS, startFleet } from '../test/support/running-fleet.js';
import { askApi, carsAtHome, meteredOrder, type OrderDocument } from '../test/support/trader-order.js';
import { orderSection } from './order-section.js';
import { writeSection } from './rendered-section.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const KEY = 'benchmark-trader-key';
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };
const COMMITTED = fileURLToPath(new URL('results/order.json', import.meta.url));
const { values } = parseArgs({
  options: {
    stations: { type: 'string', default: '500' },
    minutes: { type: 'string', default: '60' },
    only: { type: 'string' },
    out: { type: 'string', default: COMMITTED },
  },
});
const cars = Number(values.stations);
const minutes = Number(values.minutes);
if (!(cars >= 1) || !(minutes >= 5) || ![undefined, 'live', 'delivery'].includes(values.only)) {
  console.error('--stations: at least 1; --minutes: at least 5; --only: live or delivery');
  process.exit(2);
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
    stations: carsAtHome(cars, () => soonMs),
    clock,
    seed: 1,
  });
  try {
    const ask = askApi(node.httpAddress, KEY);
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
    await ask<OrderDocument>('POST', '/v1/dispatches', {
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

/** An order of `minutes` on a stepped clock: what was metered, and whether report and registers agree. */
async function delivery() {
  const running = await startFleet({
    stations: (startMs) => carsAtHome(cars, (index) => startMs + MINUTE_MS + (index % 60) * 5_000),
    config: { meterIntervalS: 60, adminKey: KEY },
  });
  try {
    const startMs = running.clock.nowMs() + 13 * MINUTE_MS + 20_000;
    const endMs = startMs + minutes * MINUTE_MS;
    const targetNetKw = -3 * cars;
    const { order, report, movedKw, metered } = await meteredOrder(running, {
      key: KEY,
      startMs,
      endMs,
      targetNetKw,
    });
    const wh = (kwh: number) => Math.round(kwh * 1000);
    const offWh = report.evses.map(({ evseId, importKwh, exportKwh }) => {
      const meter = metered.get(evseId);
      return Math.max(
        Math.abs(wh(importKwh) - (meter?.importWh ?? 0)),
        Math.abs(wh(exportKwh) - (meter?.exportWh ?? 0)),
      );
    });
    return {
      state: order.state,
      targetNetKw,
      movedIn10SKw: movedKw,
      askedKwh: order.askedKwh,
      acknowledgedKwh: order.acknowledgedKwh,
      meteredKwh: order.meteredKwh,
      errorFraction: Math.abs(order.meteredKwh - order.askedKwh) / Math.abs(order.askedKwh),
      reportedEvses: report.evses.length,
      worstEvseOffWh: Math.max(...offWh),
      reportOffWh: Math.abs(
        wh(report.importKwh) -
          wh(report.exportKwh) -
          [...metered.values()].reduce((sum, { importWh, exportWh }) => sum + importWh - exportWh, 0),
      ),
      missingSteps: report.missingSteps,
      estimatedSteps: report.estimatedSteps,
      steps: report.steps.length,
    };
  } finally {
    await running.stop();
  }
}

interface Results {
  readonly live?: Awaited<ReturnType<typeof live>>;
  readonly delivery?: Awaited<ReturnType<typeof delivery>>;
}

const loadAtStart = os.loadavg()[0];
console.log(`${cars} cars; load ${loadAtStart?.toFixed(1)} on ${os.cpus().length} processors`);
const known: Results = existsSync(values.out) ? JSON.parse(await readFile(values.out, 'utf8')) : {};
const lived = values.only === 'delivery' ? known.live : await live();
if (lived !== undefined)
  console.log(
    `live: ${lived.beforeKw.toFixed(0)} → ${lived.targetNetKw} kW; accepted after ${lived.acceptedS.toFixed(2)} s, ` +
      `first kW after ${lived.firstKwS?.toFixed(1)} s, nine tenths after ${lived.nineTenthsS?.toFixed(1)} s`,
  );
const delivered = values.only === 'live' ? known.delivery : await delivery();
if (delivered !== undefined)
  console.log(
    `delivery: ${delivered.state}; asked ${delivered.askedKwh} kWh, metered ${delivered.meteredKwh} ` +
      `(${(100 * delivered.errorFraction).toFixed(2)} % off); report against the registers: ${delivered.reportOffWh} Wh in all, ` +
      `${delivered.worstEvseOffWh} Wh at the worst EVSE; ${delivered.missingSteps} steps missing, ${delivered.estimatedSteps} estimated`,
  );
await writeFile(
  values.out,
  `${JSON.stringify({ date: new Date().toISOString(), node: process.version, processors: os.cpus().length, loadAtStart, cars, minutes, live: lived, delivery: delivered }, null, 2)}\n`,
);
if (lived !== undefined && delivered !== undefined && values.out === COMMITTED)
  writeSection(orderSection(JSON.parse(await readFile(values.out, 'utf8'))));
const isWithin =
  delivered !== undefined &&
  delivered.errorFraction <= 0.03 &&
  delivered.worstEvseOffWh === 0 &&
  (lived?.firstKwS ?? Number.POSITIVE_INFINITY) <= 10 &&
  delivered.state === 'delivered';
process.exitCode = isWithin ? 0 : 1;
