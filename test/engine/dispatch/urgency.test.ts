import { describe, expect, it } from 'vitest';
import { urgencyOf } from '../../../src/engine/dispatch/urgency.js';
import { MINUTE_MS, NOON_MS, profileOf } from '../../support/engine/fixtures.js';

const power = (powerKw: number, startMs = NOON_MS) =>
  profileOf([{ startMs, powerKw }], { validToMs: NOON_MS + 60 * MINUTE_MS });

describe('the urgency of a profile', () => {
  it('is safety when a limit takes power away now, in either direction', () => {
    expect(urgencyOf(power(4), power(11), ['site'], NOON_MS)).toBe('safety');
    expect(urgencyOf(power(-2), power(-8), ['interval', 'station'], NOON_MS)).toBe('safety');
  });

  it('is that of a plan when a limit only allows more', () => {
    expect(urgencyOf(power(11), power(4), ['site'], NOON_MS)).toBe('plan');
  });

  it('is that of an order when somebody waits for a change of now', () => {
    expect(urgencyOf(power(-8), power(3), ['dispatch'], NOON_MS)).toBe('order');
    expect(urgencyOf(power(-8), undefined, ['award', 'price'], NOON_MS)).toBe('order');
    expect(urgencyOf(power(11), power(4), ['site', 'override'], NOON_MS)).toBe('order');
  });

  it('is that of a plan when the power changes only later, or not at all', () => {
    const later = power(-8, NOON_MS + 2 * MINUTE_MS);
    expect(
      urgencyOf(
        { ...later, periods: [...power(3).periods, ...later.periods] },
        power(3),
        ['dispatch'],
        NOON_MS,
      ),
    ).toBe('plan');
    expect(urgencyOf(power(3), power(3.01), ['dispatch', 'site'], NOON_MS)).toBe('plan');
  });

  it('is that of a plan for prices, needs and the beat', () => {
    expect(urgencyOf(power(-8), power(8), ['price', 'needs', 'interval'], NOON_MS)).toBe('plan');
  });
});
