/**
 * Runs `load` when asked, but never twice at once nor more often than every `gapMs`: whatever asks in
 * between is answered by one more run at the end.
 */
export function createPacedLoad(load: () => Promise<void>, gapMs: number): { ask(): void; stop(): void } {
  let running = false;
  let asked = false;
  let timer: number | undefined;

  async function run(): Promise<void> {
    running = true;
    asked = false;
    try {
      await load();
    } finally {
      timer = window.setTimeout(() => {
        running = false;
        if (asked) void run();
      }, gapMs);
    }
  }

  return {
    ask() {
      asked = true;
      if (!running) void run();
    },
    stop() {
      asked = false;
      clearTimeout(timer);
      running = true;
    },
  };
}
