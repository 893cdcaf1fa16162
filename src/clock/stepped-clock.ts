import type { Clock } from '../ports/clock.js';

/** A clock that stands still until it is told to move, and tells whether somebody still works. */
export interface SteppedClock extends Clock {
  /** When the next timer is due; undefined when none waits. */
  nextDueMs(): number | undefined;
  /** Moves time forward up to the next timer at most, and calls none: those due wait for {@link advanceTo}. */
  showTime(targetMs: number): void;
  /** Moves time forward, calling every timer due on the way at its own instant, in order. */
  advanceTo(targetMs: number): void;
  /** Resolves when nobody holds the clock. */
  whenFree(): Promise<void>;
  isFree(): boolean;
  /** Number of holds ever taken: unchanged means that nothing was done in between. */
  holdsTaken(): number;
}

interface Timer {
  readonly dueMs: number;
  readonly task: () => void;
}

export function createSteppedClock(startMs: number): SteppedClock {
  /** By due time, then in the order they were set. */
  const timers: Timer[] = [];
  let currentMs = startMs;
  let holds = 0;
  let taken = 0;
  let waiters: (() => void)[] = [];

  function insert(timer: Timer): void {
    let low = 0;
    let high = timers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((timers[middle] as Timer).dueMs <= timer.dueMs) low = middle + 1;
      else high = middle;
    }
    timers.splice(low, 0, timer);
  }

  return {
    nowMs: () => currentMs,
    after(delayMs, task) {
      const timer: Timer = { dueMs: currentMs + Math.max(0, delayMs), task };
      insert(timer);
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    hold() {
      holds += 1;
      taken += 1;
      let isReleased = false;
      return () => {
        if (isReleased) return;
        isReleased = true;
        holds -= 1;
        if (holds > 0) return;
        const free = waiters;
        waiters = [];
        for (const resolve of free) resolve();
      };
    },
    nextDueMs: () => timers[0]?.dueMs,
    showTime(targetMs) {
      currentMs = Math.max(currentMs, Math.min(targetMs, timers[0]?.dueMs ?? targetMs));
    },
    advanceTo(targetMs) {
      for (let next = timers[0]; next !== undefined && next.dueMs <= targetMs; next = timers[0]) {
        timers.shift();
        currentMs = Math.max(currentMs, next.dueMs);
        next.task();
      }
      currentMs = Math.max(currentMs, targetMs);
    },
    whenFree: () => (holds === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    isFree: () => holds === 0,
    holdsTaken: () => taken,
  };
}
