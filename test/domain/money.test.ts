import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRunningRound, minorPerUnit, roundHalfAway, splitByWeights } from '../../src/domain/money.js';

describe('money in whole minor units', () => {
  it('knows the digits of a currency', () => {
    expect(['EUR', 'SEK', 'JPY', 'KWD'].map(minorPerUnit)).toEqual([100, 100, 1, 1000]);
  });

  it('rounds halves away from zero, the same for a debit and its credit', () => {
    expect([0.5, 1.5, -0.5, -1.5, 2.4, -2.6].map(roundHalfAway)).toEqual([1, 2, -1, -2, 2, -3]);
    expect(Object.is(roundHalfAway(-0.2), 0)).toBe(true);
  });

  it('splits by the largest remainder: whole parts, none off by one or more, that add up', () => {
    expect(splitByWeights(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(splitByWeights(-100, [1, 1, 1])).toEqual([-34, -33, -33]);
    expect(splitByWeights(1, [0, 3, 3])).toEqual([0, 1, 0]);
    expect(splitByWeights(5, [0, 0])).toBeUndefined();
    const weights = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 });
    void fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), weights, (amount, drawn) => {
        const parts = splitByWeights(amount, drawn);
        const total = drawn.reduce((sum, weight) => sum + weight, 0);
        if (total === 0) return expect(parts).toBeUndefined();
        expect(parts?.reduce((sum, part) => sum + part, 0)).toBe(amount);
        parts?.forEach((part, index) => {
          expect(Number.isInteger(part)).toBe(true);
          expect(Math.abs(part - (amount * (drawn[index] ?? 0)) / total)).toBeLessThan(1.001);
        });
      }),
    );
  });

  it('in a stream adds up to the rounded sum at every moment', () => {
    void fc.assert(
      fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { maxLength: 60 }), (amounts) => {
        const round = createRunningRound();
        let exact = 0;
        let given = 0;
        for (const amount of amounts) {
          exact += amount;
          given += round.add(amount);
          expect(given).toBe(roundHalfAway(exact));
        }
      }),
    );
  });
});
