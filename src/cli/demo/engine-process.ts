import { createSteppedClock, type SteppedClock } from '../../clock/stepped-clock.js';
import type { Config } from '../../config.js';
import { createLogger, type RunningNode, start } from '../../main.js';
import type { TimingName } from '../../ports/metrics.js';
import type { EngineLaunch, FromEngine, ToEngine } from './engine-messages.js';

/**
 * The engine as the demo's child process: the real node with real sockets, on a clock that the demo steps.
 * Being a process of its own, it can be killed at any moment; the demo starts it again on the same data.
 */
const timings: { name: TimingName; seconds: number }[] = [];
let clock: SteppedClock | undefined;
let node: RunningNode | undefined;

const tell = (message: FromEngine): void => {
  process.send?.(message);
};

async function launch(settings: EngineLaunch): Promise<void> {
  clock = createSteppedClock(settings.startMs);
  const config: Config = {
    httpPort: settings.httpPort,
    ocppPort: settings.ocppPort,
    host: '127.0.0.1',
    dataDir: settings.dataDir,
    roles: ['gateway', 'planner', 'api'],
    stationAuth: 'open',
    adminKey: settings.adminKey,
    planIntervalS: 300,
    clockSpeed: 1,
    priceKind: 'day-ahead',
    dispatchNoticeS: 0,
    meterIntervalS: settings.meterIntervalS,
    meterDecides: true,
    deadManS: 900,
    wearPerKwh: 0.03,
    logLevel: 'warn',
    ...(settings.redisUrl === undefined ? {} : { redisUrl: settings.redisUrl }),
    ...(settings.databaseUrl === undefined ? {} : { databaseUrl: settings.databaseUrl }),
  };
  node = await start(config, {
    clock,
    logger: createLogger(config.logLevel),
    onTiming: (name, seconds) => timings.push({ name, seconds }),
  });
  tell({ kind: 'ready', httpAddress: node.httpAddress, ocppAddress: node.ocppAddress });
}

async function settle(toMs: number): Promise<void> {
  if (clock === undefined) return;
  clock.advanceTo(toMs);
  // Work that a timer began takes its hold in the same turn or the next.
  do {
    await clock.whenFree();
    await new Promise(setImmediate);
  } while (!clock.isFree());
  if (timings.length > 0) tell({ kind: 'timings', timings: timings.splice(0) });
  tell({ kind: 'settled', nextDueMs: clock.nextDueMs() ?? null, holdsTaken: clock.holdsTaken() });
}

async function handle(message: ToEngine): Promise<void> {
  switch (message.kind) {
    case 'start':
      return launch(message.settings);
    case 'show-time':
      clock?.showTime(message.toMs);
      return tell({ kind: 'shown' });
    case 'advance':
      return settle(message.toMs);
    case 'stop':
      await node?.stop();
      tell({ kind: 'stopped' });
      process.disconnect?.();
  }
}

process.on('message', (message: ToEngine) => {
  handle(message).catch((error: unknown) => {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  });
});
// The terminal's Ctrl-C goes to the whole group; the demo decides when the engine stops.
process.on('SIGINT', () => {});
process.on('disconnect', () => {
  const end = () => process.exit(0);
  (node?.stop() ?? Promise.resolve()).then(end, end);
});
tell({ kind: 'listening' });
