import { evseNumberOf } from '../../domain/ids.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { EvseCapability, StationProtocol } from '../../domain/station.js';
import type { ChargingSchedulePeriod, SetChargingProfileRequest } from '../wire/smart-charging-messages.js';
import { transactionProfileId } from './profile-ids.js';
import { phasesTold, type Rate, rateFor, rateOf } from './rate.js';
import { absoluteSchedule, validToOf } from './schedule.js';

/** TxProfile above TxDefaultProfile by purpose; the level only matters among TxProfiles. */
const STACK_LEVEL = 1;

type PeriodContent = Omit<ChargingSchedulePeriod, 'startPeriod'>;

/**
 * Dialect `central-setpoint`: an Absolute TxProfile whose periods carry a signed `setpoint` in operation
 * mode CentralSetpoint and nothing else (OCPP 2.1 Q03.FR.02 forbids limits there). An EVSE that cannot
 * discharge gets ChargingOnly periods with a `limit` ≥ 0, a 2.0.1 station the same without the 2.1 fields.
 * The profile ends at `validToMs`, and after `maxOfflineS` without a link where the station supports that.
 */
export function transactionProfileRequest(
  profile: DesiredProfile,
  capability: EvseCapability,
  protocol: StationProtocol,
): SetChargingProfileRequest {
  const evseId = evseNumberOf(profile.evseId);
  const rate = rateFor(capability);
  const modern = protocol === 'ocpp2.1';
  const schedule = absoluteSchedule(profile, {
    unit: rate.unit,
    periodsPerSchedule: capability.periodsPerSchedule,
    clockSkewMs: capability.clockSkewMs,
    content: periodContent(rate, modern, modern && capability.canDischarge),
  });
  return {
    evseId,
    chargingProfile: {
      id: transactionProfileId(evseId),
      stackLevel: Math.min(STACK_LEVEL, capability.maxStackLevel),
      chargingProfilePurpose: 'TxProfile',
      chargingProfileKind: 'Absolute',
      transactionId: profile.transactionId,
      validTo: validToOf(profile, capability),
      ...(modern && capability.supportsMaxOfflineDuration
        ? { maxOfflineDuration: Math.max(0, Math.round(profile.maxOfflineS)) }
        : {}),
      chargingSchedule: [schedule],
    },
  };
}

function periodContent(
  rate: Rate,
  modern: boolean,
  canDischarge: boolean,
): (powerKw: number) => PeriodContent {
  if (canDischarge) {
    const mode: PeriodContent = { operationMode: 'CentralSetpoint', ...phasesTold(rate) };
    return (powerKw) => ({ ...mode, setpoint: rateOf(powerKw, rate) });
  }
  const mode: PeriodContent = { ...(modern ? { operationMode: 'ChargingOnly' } : {}), ...phasesTold(rate) };
  return (powerKw) => ({ ...mode, limit: rateOf(Math.max(0, powerKw), rate) });
}
