import { type Processor, UnrecoverableError } from 'bullmq';
import { EbbflowError } from '../domain/errors.js';
import type { EvseId } from '../domain/ids.js';
import { failureText } from './failure-text.js';
import type { DispatchJob } from './job-policy.js';

/** Runs deliveries as BullMQ wants them and knows which are under way. */
export class Deliveries {
  readonly #running = new Set<Promise<void>>();

  processor(deliver: (evseId: EvseId) => Promise<void>): Processor<DispatchJob> {
    return async ({ data }) => {
      const delivery = deliverOnce(deliver, data.evseId);
      this.#running.add(delivery);
      try {
        await delivery;
      } finally {
        this.#running.delete(delivery);
      }
    };
  }

  async finished(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}

async function deliverOnce(deliver: (evseId: EvseId) => Promise<void>, evseId: EvseId): Promise<void> {
  try {
    await deliver(evseId);
  } catch (error) {
    const failure = failureText(error);
    if (error instanceof EbbflowError && error.retryable) throw new Error(failure, { cause: error });
    throw new UnrecoverableError(failure);
  }
}
