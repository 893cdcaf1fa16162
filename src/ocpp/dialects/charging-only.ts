import type { StationProtocol } from '../../domain/station.js';
import type { SetChargingProfileRequest } from '../wire/smart-charging-messages.js';
import { defaultProfileId } from './profile-ids.js';
import { phasesTold, type Rate, rateOf } from './rate.js';

/**
 * The charging-only default of one EVSE: a Relative TxDefaultProfile at stack level 0 without an end. It is
 * what holds when our transaction profile has ended or we are silent, so it never discharges.
 */
export function defaultProfileRequest(
  evseNumber: number,
  limitKw: number,
  rate: Rate,
  protocol: StationProtocol,
): SetChargingProfileRequest {
  return {
    evseId: evseNumber,
    chargingProfile: {
      id: defaultProfileId(evseNumber),
      stackLevel: 0,
      chargingProfilePurpose: 'TxDefaultProfile',
      chargingProfileKind: 'Relative',
      chargingSchedule: [
        {
          id: 1,
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
