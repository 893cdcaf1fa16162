import { CallFailure } from '../ocpp/wire/rpc-error.js';
import type { TransactionEventRequest, TransactionEventResponse } from '../ocpp/wire/transaction-messages.js';
import type { Clock } from '../ports/clock.js';
import { type OutboxQuirks, TIDY } from './outbox-quirks.js';
import type { Random } from './seeded-random.js';

/** Events that a station keeps for a CSMS that does not take them; beyond it, every other Updated goes. */
export const MAX_OUTBOX_EVENTS = 5_000;

export interface TransactionOutboxOptions {
  readonly clock: Clock;
  /** Whether the station may send CALLs now: linked and accepted. */
  readonly canSend: () => boolean;
  readonly send: (event: TransactionEventRequest) => Promise<TransactionEventResponse>;
  /** Absent = none. */
  readonly quirks?: OutboxQuirks;
  readonly random?: Random;
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
  /** What was held back goes until nothing is left. */
  #isFlushing = false;

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
    if (event.eventType !== 'Updated' || this.#events.length >= this.#quirks.holdsBack)
      this.#isFlushing = true;
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
        if (!(await this.#sendNext())) break;
      }
    } finally {
      this.#pumping = undefined;
      release();
    }
  }

  #canSendOne(): boolean {
    if (this.#events.length === 0) this.#isFlushing = false;
    return this.#isFlushing && this.#options.canSend();
  }

  get #quirks(): OutboxQuirks {
    return this.#options.quirks ?? TIDY;
  }

  /** A quirk that strikes in this share of cases. */
  #strikes(share: number): boolean {
    return share > 0 && (this.#options.random?.() ?? 1) < share;
  }

  /** The next to go: the first, or any one where events are shuffled; a Started is never overtaken. */
  #nextEvent(): TransactionEventRequest | undefined {
    const started = this.#events.find(({ eventType }) => eventType === 'Started');
    if (started !== undefined || !this.#quirks.shuffles) return started ?? this.#events[0];
    return this.#events[Math.floor((this.#options.random?.() ?? 0) * this.#events.length)];
  }

  /** Whether to go on with the next. */
  async #sendNext(): Promise<boolean> {
    const event = this.#nextEvent();
    if (!event) return false;
    try {
      const answer = await this.#options.send(event);
      if (this.#strikes(this.#quirks.lostAnswerShare)) {
        this.#retryAfter(this.#options.attemptIntervalS());
        return false;
      }
      this.#take(event);
      if (this.#strikes(this.#quirks.repeatShare)) await this.#options.send(event);
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
      this.#retryAfter(this.#options.attemptIntervalS() * this.#attempts);
      return false;
    }
  }

  #retryAfter(waitS: number): void {
    this.#cancelRetry = this.#options.clock.after(waitS * 1000, () => {
      this.#cancelRetry = undefined;
      void this.pump();
    });
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
