import { EbbflowError } from '../../../src/domain/errors.js';
import type { EvseId } from '../../../src/domain/ids.js';
import type { Clock } from '../../../src/ports/clock.js';
import type { DispatchQueue } from '../../../src/ports/dispatch-queue.js';

const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 250;

/**
 * The queue port without a database: a hint that waits is not doubled, one that comes while its EVSE is
 * being served runs once more afterwards, retryable failures come again after a growing pause.
 */
export interface SynchronousQueue extends DispatchQueue {
  /** What the engine gave to `start`; a test may call it as a late or doubled job would. */
  deliver(evseId: EvseId): Promise<void>;
  readonly deadLetters: { readonly evseId: EvseId; readonly error: unknown; readonly atMs: number }[];
  /** While paused, hints wait. */
  isPaused: boolean;
  resume(): void;
}

export function createSynchronousQueue(clock: Clock): SynchronousQueue {
  const waiting = new Set<EvseId>();
  const active = new Set<EvseId>();
  const delayed = new Map<EvseId, () => void>();
  const deadLetters: SynchronousQueue['deadLetters'] = [];
  let consumer: ((evseId: EvseId) => Promise<void>) | undefined;

  async function work(evseId: EvseId, attempt: number): Promise<void> {
    active.add(evseId);
    try {
      await consumer?.(evseId);
    } catch (error) {
      if (error instanceof EbbflowError && error.retryable && attempt < ATTEMPTS) {
        const cancel = clock.after(FIRST_PAUSE_MS * 2 ** (attempt - 1), () => {
          delayed.delete(evseId);
          if (!active.has(evseId)) void work(evseId, attempt + 1);
        });
        delayed.set(evseId, cancel);
      } else deadLetters.push({ evseId, error, atMs: clock.nowMs() });
    } finally {
      active.delete(evseId);
      pump();
    }
  }

  function pump(): void {
    if (consumer === undefined || queue.isPaused) return;
    for (const evseId of waiting) {
      if (active.has(evseId)) continue;
      waiting.delete(evseId);
      delayed.get(evseId)?.();
      delayed.delete(evseId);
      void work(evseId, 1);
    }
  }

  const queue: SynchronousQueue = {
    deadLetters,
    isPaused: false,
    resume() {
      queue.isPaused = false;
      pump();
    },
    async deliver(evseId) {
      await consumer?.(evseId);
    },
    async announce(evseIds) {
      for (const evseId of evseIds) waiting.add(evseId);
      pump();
    },
    async start(deliver) {
      consumer = deliver;
      pump();
    },
    async counts() {
      return {
        waiting: waiting.size,
        active: active.size,
        delayed: delayed.size,
        failed: deadLetters.length,
      };
    },
    async failed() {
      return deadLetters.toReversed().map(({ evseId, error, atMs }) => ({
        evseId,
        code: error instanceof EbbflowError ? error.code : ('INTERNAL' as const),
        detail: String(error),
        attempts: error instanceof EbbflowError && error.retryable ? ATTEMPTS : 1,
        announcedAtMs: atMs,
        givenUpAtMs: atMs,
      }));
    },
    async forgetFailed(evseIds) {
      for (let index = deadLetters.length - 1; index >= 0; index -= 1) {
        const letter = deadLetters[index];
        if (letter !== undefined && evseIds.includes(letter.evseId)) deadLetters.splice(index, 1);
      }
    },
    async ping() {},
    async close() {
      consumer = undefined;
    },
  };
  return queue;
}
