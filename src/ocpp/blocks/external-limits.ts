import type { ExternalLimit, ExternalLimitPeriod } from '../../domain/external-limit.js';
import { asTransactionId } from '../../domain/ids.js';
import { powerKwOf } from '../dialects/rate.js';
import { parseInstantMs } from '../wire/instant.js';
import type { CallHandlers } from '../wire/messages.js';
import type {
  ChargingSchedule,
  ChargingSchedulePeriod,
  NotifyChargingLimitRequest,
} from '../wire/smart-charging-messages.js';
import type { StationContext } from './station-context.js';

/** Limits that somebody else sets, and the driver's wish to charge at once (OCPP 2.1 K11–K13, K22). */
export function externalLimitHandlers({ stationId, events, clock }: StationContext): CallHandlers {
  return {
    async NotifyChargingLimit(request) {
      // Local generation comes on top of what the grid gives: nothing is capped by it (K27).
      if (request.chargingLimit.isLocalGeneration === true) return {};
      await events.externalLimit(stationId, externalLimitOf(request, clock.nowMs()));
      return {};
    },
    async ClearedChargingLimit({ evseId = 0, chargingLimitSource }) {
      await events.externalLimitCleared(stationId, evseId, chargingLimitSource);
      return {};
    },
    async NotifyPriorityCharging({ transactionId, activated }) {
      await events.priorityCharging(stationId, asTransactionId(transactionId), activated);
      return {};
    },
  };
}

/** The limit in kW. Interpretation: with several schedules (phases of one limit) the first is the one that counts. */
export function externalLimitOf(request: NotifyChargingLimitRequest, nowMs: number): ExternalLimit {
  const { chargingLimit, chargingSchedule, evseId = 0 } = request;
  const schedule = chargingSchedule?.[0];
  const startMs = schedule?.startSchedule === undefined ? nowMs : parseInstantMs(schedule.startSchedule);
  return {
    evseNumber: evseId,
    source: chargingLimit.chargingLimitSource,
    isGridCritical: chargingLimit.isGridCritical ?? false,
    periods: schedule === undefined ? [] : periodsOf(schedule, startMs),
    ...(schedule?.duration === undefined ? {} : { endMs: startMs + schedule.duration * 1000 }),
  };
}

function periodsOf(schedule: ChargingSchedule, startMs: number): ExternalLimitPeriod[] {
  return schedule.chargingSchedulePeriod.map((period) => ({
    startMs: startMs + period.startPeriod * 1000,
    ...capsOf(period, (rate) => powerKwOf(rate, schedule.chargingRateUnit, period.numberPhases)),
  }));
}

/** A negative limit, the old spelling, forces discharge; charging is then capped at nothing. */
function capsOf({ limit, dischargeLimit }: ChargingSchedulePeriod, kw: (rate: number) => number) {
  return {
    ...(limit === undefined ? {} : { maxChargeKw: Math.max(0, kw(limit)) }),
    ...(dischargeLimit === undefined ? {} : { maxDischargeKw: Math.abs(kw(dischargeLimit)) }),
  };
}
