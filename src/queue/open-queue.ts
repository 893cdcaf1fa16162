import { type Job, type PgPool, UnrecoverableError } from 'bullmq';
import { assert } from '../domain/assert.js';
import { EbbflowError } from '../domain/errors.js';
import type { EvseId } from '../domain/ids.js';
import type { DispatchQueue, FailedDelivery, Urgency } from '../ports/dispatch-queue.js';
import type { Logger } from '../ports/logger.js';
import { createDeadLetterTrim, type DeadLetterTrim } from './dead-letters.js';
import { Deliveries } from './deliveries.js';
import { readFailureText } from './failure-text.js';
import {
  DEAD_LETTERS_KEPT,
  type DispatchJob,
  FIRST_PAUSE_MS,
  jobOptions,
  MAX_FAILED_LISTED,
  MAX_JOBS_PER_ADD,
  priorityOf,
  QUEUE_NAME,
  STALLED_AFTER_MS,
  workerSettings,
} from './job-policy.js';
import { createOutageLog } from './outage-log.js';
import { createStoreBackend } from './postgres-backend.js';
import type { JobWorker, QueueBackend, QueuedJob } from './queue-backend.js';
import { createRedisBackend } from './redis-backend.js';

/** BullMQ waits for ever for the end of a connection that is just reconnecting; we do not. */
const CLOSE_LIMIT_MS = 3_000;

export interface QueueSettings {
  /** Absent: the queue lives in the store. */
  readonly redisUrl?: string;
  /** The store's pool; close the queue before it. */
  readonly pool: PgPool;
  /** Deliveries at once on this node. */
  readonly concurrency: number;
  /** How long a delivery counts as taken after its process died, default 15 s. */
  readonly stalledAfterMs?: number;
  /** Failed deliveries that are kept, default 5,000. */
  readonly deadLettersKept?: number;
  /** Pause after the first failure of a delivery; each further one doubles it. Default 0.25 s. */
  readonly firstPauseMs?: number;
  readonly logger: Logger;
}

/**
 * Opens the dispatch queue on Redis or in the store.
 * @throws EbbflowError STORE_UNAVAILABLE when the backend does not answer
 */
export async function openQueue(settings: QueueSettings): Promise<DispatchQueue> {
  const { redisUrl, pool, logger } = settings;
  const backend = await answering(() =>
    redisUrl === undefined ? createStoreBackend(pool, logger) : createRedisBackend(redisUrl, logger),
  );
  return new BullDispatchQueue(backend, settings);
}

