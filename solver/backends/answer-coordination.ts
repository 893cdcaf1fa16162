import { calmPlan } from '../coordination/calm-plan.js';
import { type Coordination, type CoordinationRequest, coordinate } from '../coordination/coordinate.js';
import { hasBurningSlots, respondExactly } from '../coordination/respond-exactly.js';
import { monotonicMs } from './monotonic-clock.js';
import { closingMs } from './time-estimates.js';

/** A coordination request in a form that crosses threads. */
export interface CoordinationJob extends Omit<CoordinationRequest, 'now' | 'stopped' | 'timeLimitMs'> {
  /** On the clock of `monotonicMs`; infinite for none. */
  readonly deadlineMs: number;
  /** Shared; anything but zero in its first entry ends the search, and its second says that the search has begun. */
  readonly signals: Int32Array;
}

/** Entries of `signals`. */
export const STOP = 0;
export const BEGUN = 1;

/** Of the time, where slots are not convex; the rest is for the vehicles' exact answers. */
const SEARCH_SHARE = 0.6;

/** Runs the search on the calling thread. */
export function answerCoordination(job: CoordinationJob): Coordination {
  Atomics.store(job.signals, BEGUN, 1);
  const { model, rows, gap } = job;
  const burning = hasBurningSlots(model);
  const stopped = (): boolean => Atomics.load(job.signals, STOP) !== 0;
  const found = coordinate({
    ...job,
    timeLimitMs: (job.deadlineMs - monotonicMs()) * (burning ? SEARCH_SHARE : 1),
    now: monotonicMs,
    stopped,
  });
  const untilMs = job.deadlineMs - closingMs(model);
  const outOfTime = (): boolean => stopped() || monotonicMs() >= untilMs;
  const { change, objective, prices } = found;
  const gapLeft = (objective - found.lowerBound) / Math.max(1, Math.abs(objective));
  const exactly = burning && gapLeft > gap;
  if (exactly) respondExactly(model, rows, prices, change, outOfTime);
  // Plans nearer to the previous one must not cost the gap asked for where it was reached.
  const spare = (gap - gapLeft) * Math.max(1, Math.abs(objective));
  const mostCost = spare >= 0 ? spare : undefined;
  const cost = exactly ? undefined : objective;
  const calm = calmPlan({ model, rows, change, cost, previous: job.startChange, mostCost, outOfTime });
  return { ...found, change: calm };
}
