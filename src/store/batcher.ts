import { EbbflowError } from '../domain/errors.js';

export interface Batcher<Item, Result> {
  /** Resolves once the batch that holds the item is committed. */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing is waiting any more. */
  drain(): Promise<void>;
}

export interface BatcherSettings<Item, Result> {
  /** Writes all items in order in one transaction, or throws and has written none. */
  write(items: readonly Item[]): Promise<readonly Result[]>;
  /** Most items of one transaction. */
  maxItems: number;
  /** Items that may wait; beyond, the store is too slow for what comes in and says so. */
  maxWaiting: number;
}

interface Entry<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Group commit: calls that arrive while a transaction is under way share the next one. Order is kept across
 * batches, one at a time. When a batch fails for what it holds, it is halved until the faulty item stands
 * alone, so that nobody pays for another's fault.
 */
export function createBatcher<Item, Result>(settings: BatcherSettings<Item, Result>): Batcher<Item, Result> {
  const waiting: Entry<Item, Result>[] = [];
  let running: Promise<void> | undefined;

  async function work(): Promise<void> {
    // Calls of the same turn of the event loop are one batch.
    await Promise.resolve();
    while (waiting.length > 0) await writeEntries(waiting.splice(0, settings.maxItems));
    running = undefined;
  }

  async function writeEntries(entries: readonly Entry<Item, Result>[]): Promise<void> {
    let results: readonly Result[];
    try {
      results = await settings.write(entries.map((entry) => entry.item));
    } catch (error) {
      await settleFailure(entries, error);
      return;
    }
    for (const [index, entry] of entries.entries()) entry.resolve(results[index] as Result);
  }

  async function settleFailure(entries: readonly Entry<Item, Result>[], error: unknown): Promise<void> {
    if (entries.length === 1 || isFailureOfStore(error)) {
      for (const entry of entries) entry.reject(error);
      return;
    }
    const half = Math.ceil(entries.length / 2);
    await writeEntries(entries.slice(0, half));
    await writeEntries(entries.slice(half));
  }

  return {
    add(item) {
      if (waiting.length >= settings.maxWaiting) {
        return Promise.reject(
          new EbbflowError(
            'STORE_UNAVAILABLE',
            `The store is too slow: ${waiting.length} records are waiting`,
          ),
        );
      }
      return new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= work();
      });
    },
    async drain() {
      while (running !== undefined) await running;
    },
  };
}

function isFailureOfStore(error: unknown): boolean {
  return error instanceof EbbflowError && error.code === 'STORE_UNAVAILABLE';
}
