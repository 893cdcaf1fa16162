import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChargingNeeds } from '../../../src/domain/session.js';
import { EMPTY_BOOKS } from '../../../src/engine/metering/books.js';
import { energyWindowOf, planUntilMs, storedEnergyKwh } from '../../../src/engine/sessions/energy-window.js';
import { HOUR_MS, MINUTE_MS, NOON_MS, needsOf, sessionOf } from '../../support/engine/fixtures.js';

const EFFICIENCY = { chargeEfficiency: 0.9, dischargeEfficiency: 0.8 };

/** The needs without the fields that are named. */
function without(needs: ChargingNeeds, ...names: (keyof ChargingNeeds)[]): ChargingNeeds {
  return Object.fromEntries(
    Object.entries(needs).filter(([name]) => !names.includes(name as never)),
  ) as never;
}

describe('the energy window of stated needs', () => {
  it('has the car’s own floor at 0 kWh and moves everything relative to now onto it', () => {
    expect(energyWindowOf(needsOf())).toMatchObject({
      energyAtStatedKwh: 20,
      minEnergyKwh: 6,
      maxEnergyKwh: 57,
      targetEnergyKwh: 40,
      notes: [],
    });
  });

  it('cuts a target above the battery and says so', () => {
    const window = energyWindowOf(needsOf({ targetEnergyKwh: 50 }));
    expect(window.targetEnergyKwh).toBe(57);
    expect(window.notes).toEqual(['target-above-capacity']);
  });

  it('wants a full battery when no target is stated', () => {
    const window = energyWindowOf(without(needsOf(), 'targetEnergyKwh'));
    expect(window.targetEnergyKwh).toBe(57);
    expect(window.notes).toEqual(['target-missing']);
  });

  it('keeps a target below the present energy: the car may leave with less than it has', () => {
    expect(energyWindowOf(needsOf({ targetEnergyKwh: -8 })).targetEnergyKwh).toBe(12);
  });

  it('has its floor at the V2X band, above the energy now for a car below its band', () => {
    const window = energyWindowOf(needsOf({ minV2xEnergyKwh: 5 }));
    expect(window.minEnergyKwh).toBe(25);
    expect(window.notes).toEqual(['below-v2x-band']);
  });

  it('never has a floor above its ceiling', () => {
    const window = energyWindowOf(needsOf({ minV2xEnergyKwh: 90 }));
    expect(window.minEnergyKwh).toBe(window.maxEnergyKwh);
  });

  it('knows where the V2X band ends: above it nobody cycles', () => {
    expect(energyWindowOf(needsOf({ maxV2xEnergyKwh: 25 })).v2xCeilingKwh).toBe(45);
  });

  it('gives a car that tells only what may be taken out just that (the popular form of needs)', () => {
    const told = without(
      needsOf({ minV2xEnergyKwh: -18, targetEnergyKwh: 12 }),
      'minEnergyKwh',
      'maxEnergyKwh',
      'maxV2xEnergyKwh',
    );
    expect(energyWindowOf(told)).toMatchObject({
      energyAtStatedKwh: 18,
      minEnergyKwh: 0,
      maxEnergyKwh: 30,
      targetEnergyKwh: 30,
      notes: ['capacity-missing'],
    });
  });

  it('gives a one-way car no room below its energy', () => {
    const window = energyWindowOf(needsOf({ bidirectional: false }));
    expect(window.minEnergyKwh).toBe(20);
    expect(window.notes).toEqual(['charge-only']);
  });

  it('is built from capacity and state of charge for a car that states no energies', () => {
    const needs = without(
      needsOf({ batteryCapacityKwh: 60, socFraction: 0.5, bidirectional: false, targetEnergyKwh: 10 }),
      'minEnergyKwh',
      'maxEnergyKwh',
      'minV2xEnergyKwh',
      'maxV2xEnergyKwh',
    );
    expect(energyWindowOf(needs)).toMatchObject({
      energyAtStatedKwh: 30,
      maxEnergyKwh: 60,
      targetEnergyKwh: 40,
    });
  });

  it('assumes no more room than what is asked for when nothing tells the capacity', () => {
    const needs = without(
      needsOf({ bidirectional: false }),
      'minEnergyKwh',
      'maxEnergyKwh',
      'minV2xEnergyKwh',
      'maxV2xEnergyKwh',
    );
    const window = energyWindowOf(needs);
    expect(window).toMatchObject({ energyAtStatedKwh: 0, maxEnergyKwh: 20, targetEnergyKwh: 20 });
    expect(window.notes).toContain('capacity-missing');
  });

  it('notes a departure that is missing or past', () => {
    expect(energyWindowOf(without(needsOf(), 'departureMs')).notes).toEqual(['departure-missing']);
    expect(energyWindowOf(needsOf({ departureMs: NOON_MS })).notes).toEqual(['departure-in-past']);
  });

  it('is always ordered: floor ≤ ceiling, target and energy inside 0 … ceiling', () => {
    const kwh = fc.option(fc.double({ min: -90, max: 90, noNaN: true }), { nil: undefined });
    const stated = fc.record({
      targetEnergyKwh: kwh,
      minEnergyKwh: kwh,
      maxEnergyKwh: kwh,
      minV2xEnergyKwh: kwh,
      maxV2xEnergyKwh: kwh,
      bidirectional: fc.boolean(),
      batteryCapacityKwh: fc.option(fc.double({ min: 1, max: 100, noNaN: true }), { nil: undefined }),
      socFraction: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(stated, (amounts) => {
        const needs = { ...needsOf(), ...amounts } as ChargingNeeds;
        const window = energyWindowOf(needs);
        for (const value of [window.energyAtStatedKwh, window.minEnergyKwh, window.targetEnergyKwh]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(window.maxEnergyKwh + 1e-9);
        }
      }),
    );
  });
});

describe('stored energy', () => {
  it('moves by the meter with losses on both ways', () => {
    // 20 + 10 × 0.9 − 4 / 0.8 = 24.
    expect(storedEnergyKwh(sessionOf(), { importWh: 10_000, exportWh: 4_000 }, 0, EFFICIENCY)).toBeCloseTo(
      24,
      9,
    );
  });

  it('counts from the books’ standing when the needs were stated', () => {
    const session = sessionOf({ needsImportWh: 9_000, needsExportWh: 4_000 });
    expect(storedEnergyKwh(session, { importWh: 10_000, exportWh: 4_000 }, 0, EFFICIENCY)).toBeCloseTo(
      20.9,
      9,
    );
  });

  it('adds what is expected since the last reading', () => {
    expect(storedEnergyKwh(sessionOf(), { importWh: 0, exportWh: 0 }, -1.6, EFFICIENCY)).toBeCloseTo(18, 9);
  });

  it('follows the rise of the state of charge when that shows more than the meter with cautious losses', () => {
    const session = sessionOf({
      window: energyWindowOf(needsOf({ batteryCapacityKwh: 60, socFraction: 0.5 })),
      books: { ...EMPTY_BOOKS, socFraction: 0.7 },
    });
    // 20 + (0.20 − 0.01) × 60 = 31.4; by the meter 20 + 12 × 0.9 = 30.8.
    expect(storedEnergyKwh(session, { importWh: 12_000, exportWh: 0 }, 0, EFFICIENCY)).toBeCloseTo(31.4, 9);
  });

  it('moves a state of charge that was read before the last registers by what was counted since', () => {
    const session = sessionOf({
      window: energyWindowOf(needsOf({ batteryCapacityKwh: 60, socFraction: 0.5 })),
      books: { ...EMPTY_BOOKS, socFraction: 0.7, socImportWh: 12_000, socExportWh: 0 },
    });
    // 31.4 as it was read, and what was exported or imported since.
    const { chargeEfficiency, dischargeEfficiency } = EFFICIENCY;
    const metered = { importWh: 12_000, exportWh: 1_600 };
    expect(storedEnergyKwh(session, metered, 0, EFFICIENCY)).toBeCloseTo(31.4 - 1.6 / dischargeEfficiency, 9);
    const charged = { importWh: 13_000, exportWh: 0 };
    expect(storedEnergyKwh(session, charged, 0, EFFICIENCY)).toBeCloseTo(31.4 + chargeEfficiency, 9);
  });

  it('stays between empty and full', () => {
    expect(storedEnergyKwh(sessionOf(), { importWh: 90_000, exportWh: 0 }, 0, EFFICIENCY)).toBe(57);
    expect(storedEnergyKwh(sessionOf(), { importWh: 0, exportWh: 90_000 }, 0, EFFICIENCY)).toBe(0);
  });

  it('is unknown without needs', () => {
    const { window: _, ...withoutWindow } = sessionOf();
    expect(storedEnergyKwh(withoutWindow, { importWh: 0, exportWh: 0 }, 0, EFFICIENCY)).toBeUndefined();
  });
});

describe('the instant by which the target is to be stored', () => {
  const goal = { departureMs: NOON_MS + 8 * HOUR_MS, targetEnergyKwh: 40, maxEnergyKwh: 57, maxChargeKw: 11 };

  it('is the guard before the departure', () => {
    expect(planUntilMs(goal, 10, NOON_MS)).toBe(goal.departureMs - 10 * MINUTE_MS);
  });

  it('leaves time for taper above 90 % of the battery', () => {
    // 57 − 51.3 = 5.7 kWh, × 1.5 / 11 kW = 0.7773 h.
    const untilMs = planUntilMs({ ...goal, targetEnergyKwh: 57 }, 10, NOON_MS);
    expect((goal.departureMs - untilMs) / HOUR_MS).toBeCloseTo(1 / 6 + 0.77727, 4);
  });

  it('is never in the past', () => {
    expect(planUntilMs({ ...goal, departureMs: NOON_MS + MINUTE_MS }, 10, NOON_MS)).toBe(NOON_MS);
  });
});
