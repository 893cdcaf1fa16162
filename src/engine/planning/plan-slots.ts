import type { TransactionId } from '../../domain/ids.js';
import type { Plan, PlannedSession, PlanSpan } from '../../domain/plan.js';
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
  const slot = slotAt(plan, atMs);
  const slotKw = plan.netKw[slot];
  const span = spanAt(plan, atMs);
  if (slotKw === undefined || span === undefined) return slotKw;
  return plan.sessions.reduce(
    (netKw, session, index) => netKw + (span.netKw[index] ?? 0) - sessionKwInSlot(session, slot),
    slotKw,
  );
}

/** A part of the plan's time in which no power changes. */
export interface PlanPiece {
  readonly startMs: number;
  readonly endMs: number;
  readonly slot: number;
  /** Holds instead of the slot. */
  readonly span?: PlanSpan;
}

/** The slots that [fromMs, toMs) meets, cut at its ends and where spans begin and end. */
export function planPieces(plan: Plan, fromMs: number, toMs: number): PlanPiece[] {
  const { spans = [] } = plan;
  const cuts = spans.flatMap(({ startMs, endMs }) => [startMs, endMs]);
  const pieces: PlanPiece[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    const slot = slotAt(plan, atMs);
    const nextCutMs = Math.min(...cuts.filter((cutMs) => cutMs > atMs));
    const endMs = Math.min(toMs, slotStartMs(plan, slot + 1), nextCutMs);
    const span = spanAt(plan, atMs);
    pieces.push({ startMs: atMs, endMs, slot, ...(span === undefined ? {} : { span }) });
    atMs = endMs;
  }
  return pieces;
}

/** Planned power of `session`, the plan's number `index`, in a piece, kW; 0 outside its window. */
export function sessionKwInPiece(session: PlannedSession, index: number, { slot, span }: PlanPiece): number {
  return span?.netKw[index] ?? sessionKwInSlot(session, slot);
}

function spanAt({ spans }: Plan, atMs: number): PlanSpan | undefined {
  return spans?.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
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
