import { evseNumberOf } from '../../domain/ids.js';
import { type DesiredProfile, dynamicDurationS, dynamicPowerKwAt } from '../../domain/profile.js';
import type { EvseCapability } from '../../domain/station.js';
import type { ChargingScheduleUpdate, SetChargingProfileRequest } from '../wire/smart-charging-messages.js';
import { transactionProfileId } from './profile-ids.js';
import { phasesTold, rateFor, rateOf } from './rate.js';

const STACK_LEVEL = 1;

/**
 * Dialect `dynamic`: a Dynamic TxProfile of one CentralSetpoint period without start (OCPP 2.1 K28). Its
 * `duration` is a dead-man time: it ends so long after the last update, whatever the station's clock says.
 * The station pulls by itself when our updates stay away for half of that time.
 */
export function dynamicProfileRequest(
  profile: DesiredProfile,
  capability: EvseCapability,
  nowMs: number,
): SetChargingProfileRequest | undefined {
  const update = dynamicUpdate(profile, capability, nowMs);
  if (update === undefined) return undefined;
  const evseId = evseNumberOf(profile.evseId);
  const rate = rateFor(capability);
  const durationS = dynamicDurationS(profile);
  return {
    evseId,
    chargingProfile: {
      id: transactionProfileId(evseId),
      stackLevel: Math.min(STACK_LEVEL, capability.maxStackLevel),
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Dynamic',
      transactionId: profile.transactionId,
      dynUpdateInterval: Math.max(1, Math.floor(durationS / 2)),
      ...(capability.supportsMaxOfflineDuration
        ? { maxOfflineDuration: Math.max(0, Math.round(profile.maxOfflineS)) }
        : {}),
      chargingSchedule: [
        {
          id: profile.revision,
          duration: durationS,
          chargingRateUnit: rate.unit,
          chargingSchedulePeriod: [
            { startPeriod: 0, operationMode: 'CentralSetpoint', ...phasesTold(rate), ...update },
          ],
        },
      ],
    },
  };
}

/** Every value that the operation mode needs, as of now; undefined when the profile is to run out. */
export function dynamicUpdate(
  profile: DesiredProfile,
  capability: EvseCapability,
  nowMs: number,
): ChargingScheduleUpdate | undefined {
  const powerKw = dynamicPowerKwAt(profile, nowMs);
  return powerKw === undefined ? undefined : { setpoint: rateOf(powerKw, rateFor(capability)) };
}
