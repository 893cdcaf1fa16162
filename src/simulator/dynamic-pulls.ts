import type { ChargingProfile } from '../ocpp/wire/smart-charging-messages.js';
import type { Clock } from '../ports/clock.js';

/**
 * Asks the CSMS for new values of a Dynamic profile when none have come for `dynUpdateInterval` seconds
 * (OCPP 2.1 K28). An answer without values does not put off the profile's end.
 */
export class DynamicPulls {
  readonly #clock: Clock;
  readonly #pull: (profileId: number) => void;
  readonly #timers = new Map<number, () => void>();

  constructor(clock: Clock, pull: (profileId: number) => void) {
    this.#clock = clock;
    this.#pull = pull;
  }

  updated({ id, dynUpdateInterval = 0 }: ChargingProfile): void {
    this.#timers.get(id)?.();
    this.#timers.delete(id);
    if (dynUpdateInterval <= 0) return;
    const cancel = this.#clock.after(dynUpdateInterval * 1000, () => {
      this.#timers.delete(id);
      this.#pull(id);
    });
    this.#timers.set(id, cancel);
  }

  stop(): void {
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}
