import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChargingNeeds } from '../../../src/domain/session.js';
import { energyWindowOf } from '../../../src/engine/sessions/energy-window.js';
import { answerNeeds } from '../../../src/engine/sessions/needs.js';
import { checkNeeds, faultText } from '../../../src/engine/sessions/needs-faults.js';
import { HOUR_MS, NOON_MS, needsOf } from '../../support/engine/fixtures.js';

function judged(changes: Partial<ChargingNeeds>) {
  const { needs, faults } = checkNeeds(needsOf(changes));
  return { needs, texts: faults.map(faultText) };
}

describe('the check of needs', () => {
  it('finds nothing wrong with good ones and leaves them as they are', () => {
    expect(judged({})).toEqual({ needs: needsOf(), texts: [] });
  });

  it('leaves a least charging power out that lies above the largest', () => {
    const { needs, texts } = judged({ minChargeKw: 12, maxChargeKw: 11 });
    expect(texts).toEqual(['minChargeKw: 12 lies above maxChargeKw 11']);
    expect(needs).not.toHaveProperty('minChargeKw');
    expect(needs.bidirectional).toBe(true);
  });

  it.each([
    [{ minDischargeKw: 12 }, 'minDischargeKw: 12 lies above maxDischargeKw 11'],
    [{ minV2xEnergyKwh: 40 }, 'minV2xEnergyKwh: 40 lies above maxV2xEnergyKwh 37'],
    [{ minEnergyKwh: 50 }, 'minEnergyKwh: 50 lies above maxEnergyKwh 37'],
    [{ maxDischargeKw: -5 }, 'maxDischargeKw: -5 is not above zero; left out'],
    [{ maxDischargeKw: 1e9 }, 'maxDischargeKw: 1000000000 is beyond any vehicle; left out'],
    [{ maxV2xEnergyKwh: 1e6 }, 'maxV2xEnergyKwh: 1000000 is beyond any vehicle; left out'],
  ] as const)('does not let a car discharge whose limits contradict: %j', (changes, text) => {
    const { needs, texts } = judged(changes);
    expect(texts).toContain(text);
    expect(needs.bidirectional).toBe(false);
    expect(energyWindowOf(needs).minEnergyKwh).toBe(energyWindowOf(needs).energyAtStatedKwh);
  });

  it('leaves a negative charging power out, so that the EVSE’s own limit holds', () => {
    const { needs, texts } = judged({ maxChargeKw: -7 });
    expect(texts).toEqual(['maxChargeKw: -7 is not above zero; left out']);
    expect(needs).not.toHaveProperty('maxChargeKw');
  });

  it('tells a target above the capacity with both numbers', () => {
    expect(judged({ targetEnergyKwh: 60 }).texts).toEqual([
      'targetEnergyKwh: 60 lies above maxEnergyKwh 37; cut to it',
    ]);
    const { maxEnergyKwh: _, ...rest } = needsOf({ targetEnergyKwh: 90, batteryCapacityKwh: 60 });
    expect(checkNeeds(rest).faults.map(faultText)).toEqual([
      'targetEnergyKwh: 90 lies above batteryCapacityKwh 60; cut to it',
    ]);
  });

  it('raises a V2X band that reaches below the battery’s own floor', () => {
    const { needs, texts } = judged({ minV2xEnergyKwh: -30 });
    expect(texts).toEqual(['minV2xEnergyKwh: -30 lies below minEnergyKwh -20; raised to it']);
    expect(needs.minV2xEnergyKwh).toBe(-20);
  });

  it('tells a departure in the past, and leaves one years ahead out', () => {
    expect(judged({ departureMs: NOON_MS - HOUR_MS }).texts).toEqual([
      'departure: 2026-01-20T11:00:00.000Z is in the past',
    ]);
    const far = judged({ departureMs: Date.UTC(2029, 0) });
    expect(far.texts).toEqual(['departure: 2029-01-01T00:00:00.000Z is more than 31 days ahead; left out']);
    expect(far.needs).not.toHaveProperty('departureMs');
    expect(answerNeeds({ ...far.needs, faults: far.texts }, NOON_MS)).toEqual({
      status: 'NoChargingProfile',
      reasonCode: 'InvalidValue',
      detail: 'departureTime is too far ahead',
    });
  });

  it('takes needs from the future as stated now', () => {
    const { needs, texts } = judged({ statedAtMs: NOON_MS + HOUR_MS });
    expect(texts).toEqual(['statedAt: 2026-01-20T13:00:00.000Z is in the future; taken as now']);
    expect(needs.statedAtMs).toBe(NOON_MS);
  });

  it('makes every needs plannable: whatever comes, the window is in order and powers are sane', () => {
    const number = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined });
    const small = fc.option(fc.double({ min: -200, max: 200, noNaN: true }), { nil: undefined });
    const value = fc.oneof(number, small);
    const drawn = fc.record({
      targetEnergyKwh: value,
      minEnergyKwh: value,
      maxEnergyKwh: value,
      minV2xEnergyKwh: value,
      maxV2xEnergyKwh: value,
      minChargeKw: value,
      maxChargeKw: value,
      minDischargeKw: value,
      maxDischargeKw: value,
      batteryCapacityKwh: value,
    });
    void fc.assert(
      fc.property(drawn, fc.boolean(), (changes, bidirectional) => {
        const stated = Object.entries({ ...needsOf(), ...changes, bidirectional });
        const given = Object.fromEntries(stated.filter(([, one]) => one !== undefined));
        const { needs } = checkNeeds(given as unknown as ChargingNeeds);
        const window = energyWindowOf(needs);
        expect(window.minEnergyKwh).toBeLessThanOrEqual(window.maxEnergyKwh + 1e-9);
        expect(window.targetEnergyKwh).toBeLessThanOrEqual(window.maxEnergyKwh + 1e-9);
        expect(window.targetEnergyKwh).toBeGreaterThanOrEqual(0);
        for (const kw of [needs.minChargeKw, needs.maxChargeKw, needs.maxDischargeKw]) {
          if (kw !== undefined) expect(kw >= 0 && kw <= 4_000).toBe(true);
        }
        if (needs.minChargeKw !== undefined && needs.maxChargeKw !== undefined) {
          expect(needs.minChargeKw).toBeLessThanOrEqual(needs.maxChargeKw);
        }
      }),
    );
  });
});

describe('the answer to faulty needs', () => {
  it('that can be planned is Accepted and says what was wrong', () => {
    const { needs, texts } = judged({ minChargeKw: 12 });
    expect(answerNeeds({ ...needs, faults: texts }, NOON_MS)).toEqual({
      status: 'Accepted',
      reasonCode: 'InvalidValue',
      detail: 'minChargeKw: 12 lies above maxChargeKw 11',
    });
  });

  it('is Processing when planning is late (K15–K19.FR.08: the EV must not wait in vain)', () => {
    expect(answerNeeds(needsOf(), NOON_MS, true)).toEqual({ status: 'Processing' });
  });
});
