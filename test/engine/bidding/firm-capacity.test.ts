import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firmCapacity, proportionOf, scenariosNeeded } from '../../../src/engine/bidding/firm-capacity.js';

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('firm capacity', () => {
  it('is the k-th smallest of n scenarios with k = floor((n + 1)(1 - reliability))', () => {
    expect(firmCapacity(upTo(19), 0.9, 'quantile')).toEqual({ kw: 2, rank: 2, scenarios: 19 });
    expect(firmCapacity(upTo(18), 0.9, 'quantile').kw).toBe(1);
    expect(firmCapacity(upTo(99), 0.95, 'quantile').kw).toBe(5);
  });

  it('is nothing where the sample cannot carry the reliability', () => {
    expect(scenariosNeeded(0.9)).toBe(9);
    expect(scenariosNeeded(0.95)).toBe(19);
    expect(firmCapacity(upTo(8), 0.9, 'quantile').kw).toBe(0);
    expect(firmCapacity(upTo(9), 0.9, 'quantile').kw).toBe(1);
  });

  it('by CVaR is the mean of the worst share: never above the quantile', () => {
    expect(firmCapacity(upTo(29), 0.9, 'cvar').kw).toBe(2);
    void fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { maxLength: 80 }), (kw) => {
        const cvar = firmCapacity(kw, 0.9, 'cvar').kw;
        expect(cvar).toBeLessThanOrEqual(firmCapacity(kw, 0.9, 'quantile').kw + 1e-9);
      }),
    );
  });

  it('gives a proportion with its Wilson interval', () => {
    const { share, low, high } = proportionOf(9, 10);
    expect(share).toBe(0.9);
    expect(low).toBeCloseTo(0.5958, 4);
    expect(high).toBeCloseTo(0.9821, 4);
    expect(proportionOf(0, 0)).toMatchObject({ share: Number.NaN, low: 0, high: 1 });
  });
});
