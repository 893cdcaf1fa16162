import { describe, expect, it } from 'vitest';
import { emptyRecord } from '../../../src/domain/evse-record.js';
import { capacitySessionOf } from '../../../src/engine/bidding/capacity-of-sessions.js';
import { sessionCapacityKw } from '../../../src/engine/bidding/session-capacity.js';
import { firmCapabilityOf, unsteeredNow, withSeenPowers } from '../../../src/engine/planning/steering.js';
import { DEFAULT_SETTINGS } from '../../../src/engine/settings.js';
import { createState, putStation, setDeviceModel } from '../../../src/engine/state.js';
import type { DeliveryLimit } from '../../../src/engine/verification/delivery.js';
import { NO_EVIDENCE } from '../../../src/engine/verification/evidence.js';
import {
  EVSE,
  goalOfCar,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  STATION,
  sessionOf,
  TRANSACTION,
  v2gModel,
} from '../../support/engine/fixtures.js';

function stateWith(seen: { discharge?: DeliveryLimit; charge?: DeliveryLimit } = {}) {
  const state = createState();
  putStation(state, { stationId: STATION, registration: 'accepted', nonConformances: [] });
  setDeviceModel(state, STATION, v2gModel());
  state.deliveries.set(EVSE, {
    transactionId: TRANSACTION,
    evidence: NO_EVIDENCE,
    trace: [],
    shown: { state: 'unverified', sinceMs: NOON_MS, reason: '' },
    ...seen,
  });
  return state;
}
const limit = (kw: number): DeliveryLimit => ({
  kw,
  untilMs: NOON_MS + 15 * MINUTE_MS,
  count: 1,
  atBound: false,
});
const pause = { untilMs: NOON_MS + 1, count: 1, reason: 'asked for 0.0 kW, metered 7.0 kW' };

describe('whether a session can be steered', () => {
  it('is denied while its station is out of reach for longer than the grace', () => {
    const state = stateWith();
    state.awaySinceMs.set(STATION, NOON_MS - 30_000);
    expect(unsteeredNow(state, sessionOf(), NOON_MS - 1)).toBeUndefined();
    expect(unsteeredNow(state, sessionOf(), NOON_MS)).toEqual({ why: 'offline', sinceMs: NOON_MS - 30_000 });
  });

  it('is denied while its EVSE is left alone, and no longer', () => {
    const state = stateWith();
    state.evseRecords.set(EVSE, { ...emptyRecord(EVSE), unsteerable: pause });
    expect(unsteeredNow(state, sessionOf(), NOON_MS)).toMatchObject({
      why: 'ignoring',
      reason: pause.reason,
    });
    expect(unsteeredNow(state, sessionOf(), NOON_MS + 1)).toBeUndefined();
  });
});

describe('a goal with the powers that arrive', () => {
  it('discharges no more than the car was seen to give, while that holds', () => {
    const state = stateWith({ discharge: limit(3) });
    expect(withSeenPowers(goalOfCar(), state, NOON_MS)).toMatchObject({ maxDischargeKw: 3, maxChargeKw: 11 });
    expect(withSeenPowers(goalOfCar(), state, NOON_MS + HOUR_MS).maxDischargeKw).toBe(11);
    const other = goalOfCar({ session: sessionOf({ transactionId: 'tx-2' as never }) });
    expect(withSeenPowers(other, state, NOON_MS).maxDischargeKw).toBe(11);
  });

  it('counts with what it takes, remembers its rating, and never with nothing', () => {
    const goal = (kw: number) => withSeenPowers(goalOfCar(), stateWith({ charge: limit(kw) }), NOON_MS);
    expect(goal(4)).toMatchObject({ maxChargeKw: 4, ratedChargeKw: 11 });
    expect(goal(0).maxChargeKw).toBe(0.2);
  });

  it('keeps full charging power reserved where a site’s connection limits import', () => {
    const state = stateWith({ charge: limit(4) });
    expect(withSeenPowers(goalOfCar({ isSiteLimited: true }), state, NOON_MS).maxChargeKw).toBe(11);
  });
});

describe('firm capacity', () => {
  const firmKw = (state: ReturnType<typeof stateWith>): number => {
    const session = sessionOf();
    const capability = firmCapabilityOf(state, session, NOON_MS);
    const rule = {
      direction: 'up',
      sustainMinutes: 15,
      powerFactor: 1,
      oppositePowerFactor: 0,
      chargeEfficiency: 0.92,
      dischargeEfficiency: 0.92,
    } as const;
    const held = capacitySessionOf(session, capability, DEFAULT_SETTINGS);
    return sessionCapacityKw(held, rule, NOON_MS, NOON_MS + HOUR_MS);
  };

  it('counts an EVSE that follows in full, and one whose car gives less with that', () => {
    expect(firmKw(stateWith())).toBe(11);
    expect(firmKw(stateWith({ discharge: limit(3) }))).toBe(3);
  });

  it('counts nothing of an EVSE out of reach, one that follows nothing, or one demoted to charging', () => {
    const away = stateWith();
    away.awaySinceMs.set(STATION, NOON_MS - HOUR_MS);
    expect(firmKw(away)).toBe(0);
    const wild = stateWith();
    wild.evseRecords.set(EVSE, { ...emptyRecord(EVSE), unsteerable: pause });
    expect(firmKw(wild)).toBe(0);
    const demoted = stateWith();
    const demotion = {
      evseNumber: 1,
      dialect: 'central-setpoint',
      reason: 'asked for -11.0 kW, metered 0.0 kW',
      untilMs: NOON_MS + HOUR_MS,
      count: 1,
      cause: 'ignored',
    } as const;
    putStation(demoted, {
      stationId: STATION,
      registration: 'accepted',
      nonConformances: [],
      dialectDemotions: [demotion],
    });
    expect(firmKw(demoted)).toBe(0);
  });
});
