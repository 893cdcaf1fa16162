import { type Coordination, type CoordinationRequest, coordinate } from '../coordination/coordinate.js';

/** A coordination request in a form that crosses threads. */
export interface CoordinationJob extends Omit<CoordinationRequest, 'now' | 'stopped'> {
  /** Shared; anything but zero in its first entry ends the search. */
  readonly stop: Int32Array;
}

/** Runs the search on the calling thread. */
export function answerCoordination(job: CoordinationJob): Coordination {
  return coordinate({
    ...job,
    now: () => performance.now(),
    stopped: () => Atomics.load(job.stop, 0) !== 0,
  });
}
