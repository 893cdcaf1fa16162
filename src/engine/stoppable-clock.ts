import type { Clock } from '../ports/clock.js';

/** Time of one engine. Once it is stopped none of its timers fires any more, and none keeps a process alive. */
export interface StoppableClock extends Clock {
  stop(): void;
}

export function createStoppableClock(clock: Clock): StoppableClock {
  const cancels = new Set<() => void>();
  let isStopped = false;
  return {
    nowMs: () => clock.nowMs(),
    hold: () => clock.hold(),
    after(delayMs, task) {
      if (isStopped) return () => {};
      const cancelTimer = clock.after(delayMs, () => {
        cancels.delete(cancel);
        task();
      });
      const cancel = () => {
        cancels.delete(cancel);
        cancelTimer();
      };
      cancels.add(cancel);
      return cancel;
    },
    stop() {
      isStopped = true;
      for (const cancel of [...cancels]) cancel();
    },
  };
}
