import type { DesiredProfile } from '../../domain/profile.js';
import type { EvseCapability } from '../../domain/station.js';
import { formatInstant } from '../wire/instant.js';
import type {
  ChargingRateUnit,
  ChargingSchedule,
  ChargingSchedulePeriod,
} from '../wire/smart-charging-messages.js';

/** Most periods of one schedule (OCPP 2.1 ChargingScheduleType). */
export const MAX_SCHEDULE_PERIODS = 1024;

/**
 * A schedule begins so much earlier than its first period, s: a station whose clock is behind by less finds
 * itself inside it, and not before it, where its default would hold.
 */
export const EARLY_START_S = 600;

export interface ScheduleShape {
  readonly unit: ChargingRateUnit;
  /** The station's own limit, SmartChargingCtrlr.PeriodsPerSchedule. */
  readonly periodsPerSchedule: number;
  /** Station's clock less ours, ms; absent = 0. */
  readonly clockSkewMs?: number | undefined;
  /** The period's content for a signed power. */
  readonly content: (powerKw: number) => Omit<ChargingSchedulePeriod, 'startPeriod'>;
}

/**
 * An Absolute schedule of the desired powers until the profile's end. Periods start at whole seconds of the
 * station's clock, each at the instant that is meant by ours; the first holds from {@link EARLY_START_S}
 * before. Equal neighbours are one; what the station cannot hold is cut off, and `duration` ends the schedule
 * there, so that the last period that fits does not run on. The schedule's id is the revision.
 */
export function absoluteSchedule(profile: DesiredProfile, shape: ScheduleShape): ChargingSchedule {
  const firstS = Math.floor((profile.periods[0]?.startMs ?? profile.createdAtMs) / 1000);
  const endS = Math.floor(profile.validToMs / 1000);
  const periods: ChargingSchedulePeriod[] = [];
  let durationS = EARLY_START_S + Math.max(1, endS - firstS);
  for (const { startMs, powerKw } of profile.periods) {
    const sinceFirstS = Math.floor(startMs / 1000) - firstS;
    const startPeriod = sinceFirstS <= 0 ? 0 : EARLY_START_S + sinceFirstS;
    if (startPeriod >= durationS) break;
    const content = shape.content(powerKw);
    const last = periods.at(-1);
    // Two orders within one second: the later holds.
    if (last?.startPeriod === startPeriod) periods.pop();
    const before = periods.at(-1);
    if (before !== undefined && isSame(before, content)) continue;
    if (periods.length === Math.min(shape.periodsPerSchedule, MAX_SCHEDULE_PERIODS)) {
      durationS = startPeriod;
      break;
    }
    periods.push({ startPeriod, ...content });
  }
  return {
    id: profile.revision,
    startSchedule: formatInstant(stationMs((firstS - EARLY_START_S) * 1000, shape)),
    duration: durationS,
    chargingRateUnit: shape.unit,
    chargingSchedulePeriod: periods,
  };
}

/** What the station's clock shows at an instant of ours, to the second. */
export function stationMs(atMs: number, { clockSkewMs = 0 }: Pick<ScheduleShape, 'clockSkewMs'>): number {
  return atMs + Math.round(clockSkewMs / 1000) * 1000;
}

/** `validTo` of a profile in the station's time. */
export function validToOf(profile: DesiredProfile, capability: Pick<EvseCapability, 'clockSkewMs'>): string {
  return formatInstant(stationMs(profile.validToMs, capability));
}

function isSame(
  period: ChargingSchedulePeriod,
  content: Omit<ChargingSchedulePeriod, 'startPeriod'>,
): boolean {
  return period.setpoint === content.setpoint && period.limit === content.limit;
}