/** Open → started (consumes) → closed (active deliveries are waited for). */
class BullDispatchQueue implements DispatchQueue {
  readonly #backend: QueueBackend;
  readonly #workerSettings: ReturnType<typeof workerSettings>;
  readonly #firstPauseMs: number;
  readonly #logger: Logger;
  readonly #deadLetters: DeadLetterTrim;
  readonly #deliveries = new Deliveries();
  /** Of the hints of this node that wait. */
  readonly #waitingPriority = new Map<EvseId, number>();
  #worker: JobWorker | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    backend: QueueBackend,
    { concurrency, stalledAfterMs, deadLettersKept, firstPauseMs, logger }: QueueSettings,
  ) {
    this.#backend = backend;
    this.#workerSettings = workerSettings(concurrency, stalledAfterMs ?? STALLED_AFTER_MS);
    this.#firstPauseMs = firstPauseMs ?? FIRST_PAUSE_MS;
    this.#logger = logger;
    this.#deadLetters = createDeadLetterTrim(backend.jobs, deadLettersKept ?? DEAD_LETTERS_KEPT, (error) =>
      logger.warn({ error: error.message }, 'dead letters cannot be trimmed'),
    );
  }

  async announce(evseIds: readonly EvseId[], urgency: Urgency = 'plan'): Promise<void> {
    this.#refuseWhenClosing();
    const jobs = [...new Set(evseIds)].map((evseId) => ({
      name: QUEUE_NAME,
      data: { evseId },
      opts: jobOptions(evseId, this.#firstPauseMs, urgency),
    }));
    for (let first = 0; first < jobs.length; first += MAX_JOBS_PER_ADD) {
      const some = jobs.slice(first, first + MAX_JOBS_PER_ADD);
      const queued = await answering(() => this.#backend.jobs.addBulk(some));
      await this.#moveUp(queued, urgency);
    }
  }

  /** Hints of lower urgency that wait already are moved; one that was taken in between needs nothing. */
  async #moveUp(queued: readonly QueuedJob[], urgency: Urgency): Promise<void> {
    const priority = priorityOf(urgency);
    const late = queued.filter(({ data }) => (this.#waitingPriority.get(data.evseId) ?? 0) > priority);
    for (const { data } of queued) {
      const known = this.#waitingPriority.get(data.evseId) ?? priority;
      this.#waitingPriority.set(data.evseId, Math.min(known, priority));
    }
    const moved = await Promise.allSettled(late.map((job) => job.changePriority({ priority })));
    const failed = moved.filter((outcome) => outcome.status === 'rejected');
    if (failed.length > 0)
      this.#logger.debug({ hints: failed.length }, 'hints were taken before they moved up');
  }

  async start(deliver: (evseId: EvseId) => Promise<void>): Promise<void> {
    this.#refuseWhenClosing();
    assert(this.#worker === undefined, 'a queue is started once');
    const take = (evseId: EvseId): Promise<void> => {
      this.#waitingPriority.delete(evseId);
      return deliver(evseId);
    };
    const worker = this.#backend.createWorker(this.#deliveries.processor(take), this.#workerSettings);
    this.#worker = worker;
    const outage = createOutageLog('The backend of the dispatch workers', this.#logger);
    worker.on('error', outage.failed);
    worker.on('failed', (job, error) => this.#logFailure(job, error));
    await answering(() => worker.waitUntilReady());
    await answering(() => this.#deadLetters.trim());
  }

  async counts(): Promise<{ waiting: number; active: number; delayed: number; failed: number }> {
    const counts = await answering(() =>
      this.#backend.jobs.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'),
    );
    return {
      waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
      active: counts.active ?? 0,
      delayed: counts.delayed ?? 0,
      failed: counts.failed ?? 0,
    };
  }

  async failed(): Promise<FailedDelivery[]> {
    const newest = new Map<EvseId, FailedDelivery>();
    for (const job of await answering(() => this.#backend.jobs.getFailed(0, MAX_FAILED_LISTED - 1))) {
      const givenUpAtMs = job.finishedOn ?? job.timestamp;
      const { evseId } = job.data;
      if (givenUpAtMs <= (newest.get(evseId)?.givenUpAtMs ?? 0)) continue;
      newest.set(evseId, {
        evseId,
        ...readFailureText(job.failedReason),
        attempts: job.attemptsMade,
        announcedAtMs: job.timestamp,
        givenUpAtMs,
      });
    }
    return [...newest.values()].sort((one, other) => other.givenUpAtMs - one.givenUpAtMs);
  }

  async forgetFailed(evseIds: readonly EvseId[]): Promise<void> {
    const forgotten = new Set(evseIds);
    const jobs = await answering(() => this.#backend.jobs.getFailed(0, -1));
    const removed = jobs.filter(({ data }) => forgotten.has(data.evseId)).map((job) => job.remove());
    await answering(() => Promise.all(removed));
  }

  async ping(): Promise<void> {
    await answering(() => this.#backend.ping());
    if (await answering(() => this.#backend.jobs.isPaused())) {
      throw new EbbflowError('STORE_UNAVAILABLE', 'The dispatch queue is paused');
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const worker = this.#worker;
    if (worker !== undefined) {
      const closed = worker.close();
      await this.#deliveries.finished();
      if (!(await endsWithin(closed, CLOSE_LIMIT_MS))) {
        this.#logger.warn({}, 'the workers did not get through to their backend and are cut off');
      }
    }
    await endsWithin(this.#deadLetters.settled(), CLOSE_LIMIT_MS);
    await endsWithin(this.#backend.jobs.close(), CLOSE_LIMIT_MS);
    await this.#backend.close();
  }

  #refuseWhenClosing(): void {
    if (this.#closing !== undefined) throw new EbbflowError('SHUTTING_DOWN', 'The dispatch queue is closed');
  }

  #logFailure(job: Job<DispatchJob> | undefined, error: Error): void {
    const attempts = job?.opts.attempts ?? 1;
    const fields = { evseId: job?.data.evseId, attemptsMade: job?.attemptsMade, error: error.message };
    const isLast = error instanceof UnrecoverableError || (job?.attemptsMade ?? attempts) >= attempts;
    if (!isLast) {
      this.#logger.debug(fields, 'delivery failed, will be tried again');
      return;
    }
    this.#logger.error(fields, 'delivery given up, kept with the dead letters');
    this.#deadLetters.added();
  }
}

/** Whether a promise settles in time. */
function endsWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => resolve(false), limitMs);
    const end = (): void => {
      clearTimeout(limit);
      resolve(true);
    };
    promise.then(end, end);
  });
}

async function answering<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof EbbflowError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new EbbflowError('STORE_UNAVAILABLE', `The queue does not answer: ${what}`, { cause: error });
  }
}
