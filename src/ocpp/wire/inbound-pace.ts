import type { ReadGate } from './read-gate.js';
import type { After } from './timer.js';
import { type BucketSize, TokenBucket } from './token-bucket.js';

/** A message costs one token, and one more for each so many bytes beyond a usual size: it is as much work as several. */
const USUAL_BYTES = 4096;
const BYTES_PER_TOKEN = 256;
/** Shorter rests would cost more than they save. */
const MIN_REST_MS = 100;

export interface InboundPaceOptions {
  readonly gate: ReadGate;
  readonly size: BucketSize;
  readonly after: After;
  readonly monotonicMs: () => number;
  /** The peer has to wait; told once per rest. */
  readonly onRest: (restMs: number) => void;
}

/**
 * Makes a peer wait that sends faster than it may: its socket is not read for a while, so that TCP holds it
 * back. Nothing is lost and nothing is refused.
 */
export class InboundPace {
  readonly #options: InboundPaceOptions;
  readonly #bucket: TokenBucket;
  #cancel: (() => void) | undefined;

  constructor(options: InboundPaceOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.size, options.monotonicMs);
  }

  /** A message of so many bytes has come. */
  took(bytes: number): void {
    const debtMs = this.#bucket.spend(1 + Math.max(0, bytes - USUAL_BYTES) / BYTES_PER_TOKEN);
    if (debtMs === 0 || this.#cancel !== undefined) return;
    const { gate, after, onRest } = this.#options;
    const restMs = Math.max(debtMs, MIN_REST_MS);
    gate.shut('pace');
    this.#cancel = after(restMs, () => this.#resume());
    onRest(restMs);
  }

  stop(): void {
    this.#cancel?.();
  }

  #resume(): void {
    this.#cancel = undefined;
    this.#options.gate.open('pace');
  }
}
