import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSessionHistory, poolCapacityKw } from '../../../src/engine/bidding/pool-capacity.js';
import { sessionCapacityKw } from '../../../src/engine/bidding/session-capacity.js';
import { ruleOf, stayOf } from '../../support/engine/bidding-fixtures.js';
import { HOUR_MS, NOON_MS } from '../../support/engine/fixtures.js';

const QUARTER_MS = HOUR_MS / 4;
const at = (hours: number) => NOON_MS + hours * HOUR_MS;
const capacity = (stay: Parameters<typeof stayOf>[1], rule: Parameters<typeof ruleOf>[0], hour = 0) =>
  sessionCapacityKw(stayOf(NOON_MS, stay), ruleOf(rule), at(hour), at(hour) + QUARTER_MS);

describe('capacity of one session', () => {
  it('is nothing in a step in which the car comes or goes', () => {
    const stay = stayOf(NOON_MS);
    expect(sessionCapacityKw(stay, ruleOf(), at(-0.1), at(0.15))).toBe(0);
    expect(sessionCapacityKw(stay, ruleOf(), at(9.9), at(10.1))).toBe(0);
    expect(sessionCapacityKw(stay, ruleOf(), at(9.75), at(10))).toBeGreaterThan(0);
  });

  it('is bound by power over the factor, or by energy over the sustain time', () => {
    expect(capacity({}, {})).toBe(11);
    expect(capacity({}, { powerFactor: 1.1 })).toBeCloseTo(10, 12);
    expect(capacity({ energyAtStartKwh: 14 }, {})).toBe(4);
    expect(capacity({ energyAtStartKwh: 14 }, { dischargeEfficiency: 0.9 })).toBeCloseTo(3.6, 12);
  });

  it('up grows with the energy a car can have charged by then', () => {
    expect(capacity({ energyAtStartKwh: 10 }, {}, 0)).toBe(0);
    expect(capacity({ energyAtStartKwh: 10 }, {}, 0.5)).toBeCloseTo(5.5, 12);
  });

  it('down loses the import that the target forces at the end', () => {
    // 50 kWh wanted, idle until only charging at full power reaches it: nothing is left to add.
    const late = { direction: 'down' as const, sustainMinutes: 15 };
    expect(capacity({ targetEnergyKwh: 60, maxEnergyKwh: 80 }, late, 0)).toBe(11);
    expect(capacity({ targetEnergyKwh: 60, maxEnergyKwh: 80 }, late, 9.5)).toBeCloseTo(0, 9);
  });

  it('symmetric needs room on both sides at the same time', () => {
    const narrow = { energyAtStartKwh: 20, minEnergyKwh: 10, maxEnergyKwh: 26, targetEnergyKwh: 20 };
    expect(capacity(narrow, { direction: 'up' })).toBe(10);
    expect(capacity(narrow, { direction: 'symmetric' }, 2)).toBe(8);
  });

  it('holds power back in the opposite direction where the product asks for it', () => {
    expect(
      capacity({ maxChargeKw: 1, targetEnergyKwh: 40 }, { oppositePowerFactor: 0.2, sustainMinutes: 20 }),
    ).toBeCloseTo(5, 12);
  });

  it('backs 10 MW of FCR-D up by 20 minutes of store, as the Swedish operator computes it', () => {
    const pool = { maxDischargeKw: 10_000, maxChargeKw: 2_000, minEnergyKwh: 0, maxEnergyKwh: 100_000 };
    const rule = { sustainMinutes: 20, oppositePowerFactor: 0.2 };
    expect(capacity({ ...pool, energyAtStartKwh: 10_000 / 3, targetEnergyKwh: 0 }, rule)).toBeCloseTo(
      10_000,
      6,
    );
    expect(capacity({ ...pool, energyAtStartKwh: 3_000, targetEnergyKwh: 0 }, rule)).toBeCloseTo(9_000, 6);
  });

  it('never exceeds the power limits, and more energy never means less up', () => {
    void fc.assert(
      fc.property(
        fc.record({
          energyAtStartKwh: fc.double({ min: 0, max: 60, noNaN: true }),
          more: fc.double({ min: 0, max: 20, noNaN: true }),
          hour: fc.double({ min: 0, max: 9.7, noNaN: true }),
          sustainMinutes: fc.integer({ min: 5, max: 240 }),
          direction: fc.constantFrom('up' as const, 'down' as const, 'symmetric' as const),
        }),
        ({ energyAtStartKwh, more, hour, sustainMinutes, direction }) => {
          const kw = capacity({ energyAtStartKwh }, { sustainMinutes, direction }, hour);
          expect(kw).toBeGreaterThanOrEqual(0);
          expect(kw).toBeLessThanOrEqual(11);
          if (direction === 'up')
            expect(
              capacity({ energyAtStartKwh: energyAtStartKwh + more }, { sustainMinutes }, hour),
            ).toBeGreaterThanOrEqual(kw - 1e-9);
        },
      ),
    );
  });
});

describe('capacity of a pool', () => {
  const block = { startMs: at(1), endMs: at(5) };

  it('is its weakest quarter-hour, so that cars may hand over to each other', () => {
    const early = stayOf(NOON_MS, { place: 'a', endMs: at(3) });
    const late = stayOf(at(3), { place: 'b' });
    expect(poolCapacityKw([early, late], ruleOf(), block)).toBe(11);
    expect(poolCapacityKw([early, stayOf(at(3.1), { place: 'b' })], ruleOf(), block)).toBe(0);
    expect(poolCapacityKw([], ruleOf(), block)).toBe(0);
  });

  it('finds sessions by overlap, however long they stay, and counts places', () => {
    const history = createSessionHistory([
      stayOf(at(0), { place: 'b', endMs: at(1) }),
      stayOf(at(-100), { place: 'a', endMs: Number.POSITIVE_INFINITY }),
      stayOf(at(2), { place: 'b', endMs: at(3) }),
    ]);
    const starts = (fromMs: number, toMs: number) =>
      history.overlapping(fromMs, toMs).map(({ startMs }) => startMs);
    expect(starts(at(1), at(2))).toEqual([at(-100)]);
    expect(starts(at(0.5), at(2.5))).toEqual([at(-100), at(0), at(2)]);
    expect(history.placesSeen(at(-1), at(9))).toBe(1);
    expect(history.placesSeen(at(-101), at(9))).toBe(2);
  });
});
