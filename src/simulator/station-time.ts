import type { Clock } from '../ports/clock.js';

/** Errors below this are network delay, not a wrong clock. */
export const CLOCK_TOLERANCE_MS = 1_000;

/**
 * A station's own idea of time: the simulation's clock plus an offset that the CSMS sets. Physics runs on
 * the clock; what goes over the wire, and what profiles mean, is in wire time.
 */
export class StationTime {
  readonly #clock: Clock;
  #offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  wireMs(clockMs: number): number {
    return clockMs + this.#offsetMs;
  }

  clockMs(wireMs: number): number {
    return wireMs - this.#offsetMs;
  }

  iso(clockMs: number = this.nowMs()): string {
    return new Date(this.wireMs(clockMs)).toISOString();
  }

  /** Takes over `currentTime` of BootNotification or Heartbeat when the clock is off by more than a second. */
  setFrom(currentTime: string): void {
    const errorMs = Date.parse(currentTime) - this.wireMs(this.nowMs());
    if (Math.abs(errorMs) > CLOCK_TOLERANCE_MS) this.#offsetMs += errorMs;
  }
}
