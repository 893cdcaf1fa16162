import { type BucketSize, TokenBucket } from '../wire/token-bucket.js';

/** Keys that are remembered; beyond it the ones that were quiet longest are forgotten. */
const MAX_KEYS = 10_000;

/** An allowance per key, e.g. per station or per address and station, in bounded memory. */
export class AttemptLimit {
  readonly #size: BucketSize;
  readonly #monotonicMs: () => number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(size: BucketSize, monotonicMs: () => number) {
    this.#size = size;
    this.#monotonicMs = monotonicMs;
  }

  /** Whether the key has an attempt left; takes none. */
  allows(key: string): boolean {
    return this.#buckets.get(key)?.has(1) ?? true;
  }

  /** Takes an attempt of the key. False when it has none left. */
  take(key: string): boolean {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#size, this.#monotonicMs);
    // Last in the map = used last.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > MAX_KEYS && oldest !== undefined) this.#buckets.delete(oldest);
    return bucket.take();
  }
}
