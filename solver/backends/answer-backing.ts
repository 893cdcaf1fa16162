import { type Backing, type BackingRequest, backReserves } from '../interior/back-reserves.js';
import { BEGUN, STOP } from './answer-coordination.js';
import { monotonicMs } from './monotonic-clock.js';

/** A search for a plan with reserves in a form that crosses threads. */
export interface BackingJob extends Omit<BackingRequest, 'now' | 'stopped' | 'timeLimitMs'> {
  /** On the clock of `monotonicMs`; infinite for none. */
  readonly deadlineMs: number;
  /** Shared, entries STOP and BEGUN as in a coordination job. */
  readonly signals: Int32Array;
}

/** Runs the search on the calling thread. */
export function answerBacking(job: BackingJob): Backing {
  Atomics.store(job.signals, BEGUN, 1);
  return backReserves({
    ...job,
    timeLimitMs: job.deadlineMs - monotonicMs(),
    now: monotonicMs,
    stopped: () => Atomics.load(job.signals, STOP) !== 0,
  });
}
