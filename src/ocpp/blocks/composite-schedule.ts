import type { CompositeAnswer } from '../../domain/composite-schedule.js';
import { type EvseId, evseNumberOf } from '../../domain/ids.js';
import type { EvseCapability } from '../../domain/station.js';
import { powerKwOf, rateFor } from '../dialects/rate.js';
import type { ChargingSchedulePeriod } from '../wire/smart-charging-messages.js';
import type { AskStation } from './station-context.js';

/** Asks what all profiles together make the EVSE do from now on (OCPP 2.1 K08). */
export async function askCompositeSchedule(
  ask: AskStation,
  evseId: EvseId,
  durationS: number,
  capability: Pick<EvseCapability, 'rateUnits' | 'phases'>,
): Promise<CompositeAnswer> {
  const answer = await ask('GetCompositeSchedule', {
    evseId: evseNumberOf(evseId),
    duration: durationS,
    chargingRateUnit: rateFor(capability).unit,
  });
  if (!answer.supported) return { kind: 'not-told', detail: answer.detail };
  const { status, schedule, statusInfo } = answer.response;
  if (status !== 'Accepted' || schedule === undefined) {
    const reason = [statusInfo?.reasonCode, statusInfo?.additionalInfo].filter(Boolean).join(': ');
    return { kind: 'not-told', detail: reason === '' ? `${status} without a schedule` : reason };
  }
  const periods = schedule.chargingSchedulePeriod
    .map((period) => ({
      afterS: period.startPeriod,
      powerKw: powerKwOf(
        rateOfPeriod(period),
        schedule.chargingRateUnit,
        period.numberPhases ?? capability.phases,
      ),
    }))
    .sort((one, other) => one.afterS - other.afterS);
  return { kind: 'told', schedule: { periods, durationS: schedule.duration } };
}

/**
 * A setpoint, else a limit: stations that know no operation modes tell discharge as a limit below zero.
 * Interpretation: a period with neither asks for nothing (Idle).
 */
function rateOfPeriod({ setpoint, limit, operationMode }: ChargingSchedulePeriod): number {
  if (operationMode === 'Idle') return 0;
  return setpoint ?? limit ?? 0;
}
