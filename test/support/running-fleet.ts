import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { generatedPriceDay } from '../../src/cli/demo/price-day.js';
import { createSteppedClock, type SteppedClock } from '../../src/clock/stepped-clock.js';
import type { Config } from '../../src/config.js';
import { type RunningNode, type StartOptions, start } from '../../src/main.js';
import { createSimulatedFleet, type SimulatedFleet } from '../../src/simulator/fleet.js';
import type { StationPlan } from '../../src/simulator/session-plan.js';

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** A whole node with simulated stations in one process, over real sockets, on one stepped clock. */
export interface RunningFleet {
  readonly clock: SteppedClock;
  readonly node: RunningNode;
  readonly fleet: SimulatedFleet;
  /** Moves time on, both sides finishing what they have in hand at each instant. */
  runUntil(untilMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface FleetSetup {
  readonly stations: (startMs: number) => readonly StationPlan[];
  readonly config?: Partial<Config>;
  readonly settings?: StartOptions['settings'];
}

/** A node on free ports of this machine that takes any station; `dataDir` is the caller's. */
export const NODE_SETTINGS: Omit<Config, 'dataDir'> = {
  httpPort: 0,
  ocppPort: 0,
  host: '127.0.0.1',
  roles: ['gateway', 'planner', 'api'],
  stationAuth: 'open',
  planIntervalS: 300,
  clockSpeed: 1,
  priceKind: 'day-ahead',
  dispatchNoticeS: 0,
  meterIntervalS: 300,
  meterDecides: true,
  deadManS: 900,
  wearPerKwh: 0.03,
  logLevel: 'silent',
};

/** Time begins late in a March morning with a day of generated prices. */
export async function startFleet(setup: FleetSetup): Promise<RunningFleet> {
  const day = generatedPriceDay(24, 1);
  const clock = createSteppedClock(day.startMs);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-fleet-'));
  const config: Config = { ...NODE_SETTINGS, dataDir: path.join(folder, 'data'), ...setup.config };
  const node = await start(config, { clock, logger: SILENT, settings: setup.settings ?? {} });
  await node.useCases.putPrices(day.series);
  const fleet = createSimulatedFleet({
    url: node.ocppAddress,
    stations: setup.stations(day.startMs),
    clock,
    seed: 1,
  });
  await fleet.start();

  async function settle(): Promise<void> {
    let before = -1;
    while (before !== clock.holdsTaken() || !clock.isFree()) {
      before = clock.holdsTaken();
      await clock.whenFree();
      for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    }
  }

  return {
    clock,
    node,
    fleet,
    async runUntil(untilMs) {
      await settle();
      while (clock.nowMs() < untilMs) {
        clock.advanceTo(Math.min(untilMs, clock.nextDueMs() ?? untilMs));
        await settle();
      }
    },
    async stop() {
      await fleet.stop();
      await node.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
