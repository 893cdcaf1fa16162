/**
 * Time of the whole engine. The system clock runs by itself; the demo's clock is stepped and waits for the
 * engine. Instants are epoch milliseconds, UTC.
 */
export interface Clock {
  nowMs(): number;
  /** Calls `task` once after `delayMs` of this clock's time (≥ 0). The result cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /**
   * Time does not pass while anybody holds the clock: whoever has work in hand that must be finished
   * before the next timer holds it. The system clock cannot be held; there it does nothing.
   * The result releases, once.
   */
  hold(): () => void;
}

/** Runs `work` with the clock held. */
export async function holding<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  const release = clock.hold();
  try {
    return await work();
  } finally {
    release();
  }
}
