import type { Clock } from '../ports/clock.js';

/** Longest delay that a Node timer takes; longer ones are chained. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * The machine's time, or time that runs `speed` times as fast from the moment of creation (for trials: both
 * ends of a connection must agree, stations take theirs from BootNotification). It cannot be held.
 */
export function createSystemClock(speed = 1): Clock {
  const startMs = Date.now();
  const nowMs = () => (speed === 1 ? Date.now() : startMs + (Date.now() - startMs) * speed);
  return {
    nowMs,
    after(delayMs, task) {
      const dueMs = nowMs() + delayMs;
      let timer: NodeJS.Timeout;
      const arm = () => {
        const leftMs = Math.ceil(Math.max(0, dueMs - nowMs()) / speed);
        timer = setTimeout(fire, Math.min(leftMs, MAX_TIMER_MS));
      };
      // Node may fire a little early, and long delays come in parts.
      const fire = () => (nowMs() < dueMs ? arm() : task());
      arm();
      return () => clearTimeout(timer);
    },
    hold: () => () => {},
  };
}
