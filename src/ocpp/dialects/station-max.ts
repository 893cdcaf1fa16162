import { MS_PER_HOUR } from '../../domain/power.js';
import type { StationProtocol } from '../../domain/station.js';
import { formatInstant } from '../wire/instant.js';
import type { SetChargingProfileRequest } from '../wire/smart-charging-messages.js';
import { stationMaxProfileId } from './profile-ids.js';
import { phasesTold, type Rate, rateOf } from './rate.js';

/** A profile for the whole station is never Relative; it began this long ago by any clock of a station. */
const BEGAN_MS = 24 * MS_PER_HOUR;

/**
 * The outer guard: a ChargingStationMaxProfile of the whole station without an end. Whatever other profiles
 * say, ours or another's, the station imports no more (OCPP 2.1 K01). It has only a `limit`, so it does not
 * cap export.
 */
export function stationMaxRequest(
  limitKw: number,
  rate: Rate,
  protocol: StationProtocol,
  nowMs: number,
): SetChargingProfileRequest {
  return {
    evseId: 0,
    chargingProfile: {
      id: stationMaxProfileId(),
      stackLevel: 0,
      chargingProfilePurpose: 'ChargingStationMaxProfile',
      chargingProfileKind: 'Absolute',
      chargingSchedule: [
        {
          id: 1,
          startSchedule: formatInstant(Math.floor((nowMs - BEGAN_MS) / 1000) * 1000),
          chargingRateUnit: rate.unit,
          chargingSchedulePeriod: [
            {
              startPeriod: 0,
              ...(protocol === 'ocpp2.1' ? { operationMode: 'ChargingOnly' as const } : {}),
              ...phasesTold(rate),
              limit: rateOf(Math.max(0, limitKw), rate),
            },
          ],
        },
      ],
    },
  };
}
