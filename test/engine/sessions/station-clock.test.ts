import { describe, expect, it } from 'vitest';
import {
  isStopped,
  observeClock,
  type StationClock,
  skewMsAt,
} from '../../../src/engine/sessions/station-clock.js';
import { MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';

/** Messages a minute apart, each with the station's error, s. */
function heard(errorsS: readonly number[]): StationClock | undefined {
  let clock: StationClock | undefined;
  errorsS.forEach((errorS, index) => {
    const receivedMs = NOON_MS + index * MINUTE_MS;
    clock = observeClock(clock, receivedMs + errorS * 1000, receivedMs);
  });
  return clock;
}

describe("a station's clock", () => {
  it('has no skew before three messages have told the time, nor for what a network takes', () => {
    expect(skewMsAt(undefined, NOON_MS)).toBe(0);
    expect(skewMsAt(heard([-60, -60]), NOON_MS)).toBe(0);
    expect(skewMsAt(heard([-1, -0.2, -1.9]), NOON_MS)).toBe(0);
  });

  it('is behind by the least of what its messages say: one that came late does not count', () => {
    expect(skewMsAt(heard([-45, -300, -46]), NOON_MS)).toBe(-45_000);
  });

  it('is ahead by the least of what its messages say', () => {
    expect(skewMsAt(heard([90, 91, 60]), NOON_MS)).toBe(60_000);
  });

  it('that was set is right at once', () => {
    expect(skewMsAt(heard([-45, -45, -45, 0]), NOON_MS)).toBe(0);
    expect(skewMsAt(heard([45, 45, 45, 0]), NOON_MS)).toBe(0);
  });

  it('stands still when messages minutes apart tell the same time, and then falls behind', () => {
    const still = heard([0, -60, -120]);
    expect(isStopped(still)).toBe(true);
    expect(skewMsAt(still, NOON_MS + 10 * MINUTE_MS)).toBe(-10 * MINUTE_MS);
    expect(isStopped(heard([0, -60]))).toBe(false);
    expect(isStopped(heard([0, -60, -120, 0]))).toBe(false);
  });

  it('runs when messages of one instant come together, when it was set back, and when events come late', () => {
    const burst = [0, 1, 2, 3].reduce<StationClock | undefined>(
      (clock) => observeClock(clock, NOON_MS, NOON_MS),
      undefined,
    );
    expect(isStopped(burst)).toBe(false);
    expect(isStopped(heard([0, -3_600, -3_600, -3_600]))).toBe(false);
    expect(isStopped(heard([0, -50, -100, -150]))).toBe(false);
  });
});
