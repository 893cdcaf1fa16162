import type { TransactionId } from '../../domain/ids.js';
import type { Plan, PlannedSession } from '../../domain/plan.js';
import { MS_PER_MINUTE } from '../../domain/power.js';

/** Number of the plan's slot that covers an instant; may lie outside [0, slots). */
export function slotAt(plan: Pick<Plan, 'startMs' | 'slotMinutes'>, atMs: number): number {
  return Math.floor((atMs - plan.startMs) / (plan.slotMinutes * MS_PER_MINUTE));
}

export function slotStartMs(plan: Pick<Plan, 'startMs' | 'slotMinutes'>, slot: number): number {
  return plan.startMs + slot * plan.slotMinutes * MS_PER_MINUTE;
}

/** Planned net power of the fleet at an instant, kW; undefined outside the plan's horizon. */
export function plannedNetKwAt(plan: Plan, atMs: number): number | undefined {
  return plan.netKw[slotAt(plan, atMs)];
}

/** Planned power of one session in a slot of the horizon, kW; 0 outside its window. */
export function sessionKwInSlot(session: PlannedSession, slot: number): number {
  return session.netKw[slot - session.firstSlot] ?? 0;
}

/**
 * The plan's part for one session, steered or expected; undefined when it has none. A plan holds its sessions
 * by transaction id.
 */
export function plannedSessionOf(plan: Plan, transactionId: TransactionId): PlannedSession | undefined {
  return found(plan.sessions, transactionId) ?? found(plan.unsteered ?? [], transactionId);
}

function found(
  sessions: readonly PlannedSession[],
  transactionId: TransactionId,
): PlannedSession | undefined {
  let [from, end] = [0, sessions.length];
  while (from < end) {
    const middle = (from + end) >>> 1;
    if ((sessions[middle] as PlannedSession).transactionId < transactionId) from = middle + 1;
    else end = middle;
  }
  const session = sessions[from];
  return session?.transactionId === transactionId ? session : undefined;
}
