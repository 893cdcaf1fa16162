import { describe, expect, it } from 'vitest';
import { asStationId, asTransactionId, evseIdOf } from '../../../src/domain/ids.js';
import type { DesiredProfile } from '../../../src/domain/profile.js';
import type { EvseCapability } from '../../../src/domain/station.js';
import { transactionProfileRequest } from '../../../src/ocpp/dialects/central-setpoint.js';
import { defaultProfileRequest } from '../../../src/ocpp/dialects/charging-only.js';
import { phasesTold, powerKwOf, type Rate, rateFor, rateOf } from '../../../src/ocpp/dialects/rate.js';
import { createMessageSchemas } from '../../../src/ocpp/wire/schemas.js';

const v21 = createMessageSchemas('ocpp2.1');
const v201 = createMessageSchemas('ocpp2.0.1');
const W: Rate = { unit: 'W', phases: 3 };
const A: Rate = { unit: 'A', phases: 3 };
const A1: Rate = { unit: 'A', phases: 1 };
const T0 = Date.UTC(2026, 2, 14, 18, 45);
const MINUTE = 60_000;
const evseId = evseIdOf(asStationId('HX22-000714'), 1);

const capability: EvseCapability = {
  evseId,
  canDischarge: true,
  because: 'test',
  periodsPerSchedule: 96,
  maxStackLevel: 5,
  supportsDynamicProfiles: false,
  supportsMaxOfflineDuration: true,
  rateUnits: ['A', 'W'],
};

function desired(powersKw: readonly number[], change: Partial<DesiredProfile> = {}): DesiredProfile {
  return {
    evseId,
    transactionId: asTransactionId('c8a1f0c2'),
    revision: 7,
    periods: powersKw.map((powerKw, index) => ({ startMs: T0 + index * 15 * MINUTE, powerKw })),
    validToMs: T0 + 120 * MINUTE,
    maxOfflineS: 900,
    createdAtMs: T0,
    reason: 'test',
    ...change,
  };
}

const scheduleOf = (profile: DesiredProfile, change: Partial<EvseCapability> = {}) =>
  transactionProfileRequest(profile, { ...capability, ...change }, 'ocpp2.1').chargingProfile
    .chargingSchedule[0]!;

