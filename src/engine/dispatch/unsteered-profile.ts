import type { Plan } from '../../domain/plan.js';
import type { SessionGoal } from '../planning/goals.js';
import type { ProfileContent } from './desired-profile.js';

/** How long it holds beyond the departure, for a driver who comes late. */
const LATE_DRIVER_MS = 2 * 3_600_000;

/**
 * What an EVSE is told that follows nothing: to charge. Should it begin to follow, the driver is served, and
 * it never exports by this.
 */
export function unsteeredProfile(
  plan: Plan,
  goal: SessionGoal,
  { nowMs, deadManS }: { nowMs: number; deadManS: number },
): ProfileContent {
  const { evseId, transactionId } = goal.session;
  return {
    evseId,
    transactionId,
    periods: [{ startMs: nowMs, powerKw: goal.ratedChargeKw ?? goal.maxChargeKw }],
    validToMs: Math.max(goal.departureMs, nowMs) + LATE_DRIVER_MS,
    maxOfflineS: deadManS,
    createdAtMs: nowMs,
    planId: plan.planId,
    reason: 'it follows nothing',
  };
}
