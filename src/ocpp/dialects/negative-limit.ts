import { evseNumberOf } from '../../domain/ids.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { EvseCapability, StationProtocol } from '../../domain/station.js';
import type { SetChargingProfileRequest } from '../wire/smart-charging-messages.js';
import { transactionProfileId } from './profile-ids.js';
import { NOMINAL_PHASES, rateOf } from './rate.js';
import { absoluteSchedule, validToOf } from './schedule.js';

/** Above the charging-only default, which has level 0. */
const STACK_LEVEL = 1;
const WATTS = { unit: 'W', phases: NOMINAL_PHASES } as const;

/**
 * Dialect `negative-limit`: an Absolute profile in W whose periods carry a `limit` that is negative for
 * discharge, without operation mode. The standard withdrew this (errata 2025-06); stations that follow the
 * popular description know nothing else. As a TxDefaultProfile it would hold for the next car too, so it
 * ends at `validToMs`, and whoever ends the session clears it.
 */
export function negativeLimitRequest(
  profile: DesiredProfile,
  capability: EvseCapability,
  protocol: StationProtocol,
): SetChargingProfileRequest {
  const evseId = evseNumberOf(profile.evseId);
  const purpose = capability.profilePurpose ?? 'TxProfile';
  return {
    evseId,
    chargingProfile: {
      id: transactionProfileId(evseId),
      stackLevel: Math.min(STACK_LEVEL, capability.maxStackLevel),
      chargingProfilePurpose: purpose,
      chargingProfileKind: 'Absolute',
      ...(purpose === 'TxProfile' ? { transactionId: profile.transactionId } : {}),
      validTo: validToOf(profile, capability),
      ...(protocol === 'ocpp2.1' && capability.supportsMaxOfflineDuration
        ? { maxOfflineDuration: Math.max(0, Math.round(profile.maxOfflineS)) }
        : {}),
      chargingSchedule: [
        absoluteSchedule(profile, {
          unit: 'W',
          periodsPerSchedule: capability.periodsPerSchedule,
          clockSkewMs: capability.clockSkewMs,
          content: (powerKw) => ({ limit: rateOf(powerKw, WATTS) }),
        }),
      ],
    },
  };
}
