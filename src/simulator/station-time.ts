import type { Clock } from '../ports/clock.js';

/** Errors below this are network delay, not a wrong clock. */
export const CLOCK_TOLERANCE_MS = 1_000;

/**
 * A station's own idea of time: the simulation's clock plus an offset that the CSMS sets. Physics and the
 * station's uptime (durations since an update or a lost link) run on the clock; what goes over the wire, and what profiles mean, is in wire time.
 */
export class StationTime {
  readonly #clock: Clock;
  readonly #takesTime: boolean;
  #offsetMs: number;
  #frozenWireMs: number | undefined;

  /** With an error the clock is wrong by so much and stays so: the station does not take the CSMS's time. */
  constructor(clock: Clock, errorMs = 0) {
    this.#clock = clock;
    this.#offsetMs = errorMs;
    this.#takesTime = errorMs === 0;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  wireMs(clockMs: number): number {
    return Math.min(clockMs + this.#offsetMs, this.#frozenWireMs ?? Number.POSITIVE_INFINITY);
  }

  /** Wall-clock time stands still from now on; what the station times by its uptime goes on. */
  freeze(): void {
    this.#frozenWireMs = this.wireMs(this.nowMs());
  }

  get isFrozen(): boolean {
    return this.#frozenWireMs !== undefined;
  }

  iso(clockMs: number = this.nowMs()): string {
    return new Date(this.wireMs(clockMs)).toISOString();
  }

  /** Takes over `currentTime` of BootNotification or Heartbeat when the clock is off by more than a second. */
  setFrom(currentTime: string): void {
    if (!this.#takesTime || this.isFrozen) return;
    const errorMs = Date.parse(currentTime) - this.wireMs(this.nowMs());
    if (Math.abs(errorMs) > CLOCK_TOLERANCE_MS) this.#offsetMs += errorMs;
  }
}
