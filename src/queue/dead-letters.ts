import type { JobQueue } from './queue-backend.js';

/** Failed deliveries are kept for a week, to be read and replayed. */
const MAX_AGE_MS = 7 * 24 * 3_600_000;

export interface DeadLetterTrim {
  /** One more delivery has failed for good. */
  added(): void;
  /** Removes what is too old or too many, the oldest first. */
  trim(): Promise<void>;
  /** Resolves when no removal is under way. */
  settled(): Promise<void>;
}

/**
 * Bounds the dead letters to `kept` and a fiftieth more. BullMQ's own bound (`removeOnFail: { count }`)
 * deletes with every failure, and workers that do it at once deadlock on PostgreSQL.
 */
export function createDeadLetterTrim(
  jobs: JobQueue,
  kept: number,
  onError: (error: Error) => void,
): DeadLetterTrim {
  const trimEvery = Math.max(1, Math.floor(kept / 50));
  let sinceTrim = 0;
  let running: Promise<void> = Promise.resolve();

  async function trim(): Promise<void> {
    await jobs.clean(MAX_AGE_MS, 0, 'failed');
    const { failed = 0 } = await jobs.getJobCounts('failed');
    if (failed > kept) await jobs.clean(0, failed - kept, 'failed');
  }

  return {
    added() {
      sinceTrim += 1;
      if (sinceTrim < trimEvery) return;
      sinceTrim = 0;
      running = running.then(trim).catch(onError);
    },
    trim,
    settled: () => running,
  };
}
