import { seededRandom } from '../../../src/simulator/seeded-random.js';
import { type ClusterShape, EngineCluster } from './engine-cluster.js';
import { createFaultFleet, type FaultFleet } from './fault-fleet.js';
import { type FaultKind, type PlannedFault, planFaults, planSilence } from './fault-plan.js';
import type { FaultServers } from './fault-servers.js';
import {
  checkBooks,
  checkExpiry,
  checkOrder,
  type Direction,
  notConverged,
  type Violation,
} from './invariants.js';
import { strike } from './strike.js';

/** The shortest dead-man time that can be set, and the slowest plan that goes with it. */
const DEAD_MAN_S = 60;
const PLAN_INTERVAL_S = 20;
/** Two plan intervals: within so much after the last fault all must have converged. */
const CONVERGENCE_MS = 2 * PLAN_INTERVAL_S * 1000;
const START_LIMIT_MS = 60_000;
/** New prices come so often while faults hold, so that there is always something to be dispatched. */
const PRICE_TURN_MS = 2_500;
/** One run in so many is a long silence while cars export. */
const SILENCE_EVERY = 25;
const POLL_MS = 100;
const SLOT_MINUTES = 15;

export interface FaultRun {
  readonly seed: number;
  readonly shape: ClusterShape;
  readonly faults: readonly { readonly kind: FaultKind; readonly hit: string; readonly atMs: number }[];
  readonly violations: readonly Violation[];
  /** From the end of the last fault (a killed node serves again) until all held the newest plan. */
  readonly convergedMs: number | null;
  readonly eventsAcknowledged: number;
  readonly profilesAccepted: number;
  readonly wallMs: number;
  /** Of every node, when there was a violation. */
  readonly logs?: string;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One seeded run: a fleet at work, faults, the time to recover, the invariants. */
export async function runFaults(
  seed: number,
  servers: FaultServers,
  options: {
    readonly faults?: readonly PlannedFault[];
    readonly shape?: ClusterShape;
  } = {},
): Promise<FaultRun> {
  const beganMs = performance.now();
  const random = seededRandom(seed);
  const isSilence = seed % SILENCE_EVERY === 0;
  const shape = options.shape ?? (random() < 0.75 || isSilence ? 'split' : 'single');
  const faults = options.faults ?? (isSilence ? planSilence(DEAD_MAN_S * 1000) : planFaults(random));
  await servers.flushRedis();
  const cluster = await EngineCluster.open(
    servers,
    shape,
    {
      EBBFLOW_PLAN_INTERVAL_S: String(PLAN_INTERVAL_S),
      EBBFLOW_DEAD_MAN_S: String(DEAD_MAN_S),
      EBBFLOW_METER_INTERVAL_S: '1',
    },
    seededRandom(seed + 1),
  );
  const fleet = createFaultFleet(cluster.stationsUrl, seed);
  const violations: Violation[] = [];
  let hits: FaultRun['faults'] = [];
  let convergedMs: number | null = null;
  try {
    await beginWork(cluster, fleet);
    hits = await strikeAll(faults, cluster, servers, fleet, isSilence);
    const overMs = performance.now();
    const direction: Direction = random() < 0.5 ? 'charge' : 'export';
    const stuck = await converged(cluster, fleet, direction, overMs);
    if (stuck.length === 0) convergedMs = Math.round(performance.now() - overMs);
    else violations.push({ invariant: 'convergence', text: stuck.join('; ') });
  } catch (error) {
    violations.push({
      invariant: 'process',
      text: error instanceof Error ? error.message : String(error),
    });
  }
  await fleet.stop();
  violations.push(
    ...checkOrder(fleet.log.told()),
    ...checkExpiry(fleet.log.told(), fleet.log.sessions(), DEAD_MAN_S * 1000),
    ...(await checkBooks(cluster, fleet)),
  );
  await cluster.close();
  for (const node of cluster.nodes)
    violations.push(...node.faults.map((text): Violation => ({ invariant: 'process', text })));
  return {
    seed,
    shape,
    faults: hits,
    violations,
    convergedMs,
    eventsAcknowledged: [...fleet.acknowledged.values()].reduce((sum, { size }) => sum + size, 0),
    profilesAccepted: fleet.stats.profilesAccepted,
    wallMs: Math.round(performance.now() - beganMs),
    ...(violations.length > 0 ? { logs: cluster.logs() } : {}),
  };
}

/** Every station is connected and every car that has come holds a profile. */
async function beginWork(cluster: EngineCluster, fleet: FaultFleet): Promise<void> {
  const untilMs = performance.now() + START_LIMIT_MS;
  while (!(await putPrices(cluster, 'export'))) {
    if (performance.now() > untilMs) throw new Error(`no node took the first prices\n${cluster.logs()}`);
    await pause(POLL_MS);
  }
  await fleet.start();
  while (new Set(fleet.log.told().map(({ evseId }) => evseId)).size < fleet.stationIds.length) {
    if (performance.now() > untilMs) throw new Error(`stations got no profile\n${cluster.logs()}`);
    await pause(POLL_MS);
  }
}

/** Resolves when the last fault is over. */
async function strikeAll(
  faults: readonly PlannedFault[],
  cluster: EngineCluster,
  servers: FaultServers,
  fleet: FaultFleet,
  isSilence: boolean,
): Promise<FaultRun['faults']> {
  const beganMs = performance.now();
  let isOver = false;
  const turnPrices = async () => {
    for (let turn = 0; !isOver; turn += 1) {
      await pause(PRICE_TURN_MS);
      if (!isOver && !isSilence) await putPrices(cluster, turn % 2 === 0 ? 'charge' : 'export');
    }
  };
  const turning = turnPrices();
  const hits = await Promise.all(
    faults.map(async (fault) => {
      await pause(Math.max(0, fault.atMs - (performance.now() - beganMs)));
      const hit = await strike(fault, cluster, servers, fleet.stationIds);
      return { kind: fault.kind, hit, atMs: fault.atMs };
    }),
  );
  isOver = true;
  await turning;
  return hits;
}

/** Waits until the fleet does what the newest plan says, at most the time it has; what was missing at its end. */
async function converged(
  cluster: EngineCluster,
  fleet: FaultFleet,
  direction: Direction,
  overMs: number,
): Promise<string[]> {
  let missing = ['the prices were not taken'];
  let pricesMs: number | undefined;
  while (performance.now() - overMs < CONVERGENCE_MS) {
    // The opposite before it, so that every profile has to change.
    if (pricesMs === undefined) {
      const askedMs = Date.now();
      if (await putPrices(cluster, direction)) pricesMs = askedMs;
    } else {
      missing = await notConverged(cluster, fleet, direction, pricesMs);
      if (missing.length === 0) return [];
    }
    await pause(POLL_MS);
  }
  return missing;
}

/** Prices by which every car charges now, or exports now: this quarter-hour is the cheapest, or the dearest. */
async function putPrices(cluster: EngineCluster, direction: Direction): Promise<boolean> {
  const slotMs = SLOT_MINUTES * 60_000;
  const importPerKwh = Array.from({ length: 24 }, (_, slot) =>
    direction === 'charge' ? 0.05 + 0.04 * slot : Math.max(0.05, 0.9 - 0.1 * slot),
  );
  const answer = await cluster.ask('PUT', '/v1/prices', {
    zone: 'DE-LU',
    currency: 'EUR',
    start: new Date(Math.floor(Date.now() / slotMs) * slotMs).toISOString(),
    slotMinutes: SLOT_MINUTES,
    importPerKwh,
    exportPerKwh: importPerKwh.map((price) => price - 0.01),
  });
  return answer !== undefined;
}
