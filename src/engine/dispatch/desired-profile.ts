import type { Plan, PlannedSession } from '../../domain/plan.js';
import { energyKwhOf, MS_PER_HOUR } from '../../domain/power.js';
import type { DesiredProfile, ProfilePeriod } from '../../domain/profile.js';
import { profilePowerKwAt } from '../../domain/profile.js';
import type { ChargingNeeds } from '../../domain/session.js';
import type { EvseCapability } from '../../domain/station.js';
import type { SessionGoal } from '../planning/goals.js';
import { planPieces, sessionKwInPiece, slotAt, slotStartMs } from '../planning/plan-slots.js';

/** Powers closer than this are the same order to a car, kW. */
export const DEADBAND_KW = 0.05;
/** How long a profile holds beyond the departure, for a driver who comes late. */
const LATE_DRIVER_MS = 2 * 3_600_000;

/** Of what a car takes: as good as all of it. */
const NEARLY = 0.9;

export type ProfileContent = Omit<DesiredProfile, 'revision'>;

export interface ProfileOptions {
  readonly nowMs: number;
  readonly deadManS: number;
  readonly maxPeriods: number;
  /** Stored per kWh imported, as the plan has it. */
  readonly chargeEfficiency: number;
}

/**
 * The profile that brings one session's plan to its EVSE: the plan's powers from now on, equal neighbours
 * merged, powers in the car's dead zone moved out of it, the energy of a slot that has begun made up for
 * where the target hangs on it; after the planned end it holds at 0 kW (or charges
 * on, when the target was missed and no grid connection limits it) until some time after the departure. It
 * ends where the station's schedule would be longer than `maxPeriods`; a later plan brings the rest.
 */
export function profileContent(
  plan: Plan,
  planned: PlannedSession,
  goal: SessionGoal,
  options: ProfileOptions,
): ProfileContent {
  const { nowMs, deadManS, maxPeriods } = options;
  const all: ProfilePeriod[] = [];
  const add = (startMs: number, powerKw: number): void => {
    const last = all.at(-1);
    if (last === undefined || Math.abs(last.powerKw - powerKw) > DEADBAND_KW) all.push({ startMs, powerKw });
  };
  const firstSlot = Math.max(planned.firstSlot, slotAt(plan, nowMs));
  const endSlot = planned.firstSlot + planned.netKw.length;
  const index = plan.spans === undefined ? -1 : plan.sessions.indexOf(planned);
  for (const piece of planPieces(plan, slotStartMs(plan, firstSlot), slotStartMs(plan, endSlot))) {
    if (piece.endMs <= nowMs) continue;
    const plannedKw = sessionKwInPiece(planned, index, piece);
    const isWholeSlot = piece.slot === firstSlot && piece.span === undefined;
    const powerKw = isWholeSlot ? madeUpKw(plannedKw, plan, piece.slot, goal, options) : plannedKw;
    add(piece.startMs, outOfDeadZone(powerKw, goal));
  }
  addTail(add, Math.max(slotStartMs(plan, endSlot), nowMs), planned, goal);
  const periods = all.slice(0, Math.max(1, maxPeriods));
  const lateMs = Math.max(goal.departureMs, slotStartMs(plan, endSlot)) + LATE_DRIVER_MS;
  return {
    evseId: planned.evseId,
    transactionId: planned.transactionId,
    periods,
    validToMs: validTo(periods, nowMs, deadManS * 1000, all[periods.length]?.startMs ?? lateMs),
    maxOfflineS: deadManS,
    createdAtMs: nowMs,
    planId: plan.planId,
    reason: plan.causes.join(', '),
  };
}

/** Most periods that the profile may have: what the station holds, and what a car that picks schedules takes. */
export function periodsLimit(capability: EvseCapability, needs: ChargingNeeds | undefined): number {
  const { maxScheduleTuples } = needs ?? {};
  if (needs?.controlMode !== 'scheduled' || maxScheduleTuples === undefined)
    return capability.periodsPerSchedule;
  return Math.min(capability.periodsPerSchedule, maxScheduleTuples);
}

/**
 * Charging power for a slot, kW. A plan gives each slot its energy, and a slot that has begun has less time for
 * it. The next plan makes up for that, unless the target needs this very slot: then what is left of it
 * charges with more, but no more energy than the plan gave it.
 */
function madeUpKw(
  plannedKw: number,
  plan: Plan,
  slot: number,
  goal: SessionGoal,
  { nowMs, chargeEfficiency }: ProfileOptions,
): number {
  const [startMs, endMs] = [slotStartMs(plan, slot), slotStartMs(plan, slot + 1)];
  if (plannedKw <= 0 || nowMs <= startMs || nowMs >= endMs || goal.isSiteLimited === true) return plannedKw;
  const leftMs = endMs - nowMs;
  const laterKwh = energyKwhOf(goal.maxChargeKw, Math.max(0, goal.planUntilMs - endMs));
  const neededKwh = (goal.targetEnergyKwh - goal.storedKwh) / chargeEfficiency - laterKwh;
  const slotKwh = energyKwhOf(plannedKw, endMs - startMs);
  const neededKw = (Math.min(neededKwh, slotKwh) * MS_PER_HOUR) / leftMs;
  return Math.min(goal.maxChargeKw, Math.max(plannedKw, neededKw));
}

