import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CapacityByPart, scenariosBeside } from '../../../src/engine/bidding/stacked-scenarios.js';

const DAY = '2026-01-20';
const byPart = (kw: Readonly<Record<string, number>>): CapacityByPart =>
  new Map(Object.entries(kw).map(([part, value]) => [part, new Map([[DAY, value]])]));
const sampleOf = (scaledKw: number) => ({
  dayType: 'weekday' as const,
  asOfMs: 0,
  places: 1,
  expectedKw: scaledKw,
  scenarios: [{ day: DAY, capacityKw: scaledKw, places: 1, scaledKw }],
});
const freeKw = (own: CapacityByPart, stacked: Parameters<typeof scenariosBeside>[2]) => {
  const wholeKw = [...own.values()].reduce((sum, byDay) => sum + (byDay.get(DAY) ?? 0), 0);
  return scenariosBeside(sampleOf(wholeKw), own, stacked)[0]?.scaledKw ?? Number.NaN;
};

describe('what other bids leave', () => {
  it('of one pool is what they do not take, whatever each of them needs of a car', () => {
    const own = byPart({ all: 90 });
    expect(freeKw(own, [{ kw: 40, capacity: byPart({ all: 100 }) }])).toBeCloseTo(54, 9);
    const two = [
      { kw: 40, capacity: byPart({ all: 100 }) },
      { kw: 10, capacity: byPart({ all: 50 }) },
    ];
    expect(freeKw(own, two)).toBeCloseTo(90 * (1 - 0.4 - 0.2), 9);
  });

  it('of a part is nothing once the whole was sold around a bid on another part', () => {
    const parts = { home: 60, depot: 30 };
    const stacked = [
      { kw: 50, capacity: byPart({ home: 60 }) },
      { kw: 40, capacity: byPart(parts) },
    ];
    expect(freeKw(byPart({ depot: 30 }), stacked)).toBeCloseTo(0, 9);
    expect(freeKw(byPart(parts), stacked.slice(0, 1))).toBeCloseTo(40, 9);
  });

  it('and what they take add up to what is there, in any order and mix of pools', () => {
    const names = ['a', 'b', 'c'] as const;
    const capacity = fc.record({ a: fc.nat(100), b: fc.nat(100), c: fc.nat(100) });
    const bid = fc.record({
      pool: fc.subarray([...names], { minLength: 1 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(capacity, fc.array(bid, { maxLength: 8 }), (kw, bids) => {
        const stacked: { kw: number; capacity: CapacityByPart }[] = [];
        for (const { pool, share } of bids) {
          const own = byPart(Object.fromEntries(pool.map((name) => [name, kw[name]])));
          stacked.push({ kw: freeKw(own, stacked) * share, capacity: own });
        }
        const sold = stacked.reduce((sum, one) => sum + one.kw, 0);
        expect(sold + freeKw(byPart(kw), stacked)).toBeCloseTo(kw.a + kw.b + kw.c, 6);
        for (const name of names) {
          // What was sold of a part alone fits into it.
          const alone = stacked.filter(({ capacity: of }) => of.size === 1 && of.has(name));
          expect(alone.reduce((sum, one) => sum + one.kw, 0)).toBeLessThanOrEqual(kw[name] + 1e-6);
        }
      }),
    );
  });
});
