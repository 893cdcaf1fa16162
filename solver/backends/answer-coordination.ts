import { type Coordination, type CoordinationRequest, coordinate } from '../coordination/coordinate.js';
import { monotonicMs } from './monotonic-clock.js';

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

/** Runs the search on the calling thread. */
export function answerCoordination(job: CoordinationJob): Coordination {
  Atomics.store(job.signals, BEGUN, 1);
  return coordinate({
    ...job,
    timeLimitMs: job.deadlineMs - monotonicMs(),
    now: monotonicMs,
    stopped: () => Atomics.load(job.signals, STOP) !== 0,
  });
}
