import { evseNumberOf } from '../../domain/ids.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { EvseCapability } from '../../domain/station.js';
import { transactionProfileRequest } from '../dialects/central-setpoint.js';
import { negativeLimitRequest } from '../dialects/negative-limit.js';
import type { SetChargingProfileRequest } from '../wire/smart-charging-messages.js';
import { setProfile } from './set-profile.js';
import { clearProfile } from './smart-charging.js';
import type { AskStation, StationContext } from './station-context.js';

/**
 * Setpoint 0 → Idle → clear (ocpp: section 9, step 10). Clearing alone would let a car that exports jump to
 * full charging, and a station that does not clear would go on exporting. A step that is refused does not
 * stop the next: the profile must go in any case.
 */
export async function stopSteering(
  context: StationContext,
  ask: AskStation,
  inForce: DesiredProfile,
  capability: EvseCapability,
): Promise<void> {
  const { logger, stationId, protocol, clock } = context;
  const nowMs = clock.nowMs();
  const zero: DesiredProfile = {
    ...inForce,
    createdAtMs: nowMs,
    periods: [{ startMs: nowMs, powerKw: 0 }],
    validToMs: Math.max(inForce.validToMs, nowMs + 60_000),
  };
  const isLimit = capability.dialect === 'negative-limit';
  const request = isLimit
    ? negativeLimitRequest(zero, capability, protocol)
    : transactionProfileRequest(zero, capability, protocol);
  const steps = isLimit || !capability.canDischarge ? [request] : [request, idle(request)];
  for (const step of steps) {
    const outcome = await setProfile(ask, step);
    if (outcome.status === 'accepted') continue;
    logger.warn(
      { stationId, evseId: inForce.evseId, reason: outcome.reason },
      'A step of stopping was refused',
    );
    break;
  }
  context.dynamicProfiles.gone(evseNumberOf(inForce.evseId));
  await clearProfile(context, ask, inForce.evseId);
}

/** The same profile in operation mode Idle, which takes no value at all. */
function idle({ evseId, chargingProfile }: SetChargingProfileRequest): SetChargingProfileRequest {
  return {
    evseId,
    chargingProfile: {
      ...chargingProfile,
      chargingSchedule: chargingProfile.chargingSchedule.map((schedule) => ({
        ...schedule,
        chargingSchedulePeriod: [{ startPeriod: 0, operationMode: 'Idle' }],
      })),
    },
  };
}
