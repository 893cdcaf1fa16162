import { CallFailure } from '../ocpp/wire/rpc-error.js';
import type { TransactionEventRequest, TransactionEventResponse } from '../ocpp/wire/transaction-messages.js';
import type { Clock } from '../ports/clock.js';

/** Events that a station keeps for a CSMS that does not take them; beyond it, every other Updated goes. */
export const MAX_OUTBOX_EVENTS = 5_000;

export interface TransactionOutboxOptions {
  readonly clock: Clock;
  /** Whether the station may send CALLs now: linked and accepted. */
  readonly canSend: () => boolean;
  readonly send: (event: TransactionEventRequest) => Promise<TransactionEventResponse>;
  readonly attempts: () => number;
  readonly attemptIntervalS: () => number;
  readonly onAnswer: (event: TransactionEventRequest, answer: TransactionEventResponse) => void;
  /** An event that nobody will ever get: refused too often, or dropped from a full outbox. */
  readonly onLost: (event: TransactionEventRequest, why: string) => void;
}

/**
 * TransactionEvents in their order, kept until the CSMS has answered them: through a broken link for as long
 * as it takes, after a refusal or time-out for `attempts` tries with growing waits (OCPP 2.1 E04, E13.FR.03).
 */
export class TransactionOutbox {
  readonly #options: TransactionOutboxOptions;
  #events: TransactionEventRequest[] = [];
  #attempts = 0;
  #pumping: Promise<void> | undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(options: TransactionOutboxOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#events.length;
  }

  /** Whether an event of the transaction waits, or any event when none is named. */
  holds(transactionId: string | undefined): boolean {
    return this.#events.some(
      ({ transactionInfo }) => transactionId === undefined || transactionInfo.transactionId === transactionId,
    );
  }

  get isPumping(): boolean {
    return this.#pumping !== undefined;
  }

  add(event: TransactionEventRequest): void {
    this.#events.push(event);
    if (this.#events.length > MAX_OUTBOX_EVENTS) this.#thinOut();
    void this.pump();
  }

  /** Sends what can be sent now; resolves when the outbox is empty, or stuck until a retry or a new link. */
  pump(): Promise<void> {
    if (this.#pumping) return this.#pumping;
    if (this.#cancelRetry || !this.#canSendOne()) return Promise.resolve();
    this.#pumping = this.#run();
    return this.#pumping;
  }

  /** A new link: what waited for a retry goes at once. */
  async linkRestored(): Promise<void> {
    this.close();
    this.#attempts = 0;
    await this.pump();
  }

  close(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }

  async #run(): Promise<void> {
    const release = this.#options.clock.hold();
    try {
      while (this.#canSendOne()) {
        if (!(await this.#sendFirst())) break;
      }
    } finally {
      this.#pumping = undefined;
      release();
    }
  }

  #canSendOne(): boolean {
    return this.#events.length > 0 && this.#options.canSend();
  }

  /** Whether to go on with the next. */
  async #sendFirst(): Promise<boolean> {
    const [event] = this.#events;
    if (!event) return false;
    try {
      const answer = await this.#options.send(event);
      this.#take(event);
      this.#options.onAnswer(event, answer);
      return true;
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (error.kind === 'closed') return false;
      this.#attempts += 1;
      if (this.#attempts >= this.#options.attempts() || error.kind === 'bad-request') {
        this.#take(event);
        this.#options.onLost(event, error.message);
        return true;
      }
      const waitMs = this.#options.attemptIntervalS() * this.#attempts * 1000;
      this.#cancelRetry = this.#options.clock.after(waitMs, () => {
        this.#cancelRetry = undefined;
        void this.pump();
      });
      return false;
    }
  }

  /** Removes an event that is done; a thinning may have moved it. */
  #take(event: TransactionEventRequest): void {
    this.#events = this.#events.filter((held) => held !== event);
    this.#attempts = 0;
  }

  /** E11.FR.05: a full outbox drops alternate Updated events, never Started or Ended. */
  #thinOut(): void {
    let updated = 0;
    this.#events = this.#events.filter((event, index) => {
      if (event.eventType !== 'Updated' || index === 0) return true;
      updated += 1;
      if (updated % 2 === 1) return true;
      this.#options.onLost(event, 'The outbox is full');
      return false;
    });
  }
}
