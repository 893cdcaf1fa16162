import type { Worker } from 'node:worker_threads';
import { startWorker } from './worker-entry.js';

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

export interface JobOptions {
  readonly signal?: AbortSignal | undefined;
  /** After this many milliseconds the thread is ended and the job rejected; infinite for never. */
  readonly endAfterMs: number;
}

/**
 * One worker thread that takes jobs in the order asked. Started at the first job; does not keep the process alive
 * while idle. Ended and started anew when a job is aborted or takes longer than it may.
 */
export class JobThread<Job, Answer> {
  readonly #base: string;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** The module beside this one that answers `{ id, job }` with `{ id, answer }`, without extension. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Rejects when aborted, when the job takes too long, or when the thread dies of it (out of memory). */
  async run(job: Job, { signal, endAfterMs }: JobOptions): Promise<Answer> {
    signal?.throwIfAborted();
    const worker = this.#started();
    this.#lastId += 1;
    const id = this.#lastId;
    worker.ref();
    return await new Promise((resolve, reject) => {
      const abort = (): void => this.#end(id, signal?.reason);
      const watchdog = Number.isFinite(endAfterMs)
        ? setTimeout(
            () => this.#end(id, new Error('the solver thread did not keep to its time limit')),
            endAfterMs,
          )
        : undefined;
      const settle = (): void => {
        clearTimeout(watchdog);
        signal?.removeEventListener('abort', abort);
        if (this.#waiting.size === 0) this.#worker?.unref();
      };
      this.#waiting.set(id, {
        resolve: (answer) => {
          settle();
          resolve(answer);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      signal?.addEventListener('abort', abort);
      worker.postMessage({ id, job });
    });
  }

  #started(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = startWorker(this.#base, import.meta.url);
    worker.on('message', ({ id, answer }: { id: number; answer: Answer }) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      waiting?.resolve(answer);
    });
    worker.on('error', (error) => this.#fail(worker, error));
    worker.on('exit', () => this.#fail(worker, new Error('the solver thread ended')));
    this.#worker = worker;
    return worker;
  }

  /** Ends the thread because of one job; the others, which are blameless, fail with it. */
  #end(id: number, reason: unknown): void {
    const worker = this.#worker;
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (worker !== undefined) {
      this.#fail(worker, new Error('the solver thread was ended by another job'));
      worker.terminate().catch(() => undefined);
    }
    waiting?.reject(reason instanceof Error ? reason : new Error(String(reason)));
  }

  #fail(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error instanceof Error ? error : new Error(String(error)));
  }
}
