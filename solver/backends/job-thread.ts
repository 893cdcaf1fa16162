import type { Worker } from 'node:worker_threads';
import { startWorker } from './worker-entry.js';

interface Task<Job, Answer> {
  readonly job: Job;
  readonly resolve: (answer: Answer | undefined) => void;
  readonly reject: (error: Error) => void;
}

interface Thread<Job, Answer> {
  readonly worker: Worker;
  task: Task<Job, Answer> | undefined;
}

export interface JobOptions {
  readonly signal?: AbortSignal | undefined;
  /** After this many milliseconds the job is given up and its thread ended; infinite for never. */
  readonly endAfterMs: number;
  /** Asked when the time is up: true lets the job end by itself. */
  readonly waitOn?: () => boolean;
  /** Asks a job that has begun to end by itself when aborted; without it the thread is ended. */
  readonly stop?: () => void;
}

/**
 * Worker threads that take jobs in the order asked, one each at a time. Started when there is a job for them; they do
 * not keep the process alive while idle. A thread is ended when its job is aborted or takes longer than it may; no
 * other job suffers from that.
 */
export class JobThread<Job, Answer> {
  readonly #base: string;
  readonly #most: number;
  readonly #threads: Thread<Job, Answer>[] = [];
  readonly #queue: Task<Job, Answer>[] = [];

  /** The module beside this one that answers `job` with `answer`, without extension, and how many threads at most. */
  constructor(base: string, most = 1) {
    this.#base = base;
    this.#most = most;
  }

  /** Undefined when the time is up. Rejects when aborted, or when the thread dies of the job (out of memory). */
  async run(job: Job, { signal, endAfterMs, waitOn, stop }: JobOptions): Promise<Answer | undefined> {
    signal?.throwIfAborted();
    return await new Promise((resolve, reject) => {
      const abort = (): void => {
        const begun = this.#threads.some((thread) => thread.task === task);
        if (begun && stop !== undefined) stop();
        else this.#giveUp(task);
        task.reject(signal?.reason instanceof Error ? signal.reason : new Error(String(signal?.reason)));
      };
      const watchdog = Number.isFinite(endAfterMs)
        ? setTimeout(
            () => {
              if (waitOn?.() === true) return;
              this.#giveUp(task);
              task.resolve(undefined);
            },
            Math.max(0, endAfterMs),
          )
        : undefined;
      const settle = (): void => {
        clearTimeout(watchdog);
        signal?.removeEventListener('abort', abort);
      };
      const task: Task<Job, Answer> = {
        job,
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener('abort', abort);
      this.#queue.push(task);
      this.#assign();
    });
  }

  #assign(): void {
    while (this.#queue.length > 0) {
      let thread = this.#threads.find(({ task }) => task === undefined);
      if (thread === undefined && this.#threads.length < this.#most) thread = this.#start();
      if (thread === undefined) return;
      thread.task = this.#queue.shift();
      thread.worker.ref();
      thread.worker.postMessage(thread.task?.job);
    }
  }

  #start(): Thread<Job, Answer> {
    const worker = startWorker(this.#base, import.meta.url);
    const thread: Thread<Job, Answer> = { worker, task: undefined };
    worker.on('message', (answer: Answer) => {
      const { task } = thread;
      thread.task = undefined;
      worker.unref();
      task?.resolve(answer);
      this.#assign();
    });
    worker.on('error', (error) => this.#lose(thread, error));
    worker.on('exit', () => this.#lose(thread, new Error('the solver thread ended')));
    this.#threads.push(thread);
    return thread;
  }

  /** Takes a job back: out of the queue, or by ending its thread. */
  #giveUp(task: Task<Job, Answer>): void {
    const waiting = this.#queue.indexOf(task);
    if (waiting >= 0) this.#queue.splice(waiting, 1);
    const thread = this.#threads.find((candidate) => candidate.task === task);
    if (thread === undefined) return;
    thread.task = undefined;
    this.#threads.splice(this.#threads.indexOf(thread), 1);
    void thread.worker.terminate();
    this.#assign();
  }

  /** A thread that died by itself takes its job with it. */
  #lose(thread: Thread<Job, Answer>, error: unknown): void {
    const at = this.#threads.indexOf(thread);
    if (at < 0) return;
    this.#threads.splice(at, 1);
    thread.task?.reject(error instanceof Error ? error : new Error(String(error)));
    this.#assign();
  }
}
