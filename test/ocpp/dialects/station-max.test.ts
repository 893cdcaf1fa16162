import { describe, expect, it } from 'vitest';
import { defaultProfileId, transactionProfileId } from '../../../src/ocpp/dialects/profile-ids.js';
import { stationMaxRequest } from '../../../src/ocpp/dialects/station-max.js';
import { createMessageSchemas } from '../../../src/ocpp/wire/schemas.js';

const NOW_MS = Date.UTC(2026, 2, 14, 18, 45, 10, 250);

describe('the outer guard of a station', () => {
  it('is an Absolute ChargingStationMaxProfile of EVSE 0 that began long ago and never ends', () => {
    const request = stationMaxRequest(24, { unit: 'W', phases: 3 }, 'ocpp2.1', NOW_MS);
    expect(request).toEqual({
      evseId: 0,
      chargingProfile: {
        id: 1_000_000_000,
        stackLevel: 0,
        chargingProfilePurpose: 'ChargingStationMaxProfile',
        chargingProfileKind: 'Absolute',
        chargingSchedule: [
          {
            id: 1,
            startSchedule: '2026-03-13T18:45:10.000Z',
            chargingRateUnit: 'W',
            chargingSchedulePeriod: [{ startPeriod: 0, operationMode: 'ChargingOnly', limit: 24_000 }],
          },
        ],
      },
    });
    expect(createMessageSchemas('ocpp2.1').check('request', 'SetChargingProfile', request)).toEqual({
      valid: true,
    });
  });

  it('serves a 2.0.1 station, in A if need be, without any 2.1 field', () => {
    const request = stationMaxRequest(24, { unit: 'A', phases: 3 }, 'ocpp2.0.1', NOW_MS);
    expect(request.chargingProfile.chargingSchedule[0]!.chargingSchedulePeriod).toEqual([
      { startPeriod: 0, limit: 34.7 },
    ]);
    expect(createMessageSchemas('ocpp2.0.1').check('request', 'SetChargingProfile', request)).toEqual({
      valid: true,
    });
  });

  it('has an id of its own', () => {
    const ids = [1, 2, 3].flatMap((evse) => [defaultProfileId(evse), transactionProfileId(evse)]);
    expect(ids).not.toContain(
      stationMaxRequest(1, { unit: 'W', phases: 3 }, 'ocpp2.1', NOW_MS).chargingProfile.id,
    );
  });
});
