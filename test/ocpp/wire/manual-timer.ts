import type { After } from '../../../src/ocpp/wire/timer.js';

/** A timer that runs when the test says so. */
export class ManualTimer {
  #nowMs = 0;
  #tasks: { atMs: number; task: () => void }[] = [];

  readonly after: After = (delayMs, task) => {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#tasks.push(entry);
    return () => {
      this.#tasks = this.#tasks.filter((one) => one !== entry);
    };
  };

  get waiting(): number {
    return this.#tasks.length;
  }

  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      const due = this.#tasks.filter((one) => one.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (due === undefined) break;
      this.#nowMs = due.atMs;
      this.#tasks = this.#tasks.filter((one) => one !== due);
      due.task();
    }
    this.#nowMs = endMs;
  }
}
