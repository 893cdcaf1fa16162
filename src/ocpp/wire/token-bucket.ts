export interface BucketSize {
  /** What may be taken at once after a long rest. */
  readonly burst: number;
  readonly perSecond: number;
}

/** An allowance that refills with time. `nowMs` is any clock that never runs back. */
export class TokenBucket {
  readonly #size: BucketSize;
  readonly #nowMs: () => number;
  #tokens: number;
  #filledAtMs: number;

  constructor(size: BucketSize, nowMs: () => number) {
    this.#size = size;
    this.#nowMs = nowMs;
    this.#tokens = size.burst;
    this.#filledAtMs = nowMs();
  }

  /** Takes the tokens if they are all there. */
  take(tokens = 1): boolean {
    if (this.#refilled() < tokens) return false;
    this.#tokens -= tokens;
    return true;
  }

  has(tokens: number): boolean {
    return this.#refilled() >= tokens;
  }

  /** Takes the tokens in any case; what is missing is debt. @returns ms until the debt is paid, 0 = none. */
  spend(tokens: number): number {
    this.#tokens = this.#refilled() - tokens;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#size.perSecond) * 1000;
  }

  #refilled(): number {
    const nowMs = this.#nowMs();
    const gained = ((nowMs - this.#filledAtMs) / 1000) * this.#size.perSecond;
    this.#filledAtMs = nowMs;
    this.#tokens = Math.min(this.#size.burst, this.#tokens + gained);
    return this.#tokens;
  }
}
