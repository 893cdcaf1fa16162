import type { JobsOptions } from 'bullmq';
import type { EvseId } from '../domain/ids.js';
import { URGENCIES, type Urgency } from '../ports/dispatch-queue.js';

/** Our jobs' name, and the only thing that they carry. */
export const QUEUE_NAME = 'dispatch';
export interface DispatchJob {
  readonly evseId: EvseId;
}

/** Hints that one statement to the backend carries. */
export const MAX_JOBS_PER_ADD = 1_000;

/** Eight attempts with doubling pauses: 0.25 s, 0.5 s … 16 s, together half a minute. */
const ATTEMPTS = 8;
export const FIRST_PAUSE_MS = 250;
/** Share of each pause that is random: stations that failed together do not come back together. */
const PAUSE_JITTER = 0.5;

/** Dead letters that are kept unless the caller says otherwise. */
export const DEAD_LETTERS_KEPT = 5_000;

/** Given-up deliveries that are read at once, the newest. */
export const MAX_FAILED_LISTED = 1_000;

/** Events that the backend keeps for listeners; nobody of ours listens. */
export const MAX_EVENTS_KEPT = 1_000;

/** Of a worker that died: how long its jobs count as taken unless the caller says otherwise. */
export const STALLED_AFTER_MS = 15_000;

/** How a worker takes jobs, keeps them and gets those of a dead worker back. */
export function workerSettings(concurrency: number, stalledAfterMs: number) {
  return {
    concurrency,
    lockDuration: stalledAfterMs,
    stalledInterval: stalledAfterMs / 3,
    /** A job is given up when it was in the hands of as many dying workers. */
    maxStalledCount: 5,
    /** Pause after the backend failed. */
    runRetryDelay: 1_000,
  };
}

/** BullMQ's: 1 runs first. */
export function priorityOf(urgency: Urgency): number {
  return URGENCIES.indexOf(urgency) + 1;
}

/**
 * One job per EVSE. While it waits, further hints add nothing: whoever takes it reads the newest profile.
 * While it runs, one more job follows it. While it pauses after a failure, a new hint ends the pause.
 */
export function jobOptions(evseId: EvseId, firstPauseMs: number, urgency: Urgency): JobsOptions {
  return {
    priority: priorityOf(urgency),
    deduplication: { id: evseId, keepLastIfActive: true, reschedule: true },
    attempts: ATTEMPTS,
    backoff: { type: 'exponential', delay: firstPauseMs, jitter: PAUSE_JITTER },
    removeOnComplete: true,
    // Bounded by dead-letters.ts.
    removeOnFail: false,
  };
}
