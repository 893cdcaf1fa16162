import type { Job, JobsOptions, Processor } from 'bullmq';
import type { DispatchJob, workerSettings } from './job-policy.js';

/** BullMQ on one of its two databases, reduced to what we use. */
export interface QueueBackend {
  readonly jobs: JobQueue;
  createWorker(process: Processor<DispatchJob>, settings: ReturnType<typeof workerSettings>): JobWorker;
  ping(): Promise<void>;
  /** Ends the connections; after `jobs` and the workers were closed. */
  close(): Promise<void>;
}

/** A job, reduced likewise. */
export interface QueuedJob {
  readonly data: DispatchJob;
  changePriority(change: { priority: number }): Promise<void>;
}

/** A job that was given up. */
export interface FailedJob {
  readonly data: DispatchJob;
  readonly failedReason: string;
  readonly attemptsMade: number;
  readonly timestamp: number;
  readonly finishedOn?: number;
  remove(): Promise<void>;
}

export interface JobQueue {
  /** In the order given; for a hint that was waiting already, its job. */
  addBulk(jobs: { name: string; data: DispatchJob; opts: JobsOptions }[]): Promise<QueuedJob[]>;
  getJobCounts(
    ...states: ('waiting' | 'prioritized' | 'active' | 'delayed' | 'failed')[]
  ): Promise<Record<string, number>>;
  /** Removes up to `limit` (0 = all) finished jobs that are older than `graceMs`, the oldest first. */
  clean(graceMs: number, limit: number, state: 'failed'): Promise<unknown>;
  /** Newest first. */
  getFailed(first: number, last: number): Promise<FailedJob[]>;
  isPaused(): Promise<boolean>;
  close(): Promise<void>;
}

export interface JobWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(
    event: 'failed',
    listener: (job: Job<DispatchJob> | undefined, error: Error, previous: string) => void,
  ): unknown;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}
