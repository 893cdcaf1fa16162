import { describe, expect, it } from 'vitest';
import type { Session } from '../../../src/domain/session.js';
import { goalOf } from '../../../src/engine/planning/goals.js';
import { energyWindowOf } from '../../../src/engine/sessions/energy-window.js';
import { DEFAULT_SETTINGS } from '../../../src/engine/settings.js';
import {
  capabilityOfEvse,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  needsOf,
  sessionOf,
} from '../../support/engine/fixtures.js';

const goal = (session: Session, capability = capabilityOfEvse(), storedKwh = 20, nowMs = NOON_MS) =>
  goalOf(session, capability, storedKwh, nowMs, DEFAULT_SETTINGS);
const withNeeds = (changes: Parameters<typeof needsOf>[0]) => {
  const needs = needsOf(changes);
  return sessionOf({ needs, window: energyWindowOf(needs) });
};

describe('the goal of a session', () => {
  it('is its window, until the guard before its departure', () => {
    expect(goal(sessionOf())).toMatchObject({
      storedKwh: 20,
      minEnergyKwh: 6,
      maxEnergyKwh: 57,
      targetEnergyKwh: 40,
      planUntilMs: NOON_MS + 8 * HOUR_MS - 10 * MINUTE_MS,
      departureMs: NOON_MS + 8 * HOUR_MS,
      maxChargeKw: 11,
      maxDischargeKw: 11,
    });
  });

  it('is nothing without needs', () => {
    const { needs: _, ...bare } = sessionOf();
    expect(goal(bare)).toBeUndefined();
  });

  it('takes the lesser power of car and EVSE in both directions', () => {
    const session = withNeeds({ maxChargeKw: 7, maxDischargeKw: 22 });
    expect(goal(session, capabilityOfEvse({ maxChargeKw: 11, maxDischargeKw: 10 }))).toMatchObject({
      maxChargeKw: 7,
      maxDischargeKw: 10,
    });
  });

  it.each([
    ['the EVSE cannot', sessionOf(), capabilityOfEvse({ canDischarge: false })],
    ['the car does not', withNeeds({ bidirectional: false }), capabilityOfEvse()],
    ['the driver opted out', sessionOf({ override: { optOut: true } }), capabilityOfEvse()],
    ['the EVSE is configured to 0', sessionOf(), capabilityOfEvse({ maxDischargeKw: 0 })],
  ])('never discharges when %s', (_what, session, capability) => {
    expect(goal(session, capability)?.maxDischargeKw).toBe(0);
  });

  it('does not cycle above the V2X band, but charges to a target above it', () => {
    expect(goal(withNeeds({ maxV2xEnergyKwh: 25 }))?.maxEnergyKwh).toBe(45);
    expect(goal(withNeeds({ maxV2xEnergyKwh: 25, targetEnergyKwh: 30 }))?.maxEnergyKwh).toBe(50);
    expect(
      goal(withNeeds({ maxV2xEnergyKwh: 25 }), capabilityOfEvse({ canDischarge: false }))?.maxEnergyKwh,
    ).toBe(57);
  });

  it('follows an override of departure and target, the target cut to the battery', () => {
    const session = sessionOf({ override: { departureMs: NOON_MS + 2 * HOUR_MS, targetEnergyKwh: 99 } });
    expect(goal(session)).toMatchObject({ departureMs: NOON_MS + 2 * HOUR_MS, targetEnergyKwh: 57 });
  });

  it('charges at once for an opt-out, a missing and a past departure: just as long as it takes', () => {
    const { departureMs: _, ...open } = needsOf();
    // 20 kWh / 0.92 at 11 kW: 1.9763 h.
    const untilMs = NOON_MS + (20 / 0.92 / 11) * HOUR_MS;
    for (const [session, chargeNow] of [
      [sessionOf({ override: { optOut: true } }), 'opted-out'],
      [sessionOf({ needs: open }), 'departure-missing'],
      [withNeeds({ departureMs: NOON_MS }), 'departure-passed'],
    ] as const) {
      expect(goal(session)).toMatchObject({ chargeNow, maxDischargeKw: 0, planUntilMs: untilMs });
    }
  });

  it('has nothing left to plan when a car that charges at once is full', () => {
    expect(goal(sessionOf({ override: { optOut: true } }), capabilityOfEvse(), 45)?.planUntilMs).toBe(
      NOON_MS,
    );
  });
});