/** After the planned end: nothing, unless energy is still missing and no limit of the site is at stake. */
function addTail(
  add: (startMs: number, powerKw: number) => void,
  endMs: number,
  planned: PlannedSession,
  goal: SessionGoal,
): void {
  const isMissed = planned.shortfallKwh > DEADBAND_KW;
  const isUnfinished = isMissed || (goal.chargeNow !== undefined && goal.planUntilMs > endMs);
  const mayGoOn = isUnfinished && goal.isSiteLimited !== true;
  add(endMs, mayGoOn ? (goal.ratedChargeKw ?? goal.maxChargeKw) : 0);
  if (mayGoOn && !isMissed) add(goal.planUntilMs, 0);
}

/**
 * The fail-safe rule: a profile without discharge may last; one with discharge ends at the latest one
 * dead-man time from now, or where its first discharge begins if that is later. So no car exports longer
 * than the dead-man time after we were last heard of.
 */
export function validTo(
  periods: readonly ProfilePeriod[],
  nowMs: number,
  deadManMs: number,
  endMs: number,
): number {
  for (let index = 0; index < periods.length; index++) {
    const period = periods[index];
    if (period === undefined || period.powerKw >= 0) continue;
    const periodEndMs = periods[index + 1]?.startMs ?? endMs;
    if (periodEndMs <= nowMs) continue;
    return Math.min(endMs, Math.max(period.startMs, nowMs + deadManMs));
  }
  return endMs;
}

/**
 * Cars cannot run between 0 and their minimum power: charging is raised to it, discharging dropped. A car that
 * was seen to take less than its rating is planned with that, and asked for all of it, so that it shows when
 * it takes more again.
 */
function outOfDeadZone(powerKw: number, goal: SessionGoal): number {
  if (Math.abs(powerKw) <= DEADBAND_KW) return 0;
  const { minChargeKw = 0, minDischargeKw = 0 } = goal.session.needs ?? {};
  if (powerKw > 0) {
    const mostKw = goal.ratedChargeKw ?? goal.maxChargeKw;
    const isAllItTakes = goal.ratedChargeKw !== undefined && powerKw >= NEARLY * goal.maxChargeKw;
    return isAllItTakes ? mostKw : Math.min(mostKw, Math.max(powerKw, minChargeKw));
  }
  return -powerKw < minDischargeKw ? 0 : powerKw;
}

/**
 * Whether the EVSE must hear of `next` although `current` was sent or taken: another transaction, another
 * power at some time at which both are valid, or a validity that runs out within two thirds of the
 * dead-man time and that `next` prolongs.
 */
export function isWorthSending(
  current: DesiredProfile | undefined,
  next: ProfileContent,
  nowMs: number,
  deadManS: number,
): boolean {
  if (current === undefined || current.transactionId !== next.transactionId) return true;
  const refreshBeforeMs = nowMs + (deadManS * 1000 * 2) / 3;
  if (current.validToMs <= refreshBeforeMs && next.validToMs > current.validToMs) return true;
  const sameUntilMs = Math.min(current.validToMs, next.validToMs);
  // A validity cut short means that discharge was planned earlier than before: it must not be missed.
  if (next.validToMs < current.validToMs && hasDischargeAfter(current, sameUntilMs)) return true;
  for (const edgeMs of edges(current, next, nowMs, sameUntilMs)) {
    const had = profilePowerKwAt(current, edgeMs) ?? 0;
    const wants = profilePowerKwAt({ ...next, revision: 0 }, edgeMs) ?? 0;
    if (Math.abs(had - wants) > DEADBAND_KW) return true;
  }
  return false;
}

function edges(a: ProfileContent, b: ProfileContent, fromMs: number, toMs: number): number[] {
  const instants = [fromMs];
  for (const period of [...a.periods, ...b.periods]) {
    if (period.startMs > fromMs && period.startMs < toMs) instants.push(period.startMs);
  }
  return instants;
}

/** Whether the profile exports at some time after `fromMs`. */
export function hasDischargeAfter(profile: DesiredProfile, fromMs: number): boolean {
  return profile.periods.some(
    (period, index) =>
      period.powerKw < 0 &&
      period.startMs < profile.validToMs &&
      Math.min(profile.periods[index + 1]?.startMs ?? profile.validToMs, profile.validToMs) > fromMs,
  );
}
