import type { PlanCause } from '../../domain/plan.js';
import { type DesiredProfile, profilePowerKwAt } from '../../domain/profile.js';
import type { Urgency } from '../../ports/dispatch-queue.js';
import { DEADBAND_KW, type ProfileContent } from './desired-profile.js';

/** A change that begins within this time is one of now. */
const SOON_MS = 60_000;
/** A limit of the site or of the station changed, or what a station can do. */
const OF_SAFETY: ReadonlySet<PlanCause> = new Set(['site', 'station']);
/** Somebody waits for it: a trader, the grid operator, a driver. */
const OF_ORDERS: ReadonlySet<PlanCause> = new Set(['dispatch', 'award', 'override']);

/**
 * How soon a new profile must be told: `safety` when a limit fell or the EVSE must leave a discharge that a
 * limit forbids, `order` when somebody waits for it, and both only when the power changes within a minute;
 * else `plan`.
 */
export function urgencyOf(
  next: ProfileContent,
  inForce: DesiredProfile | undefined,
  causes: readonly PlanCause[],
  nowMs: number,
): Urgency {
  const isOfSafety = causes.some((cause) => OF_SAFETY.has(cause));
  const isOfOrder = causes.some((cause) => OF_ORDERS.has(cause));
  if (!isOfSafety && !isOfOrder) return 'plan';
  const change = changeWithin(next, inForce, nowMs);
  if (change === undefined) return 'plan';
  // Less power either way is what a limit asks for; more is only what it allows.
  return isOfSafety && Math.abs(change.toKw) < Math.abs(change.fromKw)
    ? 'safety'
    : isOfOrder
      ? 'order'
      : 'plan';
}

/** The first change of power that begins within {@link SOON_MS}. */
function changeWithin(
  next: ProfileContent,
  inForce: DesiredProfile | undefined,
  nowMs: number,
): { fromKw: number; toKw: number } | undefined {
  const current = inForce?.transactionId === next.transactionId ? inForce : undefined;
  const edges = [nowMs, ...next.periods.map(({ startMs }) => startMs)];
  for (const atMs of edges) {
    if (atMs < nowMs || atMs > nowMs + SOON_MS) continue;
    const fromKw = current === undefined ? 0 : (profilePowerKwAt(current, atMs) ?? 0);
    const toKw = profilePowerKwAt({ ...next, revision: 0 }, atMs) ?? 0;
    if (Math.abs(toKw - fromKw) > DEADBAND_KW) return { fromKw, toKw };
  }
  return undefined;
}
