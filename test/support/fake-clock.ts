import type { Clock } from '../../src/ports/clock.js';

interface Timer {
  readonly atMs: number;
  readonly task: () => void;
}

/**
 * A clock that a test moves. Timers fire in the order of their time, then of their making; before each one
 * the clock waits until nobody holds it, so work over real sockets that holds the clock is done in zero time.
 */
export class FakeClock implements Clock {
  #nowMs: number;
  #holds = 0;
  readonly #timers = new Set<Timer>();

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  hold(): () => void {
    this.#holds += 1;
    let held = true;
    return () => {
      if (held) this.#holds -= 1;
      held = false;
    };
  }

  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Timers that wait; a test can look for leaks. */
  get waitingTimers(): number {
    return this.#timers.size;
  }

  /** Moves time forward, firing what becomes due; resolves at `toMs` with nobody holding the clock. */
  async advanceTo(toMs: number): Promise<void> {
    for (;;) {
      await this.settled();
      const next = this.#next(toMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.task();
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
  }

  async advanceBy(ms: number): Promise<void> {
    await this.advanceTo(this.#nowMs + ms);
  }

  /** Resolves when nobody holds the clock any more, and what that set going has had its turn. */
  async settled(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#holds > 0);
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.atMs <= untilMs && (next === undefined || timer.atMs < next.atMs)) next = timer;
    }
    return next;
  }
}
