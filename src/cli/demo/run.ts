import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { createSteppedClock, type SteppedClock } from '../../clock/stepped-clock.js';
import { MS_PER_HOUR } from '../../domain/power.js';
import type { PriceSeries } from '../../domain/price.js';
import { parsePriceFile } from '../../market/price-file.js';
import type { TimingName } from '../../ports/metrics.js';
import { createSimulatedFleet, type SimulatedFleet } from '../../simulator/fleet.js';
import { readTextFile } from '../files.js';
import type { DemoFlags } from './command.js';
import { readBooks } from './engine-books.js';
import { type EngineChild, launchEngine } from './engine-child.js';
import type { EngineLaunch } from './engine-messages.js';
import { runLockstep } from './lockstep.js';
import { generatedPriceDay, type PriceDay, priceDayFrom } from './price-day.js';
import { createProgress } from './progress.js';
import { loadScenario } from './scenario.js';
import { type DemoSummary, summaryOf } from './summary.js';

/** Registers every five minutes: what settlement needs, at a rate the embedded store carries at full speed. */
const METER_INTERVAL_S = 300;
/** Time after the end in which readings on their way arrive. */
const DRAIN_MS = 60_000;

/** Runs the whole demo and returns what came of it. `say` prints one line for people. */
export async function runDemo(
  flags: DemoFlags,
  dataDir: string,
  say: (line: string) => void,
): Promise<DemoSummary> {
  const day = await loadPrices(flags);
  const endMs = day.startMs + flags.hours * MS_PER_HOUR;
  const scenario = await loadScenario(flags, day.startMs);
  const clock = createSteppedClock(day.startMs);
  const timings = new Map<TimingName, number[]>();
  const adminKey = `ebb_${randomBytes(18).toString('base64url')}`;
  const launch: EngineLaunch = {
    startMs: day.startMs,
    dataDir: path.join(dataDir, 'engine'),
    httpPort: flags.port,
    ocppPort: 0,
    adminKey,
    meterIntervalS: METER_INTERVAL_S,
    ...(flags.redis === undefined ? {} : { redisUrl: flags.redis }),
    ...(flags.database === undefined ? {} : { databaseUrl: flags.database }),
  };
  const engine = await superviseEngine(launch, clock, timings, say);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal);
  let fleet: SimulatedFleet | undefined;
  try {
    say(`Prices: ${day.label}`);
    say(`Sessions: ${scenario.label}`);
    say(`Dashboard: ${engine.current().httpAddress}/#key=${adminKey}`);
    say(`Engine: process ${engine.current().pid}, stations connect to ${engine.current().ocppAddress}`);
    await putPrices(engine.current().httpAddress, adminKey, day.series);
    fleet = createSimulatedFleet({
      url: engine.current().ocppAddress,
      stations: scenario.stations,
      clock,
      seed: flags.seed,
    });
    await fleet.start();

    const startedMs = performance.now();
    const progress = createProgress({ startMs: day.startMs, endMs, toStderr: flags.json === true });
    const step = (untilMs: number, speed: number) =>
      runLockstep(untilMs, {
        stations: clock,
        engine: engine.current,
        restartEngine: engine.restart,
        speed,
        signal: stop.signal,
        onProgress: (nowMs) => progress.update(nowMs, fleet as SimulatedFleet),
        onStuck: (nowMs) =>
          say(`The engine is slow at ${new Date(nowMs).toISOString()}: going on without waiting`),
      });
    await step(endMs, flags.speed);
    await fleet.stop();
    await step(endMs + DRAIN_MS, flags.speed);
    progress.stop();
    const realSeconds = (performance.now() - startedMs) / 1000;

    const books = await readBooks(engine.current().httpAddress, adminKey, {
      fromMs: day.startMs - MS_PER_HOUR,
      toMs: endMs + MS_PER_HOUR,
    });
    const summary = summaryOf({
      fleet,
      books,
      timings: {
        solveS: timings.get('solve_seconds') ?? [],
        needsToProfileS: timings.get('needs_to_profile_seconds') ?? [],
        dispatchS: timings.get('dispatch_seconds') ?? [],
      },
      series: day.series,
      prices: day.label,
      sessionsFrom: scenario.label,
      hours: flags.hours,
      stations: scenario.stations.length,
      realSeconds,
      engineRestarts: engine.restarts(),
    });
    if (!flags.exit && !stop.signal.aborted) {
      say('The simulated hours are over; the dashboard stays. Ctrl-C ends.');
      await new Promise<void>((resolve) =>
        stop.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
    }
    return summary;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, onSignal);
    await engine.current().stop();
  }
}

async function loadPrices(flags: DemoFlags): Promise<PriceDay> {
  if (flags.prices === undefined) return generatedPriceDay(flags.hours, flags.seed);
  const fileName = path.basename(flags.prices);
  const series = parsePriceFile({ fileName, text: await readTextFile(flags.prices, '--prices') });
  return priceDayFrom(series, flags.hours, flags.day, fileName);
}

/** Starts the engine's process, and again on the same data and addresses whenever it dies. */
async function superviseEngine(
  launch: EngineLaunch,
  clock: SteppedClock,
  timings: Map<TimingName, number[]>,
  say: (line: string) => void,
) {
  const onTiming = (name: TimingName, seconds: number) => {
    const known = timings.get(name);
    if (known === undefined) timings.set(name, [seconds]);
    else known.push(seconds);
  };
  let child: EngineChild = await launchEngine(launch, onTiming);
  let count = 0;
  const portOf = (address: string) => Number(new URL(address).port);
  const ports = { httpPort: portOf(child.httpAddress), ocppPort: portOf(child.ocppAddress) };
  return {
    current: () => child,
    restarts: () => count,
    async restart() {
      say(`The engine's process ${child.pid} has ended; starting it again on the same data`);
      child = await launchEngine({ ...launch, ...ports, startMs: clock.nowMs() }, onTiming);
      count += 1;
      say(`Engine: process ${child.pid}`);
    },
  };
}

async function putPrices(httpAddress: string, apiKey: string, series: PriceSeries): Promise<void> {
  const { startMs, ...rest } = series;
  const response = await fetch(`${httpAddress}/v1/prices`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...rest, start: new Date(startMs).toISOString() }),
  });
  if (!response.ok) throw new Error(`PUT /v1/prices: HTTP ${response.status} ${await response.text()}`);
}
