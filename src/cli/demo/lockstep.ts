import { setTimeout as wait } from 'node:timers/promises';
import type { SteppedClock } from '../../clock/stepped-clock.js';
import { type EngineChild, EngineGone } from './engine-child.js';

/** How long, real time, one instant may take before time goes on without whoever still works. */
const STUCK_MS = 45_000;

export interface LockstepOptions {
  /** The simulated stations' clock; the engine's is moved with it. */
  readonly stations: SteppedClock;
  readonly engine: () => EngineChild;
  /** The engine's process ended: start it again; time stands still meanwhile. */
  readonly restartEngine: () => Promise<void>;
  /** Simulated seconds per real second, at most. */
  readonly speed: number;
  readonly onProgress: (nowMs: number) => void;
  readonly onStuck: (nowMs: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Moves the stations' and the engine's clock together from timer to timer until `endMs`. Before each step
 * both have finished what they had in hand, so the run is as fast as the engine can work and no faster
 * than `speed`.
 */
export async function runLockstep(endMs: number, options: LockstepOptions): Promise<void> {
  const { stations, signal } = options;
  const pace = startPace(stations.nowMs(), options.speed);
  let engineDueMs: number | undefined = stations.nowMs();
  let isLast = false;
  while (!signal.aborted && !isLast) {
    const nextMs = Math.min(endMs, stations.nextDueMs() ?? endMs, engineDueMs ?? endMs);
    isLast = nextMs >= endMs;
    await pace(nextMs, signal);
    try {
      // Both show the new time before either acts on it: no message comes from the other's past or future.
      await options.engine().showTime(nextMs);
      stations.advanceTo(nextMs);
      engineDueMs = await settle(nextMs, options);
    } catch (error) {
      if (!(error instanceof EngineGone)) throw error;
      await options.restartEngine();
      engineDueMs = nextMs;
      isLast = false;
    }
    options.onProgress(nextMs);
  }
}

/** Lets both sides finish, as long as either gave the other something to do. Returns the engine's next timer. */
async function settle(nowMs: number, options: LockstepOptions): Promise<number | undefined> {
  const { stations } = options;
  const limitMs = performance.now() + STUCK_MS;
  let before = '';
  for (;;) {
    if (!stations.isFree()) await freeOrStuck(stations);
    const { nextDueMs, holdsTaken } = await options.engine().advance(nowMs);
    const now = `${holdsTaken}/${stations.holdsTaken()}`;
    if (stations.isFree() && now === before) return nextDueMs;
    before = now;
    if (performance.now() > limitMs) {
      options.onStuck(nowMs);
      return nextDueMs;
    }
  }
}

async function freeOrStuck(clock: SteppedClock): Promise<void> {
  const given = new AbortController();
  const stuck = wait(STUCK_MS, undefined, { signal: given.signal }).catch(() => undefined);
  await Promise.race([clock.whenFree(), stuck]);
  given.abort();
}

/** Waits until real time has caught up with simulated time at the highest speed. */
function startPace(startMs: number, speed: number): (nowMs: number, signal: AbortSignal) => Promise<void> {
  const realStartMs = performance.now();
  return async (nowMs, signal) => {
    const aheadMs = (nowMs - startMs) / speed - (performance.now() - realStartMs);
    if (aheadMs > 1) await wait(aheadMs, undefined, { signal }).catch(() => undefined);
  };
}
