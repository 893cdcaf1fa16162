import { describe, expect, it } from 'vitest';
import { dynamicProfileRequest, dynamicUpdate } from '../../../src/ocpp/dialects/dynamic.js';
import { negativeLimitRequest } from '../../../src/ocpp/dialects/negative-limit.js';
import { evseOfTransactionProfile, transactionProfileId } from '../../../src/ocpp/dialects/profile-ids.js';
import { createMessageSchemas } from '../../../src/ocpp/wire/schemas.js';
import { capabilityOfEvse, MINUTE_MS, NOON_MS, profileOf } from '../../support/engine/fixtures.js';

const profile = profileOf(
  [
    { startMs: NOON_MS, powerKw: -10 },
    { startMs: NOON_MS + 5 * MINUTE_MS, powerKw: 7 },
  ],
  { revision: 4, validToMs: NOON_MS + 15 * MINUTE_MS },
);
const capability = capabilityOfEvse();
const v21 = createMessageSchemas('ocpp2.1');
const v201 = createMessageSchemas('ocpp2.0.1');

describe('dialect dynamic', () => {
  it('K28: is one Dynamic TxProfile of one period without a start, with a dead-man duration', () => {
    const request = dynamicProfileRequest(profile, capability, NOON_MS)!;
    expect(request).toEqual({
      evseId: 1,
      chargingProfile: {
        id: 1_000_000_003,
        stackLevel: 1,
        chargingProfilePurpose: 'TxProfile',
        chargingProfileKind: 'Dynamic',
        transactionId: 'tx-1',
        dynUpdateInterval: 150,
        maxOfflineDuration: 900,
        chargingSchedule: [
          {
            id: 4,
            duration: 300,
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [{ startPeriod: 0, operationMode: 'CentralSetpoint', setpoint: -10_000 }],
          },
        ],
      },
    });
    expect(v21.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
  });

  it('K28: an update carries every value that the mode needs, as of now', () => {
    const update = dynamicUpdate(profile, capability, NOON_MS + 5 * MINUTE_MS)!;
    expect(update).toEqual({ setpoint: 7000 });
    const request = { chargingProfileId: 1_000_000_003, scheduleUpdate: update };
    expect(v21.check('request', 'UpdateDynamicSchedule', request)).toEqual({ valid: true });
  });

  it('has nothing to say once the profile has run out', () => {
    expect(dynamicProfileRequest(profile, capability, profile.validToMs)).toBeUndefined();
  });
});

describe('dialect negative-limit', () => {
  it('is an Absolute TxProfile in W whose negative limits mean discharge', () => {
    const request = negativeLimitRequest(profile, capability, 'ocpp2.1');
    expect(request.chargingProfile).toMatchObject({
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      transactionId: 'tx-1',
      maxOfflineDuration: 900,
    });
    expect(request.chargingProfile.chargingSchedule[0]).toMatchObject({
      chargingRateUnit: 'W',
      chargingSchedulePeriod: [
        { startPeriod: 0, limit: -10_000 },
        { startPeriod: 900, limit: 7000 },
      ],
    });
    expect(v21.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
  });

  it('is a TxDefaultProfile above the charging-only one where that is all a station takes, and ends by itself', () => {
    const taking = capabilityOfEvse({ profilePurpose: 'TxDefaultProfile', maxStackLevel: 3 });
    const request = negativeLimitRequest(profile, taking, 'ocpp2.0.1');
    expect(request.chargingProfile).toMatchObject({
      chargingProfilePurpose: 'TxDefaultProfile',
      stackLevel: 1,
      validTo: '2026-01-20T12:15:00.000Z',
    });
    expect(request.chargingProfile.transactionId).toBeUndefined();
    expect(request.chargingProfile.maxOfflineDuration).toBeUndefined();
    expect(v201.check('request', 'SetChargingProfile', request)).toEqual({ valid: true });
  });
});

it('an id of ours tells its EVSE; others tell none', () => {
  expect(evseOfTransactionProfile(transactionProfileId(7))).toBe(7);
  expect([1_000_000_002, 5, -3].map(evseOfTransactionProfile)).toEqual([undefined, undefined, undefined]);
});