describe('K01, Q03: dialect central-setpoint (SetChargingProfile)', () => {
  it('turns a desired profile into an Absolute TxProfile of signed setpoints that the schema takes', () => {
    const request = transactionProfileRequest(desired([-10, 0, 8.0004]), capability, 'ocpp2.1');
    expect(request).toEqual({
      evseId: 1,
      chargingProfile: {
        id: 1_000_000_003,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Absolute',
        transactionId: 'c8a1f0c2',
        validTo: '2026-03-14T20:45:00.000Z',
        maxOfflineDuration: 900,
        chargingSchedule: [
          {
            id: 7,
            startSchedule: '2026-03-14T18:35:00.000Z',
            duration: 7800,
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [
              { startPeriod: 0, operationMode: 'CentralSetpoint', setpoint: -10_000 },
              { startPeriod: 1500, operationMode: 'CentralSetpoint', setpoint: 0 },
              { startPeriod: 2400, operationMode: 'CentralSetpoint', setpoint: 8000 },
            ],
          },
        ],
      },
    });
    expect(v21.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
  });

  it('merges equal neighbours, also those that are equal only in whole W', () => {
    expect(
      scheduleOf(desired([5, 5.0002, 5, -3, -3])).chargingSchedulePeriod.map((p) => [
        p.startPeriod,
        p.setpoint,
      ]),
    ).toEqual([
      [0, 5000],
      [3300, -3000],
    ]);
  });

  it('cuts to the periods that the station holds and ends the schedule there', () => {
    const schedule = scheduleOf(desired([1, 1, 2, 3, 4]), { periodsPerSchedule: 2 });
    expect(schedule.chargingSchedulePeriod.map((p) => p.startPeriod)).toEqual([0, 2400]);
    // The third distinct power would begin at 45 min: the second must not run on into it.
    expect(schedule.duration).toBe(3300);
  });

  it('never sends more than the 1024 periods of the standard', () => {
    const profile = desired(
      Array.from({ length: 1100 }, (_, index) => index % 7),
      { validToMs: T0 + 1100 * 15 * MINUTE },
    );
    const request = transactionProfileRequest(
      profile,
      { ...capability, periodsPerSchedule: 5000 },
      'ocpp2.1',
    );
    expect(request.chargingProfile.chargingSchedule[0]!.chargingSchedulePeriod).toHaveLength(1024);
    expect(request.chargingProfile.chargingSchedule[0]!.duration).toBe(600 + 1024 * 900);
    expect(v21.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
  });

  it('leaves out periods that begin when the profile has ended', () => {
    const schedule = scheduleOf(desired([-10, 3], { validToMs: T0 + 10 * MINUTE }));
    expect(schedule.chargingSchedulePeriod).toHaveLength(1);
    expect(schedule.duration).toBe(1200);
  });

  it('begins ten minutes early, so that a station whose clock is behind is inside it; each power keeps its instant', () => {
    const { startSchedule, chargingSchedulePeriod, duration } = scheduleOf(desired([-10, 5]));
    const startMs = Date.parse(startSchedule!);
    expect(startMs).toBe(T0 - 10 * MINUTE);
    expect(chargingSchedulePeriod.map((p) => startMs + p.startPeriod * 1000)).toEqual([
      T0 - 10 * MINUTE,
      T0 + 15 * MINUTE,
    ]);
    expect(startMs + duration! * 1000).toBe(T0 + 120 * MINUTE);
  });

  it('speaks in the time of a station whose clock is known to be wrong', () => {
    const right = transactionProfileRequest(desired([-10, 5]), capability, 'ocpp2.1').chargingProfile;
    const behind = { ...capability, clockSkewMs: -90_400 };
    const wrong = transactionProfileRequest(desired([-10, 5]), behind, 'ocpp2.1').chargingProfile;
    expect(Date.parse(wrong.validTo!) - Date.parse(right.validTo!)).toBe(-90_000);
    const startOf = (profile: typeof right) => Date.parse(profile.chargingSchedule[0]!.startSchedule!);
    expect(startOf(wrong) - startOf(right)).toBe(-90_000);
    expect(wrong.chargingSchedule[0]!.chargingSchedulePeriod).toEqual(
      right.chargingSchedule[0]!.chargingSchedulePeriod,
    );
  });

  it('starts at whole seconds and lets the later of two orders within one second hold', () => {
    const schedule = scheduleOf(
      desired([], {
        periods: [
          { startMs: T0 + 250, powerKw: 1 },
          { startMs: T0 + 750, powerKw: 2 },
          { startMs: T0 + 60_000, powerKw: 3 },
        ],
      }),
    );
    expect(schedule.startSchedule).toBe('2026-03-14T18:35:00.000Z');
    expect(schedule.chargingSchedulePeriod.map((p) => [p.startPeriod, p.setpoint])).toEqual([
      [0, 2000],
      [660, 3000],
    ]);
  });

  it('gives an EVSE that cannot discharge ChargingOnly limits of at least 0', () => {
    const request = transactionProfileRequest(
      desired([-10, 0, 8]),
      { ...capability, canDischarge: false },
      'ocpp2.1',
    );
    expect(request.chargingProfile.chargingSchedule[0]!.chargingSchedulePeriod).toEqual([
      { startPeriod: 0, operationMode: 'ChargingOnly', limit: 0 },
      { startPeriod: 2400, operationMode: 'ChargingOnly', limit: 8000 },
    ]);
    expect(v21.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
  });

  it('serves a 2.0.1 station with limits and without any 2.1 field, whatever it claims to be able to do', () => {
    const request = transactionProfileRequest(desired([-10, 8]), capability, 'ocpp2.0.1');
    expect(v201.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
    expect(request.chargingProfile).not.toHaveProperty('maxOfflineDuration');
    expect(request.chargingProfile.chargingSchedule[0]!.chargingSchedulePeriod).toEqual([
      { startPeriod: 0, limit: 0 },
      { startPeriod: 1500, limit: 8000 },
    ]);
  });

  it('sets maxOfflineDuration only where the station supports it', () => {
    const request = transactionProfileRequest(
      desired([1]),
      { ...capability, supportsMaxOfflineDuration: false },
      'ocpp2.1',
    );
    expect(request.chargingProfile).not.toHaveProperty('maxOfflineDuration');
  });

  it('K01.FR.05: keeps one profile id per EVSE over all revisions, so that the new replaces the old', () => {
    const idOf = (revision: number, evse: number) =>
      transactionProfileRequest(
        desired([1], { revision, evseId: evseIdOf(asStationId('a'), evse) }),
        capability,
        'ocpp2.1',
      ).chargingProfile.id;
    expect(idOf(1, 1)).toBe(idOf(99, 1));
    expect(idOf(1, 1)).not.toBe(idOf(1, 2));
    const defaults = [1, 2].map((evse) => defaultProfileRequest(evse, 7, W, 'ocpp2.1').chargingProfile.id);
    expect(new Set([idOf(1, 1), idOf(1, 2), ...defaults]).size).toBe(4);
  });

  it('stays within the highest stack level of the station', () => {
    expect(
      transactionProfileRequest(desired([1]), { ...capability, maxStackLevel: 0 }, 'ocpp2.1').chargingProfile
        .stackLevel,
    ).toBe(0);
  });
});

describe('the charging-only default', () => {
  it('is a Relative TxDefaultProfile at stack level 0 without end', () => {
    const request = defaultProfileRequest(2, 7.36, W, 'ocpp2.1');
    expect(request).toEqual({
      evseId: 2,
      chargingProfile: {
        id: 1_000_000_004,
        stackLevel: 0,
        chargingProfilePurpose: 'TxDefaultProfile',
        chargingProfileKind: 'Relative',
        chargingSchedule: [
          {
            id: 1,
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [{ startPeriod: 0, operationMode: 'ChargingOnly', limit: 7360 }],
          },
        ],
      },
    });
    expect(v21.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
  });

  it('fits 2.0.1 and stations that only take A', () => {
    const request = defaultProfileRequest(1, 11, A, 'ocpp2.0.1');
    expect(v201.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
    // 11 000 W / (3 × 230 V) = 15.942 A
    expect(request.chargingProfile.chargingSchedule[0]!.chargingSchedulePeriod[0]!.limit).toBe(15.9);
  });
});

describe('rates', () => {
  it('rounds to whole W and never gives −0', () => {
    expect(rateOf(1.23456, W)).toBe(1235);
    expect(Object.is(rateOf(-0.0001, W), 0)).toBe(true);
    expect(Object.is(rateOf(-0.0001, A), 0)).toBe(true);
    expect(Object.is(rateOf(-0, W), 0)).toBe(true);
  });

  it('cuts A towards zero at one decimal, in both directions', () => {
    expect(rateOf(6.9, A)).toBe(10);
    expect(rateOf(-6.9, A)).toBe(-10);
    expect(rateOf(-11, A)).toBe(-15.9);
    expect(powerKwOf(10, 'A')).toBeCloseTo(6.9, 12);
  });

  it('prefers W and takes A only when there is nothing else', () => {
    expect(rateFor({ rateUnits: ['A', 'W'] })).toEqual(W);
    expect(rateFor({ rateUnits: ['A'], phases: 1 })).toEqual(A1);
    expect(rateFor({ rateUnits: [] })).toEqual(W);
  });

  it('are per phase: one phase of 230 V carries a third of three, and the period says so', () => {
    expect(rateOf(7.36, A1)).toBe(32);
    expect(rateOf(-3.68, A1)).toBe(-16);
    expect(powerKwOf(32, 'A', 1)).toBeCloseTo(7.36, 12);
    expect([phasesTold(A1), phasesTold(A), phasesTold({ unit: 'W', phases: 1 })]).toEqual([
      { numberPhases: 1 },
      {},
      {},
    ]);
    const single = { ...capability, rateUnits: ['A' as const], phases: 1 as const };
    const request = transactionProfileRequest(desired([-7.36]), single, 'ocpp2.1');
    expect(v21.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
    expect(request.chargingProfile.chargingSchedule[0]).toMatchObject({
      chargingRateUnit: 'A',
      chargingSchedulePeriod: [{ operationMode: 'CentralSetpoint', numberPhases: 1, setpoint: -32 }],
    });
    const fallback = defaultProfileRequest(1, 7.36, A1, 'ocpp2.0.1');
    expect(v201.check('request', 'SetChargingProfile', fallback)).toEqual({ valid: true });
    expect(fallback.chargingProfile.chargingSchedule[0]!.chargingSchedulePeriod).toEqual([
      { startPeriod: 0, numberPhases: 1, limit: 32 },
    ]);
  });
});
