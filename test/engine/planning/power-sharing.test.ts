import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asSiteId, asTransactionId } from '../../../src/domain/ids.js';
import type { ScopeAsk } from '../../../src/engine/dispatch/scopes.js';
import { meetAsks, type SharingInput } from '../../../src/engine/planning/power-sharing.js';
import { DEFAULT_SETTINGS } from '../../../src/engine/settings.js';
import { goalOfCar, HOUR_MS, MINUTE_MS, NOON_MS, sessionOf } from '../../support/engine/fixtures.js';

const FIVE_MINUTES = { startMs: NOON_MS, endMs: NOON_MS + 5 * MINUTE_MS, slot: 0 };
const NORTH = asSiteId('north');

const ask = (netKw: number | null, changes: Partial<ScopeAsk> = {}): ScopeAsk => ({
  netKw: [netKw],
  importCapKw: [Number.POSITIVE_INFINITY],
  exportCapKw: [Number.POSITIVE_INFINITY],
  ...changes,
});

function inputOf(
  cars: readonly { storedKwh: number; targetKwh: number; hours: number; atNorth: boolean }[],
  asks: readonly ScopeAsk[],
  northLimitKw = 1e9,
): SharingInput {
  const goals = cars.map(({ storedKwh, targetKwh, hours, atNorth }, index) =>
    goalOfCar({
      session: sessionOf({
        transactionId: asTransactionId(`tx-${String(index).padStart(3, '0')}`),
        ...(atNorth ? { siteId: NORTH } : {}),
      }),
      storedKwh,
      minEnergyKwh: 6,
      maxEnergyKwh: 60,
      targetEnergyKwh: targetKwh,
      planUntilMs: NOON_MS + hours * HOUR_MS,
      maxChargeKw: 11,
      maxDischargeKw: 10,
    }),
  );
  return {
    baseKw: cars.map(() => 0),
    goals,
    storedKwh: cars.map(({ storedKwh }) => storedKwh),
    asks,
    piece: FIVE_MINUTES,
    prepared: {
      unsteeredSessions: [],
      startMs: NOON_MS,
      problem: {
        version: 1,
        horizon: { start: new Date(NOON_MS).toISOString(), slotMinutes: 5, slots: 96 },
        currency: 'EUR',
        shortfallPenaltyPerKwh: 5,
        prices: { importPerKwh: [], exportPerKwh: [] },
        vehicles: [],
        sites: [{ id: NORTH, importLimitKw: northLimitKw, exportLimitKw: northLimitKw }],
        reserves: [],
      },
    },
    efficiency: DEFAULT_SETTINGS,
  };
}

const total = (powers: readonly number[]) => powers.reduce((sum, kw) => sum + kw, 0);
const relaxed = { storedKwh: 30, targetKwh: 20, hours: 8, atNorth: false };

describe('sharing an asked power out over the cars', () => {
  it('takes whole cars, first those with most beyond their target', () => {
    const cars = [relaxed, { ...relaxed, storedKwh: 50 }, { ...relaxed, storedKwh: 40 }];
    expect(meetAsks(inputOf(cars, [ask(-14)]))).toEqual([0, -10, -4]);
    expect(meetAsks(inputOf(cars, [ask(15)]))).toEqual([11, 0, 4]);
  });

  it('charges whom the order would make miss the target, and does not let others give for it beyond the order', () => {
    // 5.06 kWh to store in half an hour at 92 %: full power, all the time.
    const late = { ...relaxed, storedKwh: 14.94, hours: 0.5 };
    const [lateKw = 0, otherKw = 0] = meetAsks(inputOf([late, relaxed], [ask(-5)]));
    expect(lateKw).toBeCloseTo(11, 1);
    expect(otherKw).toBeCloseTo(-10, 6);
  });

  it('lets a narrower scope be, and asks the rest for the difference; a cap holds for all', () => {
    const cars = [{ ...relaxed, atNorth: true }, relaxed, relaxed];
    const north = ask(-6, { siteIds: new Set([NORTH]) });
    const powers = meetAsks(inputOf(cars, [north, ask(4)]));
    expect(powers[0]).toBeCloseTo(-6, 9);
    expect(total(powers)).toBeCloseTo(4, 9);
    const capped = meetAsks(inputOf(cars, [ask(25, { importCapKw: [8] })]));
    expect(total(capped)).toBeCloseTo(8, 9);
  });

  it('keeps to windows, targets and grid connections, and reaches what was asked or as near as these allow', () => {
    const car = fc.record({
      storedKwh: fc.double({ min: 6, max: 60, noNaN: true }),
      targetKwh: fc.double({ min: 6, max: 60, noNaN: true }),
      hours: fc.integer({ min: 1, max: 10 }),
      atNorth: fc.boolean(),
    });
    const cars = fc.array(car, { minLength: 1, maxLength: 8 });
    const targetKw = fc.double({ min: -100, max: 100, noNaN: true });
    const limitKw = fc.integer({ min: 90, max: 200 });
    void fc.assert(
      fc.property(cars, targetKw, limitKw, (fleet, asked, limit) => {
        const powers = meetAsks(inputOf(fleet, [ask(asked)], limit));
        let mostKw = 0;
        let leastKw = 0;
        fleet.forEach(({ storedKwh, targetKwh, hours }, index) => {
          const kw = powers[index] ?? 0;
          const afterKwh = storedKwh + (kw / 12) * (kw > 0 ? 0.92 : 1 / 0.92);
          const reachableKwh = (at: number, left: number) => at + left * 11 * 0.92;
          expect(afterKwh).toBeLessThanOrEqual(60 + 1e-6);
          expect(afterKwh).toBeGreaterThanOrEqual(6 - 1e-6);
          if (reachableKwh(storedKwh, hours) >= targetKwh)
            expect(reachableKwh(afterKwh, hours - 1 / 12)).toBeGreaterThanOrEqual(targetKwh - 1e-6);
          const neededKwh = Math.max(6, targetKwh - (hours - 1 / 12) * 11 * 0.92);
          const full = Math.min(11, ((60 - storedKwh) / 0.92) * 12);
          mostKw += full;
          leastKw +=
            neededKwh > storedKwh
              ? Math.min(full, ((neededKwh - storedKwh) / 0.92) * 12)
              : -Math.min(10, (storedKwh - neededKwh) * 0.92 * 12);
        });
        const nearest = Math.min(mostKw, Math.max(leastKw, asked));
        expect(total(powers)).toBeCloseTo(nearest, 6);
      }),
    );
  });

  it('never goes beyond what a grid connection takes', () => {
    const cars = [1, 2, 3].map(() => ({ ...relaxed, atNorth: true }));
    expect(total(meetAsks(inputOf(cars, [ask(30)], 12)))).toBeCloseTo(12, 9);
    expect(total(meetAsks(inputOf([...cars, relaxed], [ask(-30)], 12)))).toBeCloseTo(-22, 9);
  });
});
