import type { DispatchOrder } from '../../domain/dispatch.js';
import type { Plan, PlanSpan } from '../../domain/plan.js';
import { energyKwhOf, MS_PER_HOUR } from '../../domain/power.js';
import { scopeAsks } from '../dispatch/scopes.js';
import type { Efficiencies } from '../sessions/energy-window.js';
import type { SessionGoal } from './goals.js';
import { type PlanPiece, planPieces, sessionKwInPiece, sessionKwInSlot, slotStartMs } from './plan-slots.js';
import type { PreparedPlan } from './planning-input.js';
import { meetAsks } from './power-sharing.js';
import { isSameAsk } from './same-ask.js';

/** Powers closer than this are the same, kW. */
const SAME_KW = 1e-6;

/**
 * Where a plan must be left for what orders ask at that very time, until `untilMs`: the parts of slots that an
 * order's edge cuts, for a slot belongs as a whole to who covers its middle; and everything that is asked by
 * orders which the plan was made without. There the asked power is shared out over the cars at once, without a
 * solve: within limits of car and site, and never so that a target cannot be reached any more.
 */
export function orderSpans(input: {
  readonly plan: Plan;
  readonly prepared: Pick<PreparedPlan, 'goals' | 'unsteeredSessions' | 'problem' | 'startMs'>;
  /** Orders that the plan was made with, and those that stand now. */
  readonly planned: readonly DispatchOrder[];
  readonly orders: readonly DispatchOrder[];
  readonly nowMs: number;
  readonly untilMs: number;
  readonly efficiency: Efficiencies;
  /** Power that a session was told for now, kW. */
  readonly powerNowKw: (goal: SessionGoal) => number;
}): PlanSpan[] {
  const { plan, prepared, planned, orders, nowMs, efficiency } = input;
  const slots: Plan = withoutSpans(plan);
  const goalById = new Map<string, SessionGoal>(
    prepared.goals.map((goal) => [goal.session.transactionId, goal]),
  );
  const goals = plan.sessions.map(({ transactionId }) => goalById.get(transactionId));
  const storedKwh = goals.map((goal) => goal?.storedKwh ?? 0);
  const spans: PlanSpan[] = [];
  for (const piece of cutAtEdges(slots, orders, nowMs, input.untilMs)) {
    const plannedKw = slots.sessions.map((session, index) => sessionKwInPiece(session, index, piece));
    const asks = scopeAsks(orders, oneSlot(piece.startMs, piece.endMs));
    const inPlan = scopeAsks(
      planned,
      oneSlot(slotStartMs(slots, piece.slot), slotStartMs(slots, piece.slot + 1)),
    );
    let netKw = plannedKw;
    if (!isSameAsk(asks, inPlan)) {
      const isFree = asks.length === 0 && inPlan.length > 0;
      const baseKw = isFree ? neighbourKw(slots, piece, input, goals) : plannedKw;
      netKw = meetAsks({ baseKw, goals, storedKwh, asks, piece, prepared, efficiency });
      if (netKw.some((kw, index) => Math.abs(kw - (plannedKw[index] ?? 0)) > SAME_KW)) {
        // A slot in which the plan is made counts from its beginning, as in the plan itself.
        const startMs = piece.startMs === nowMs ? slotStartMs(slots, piece.slot) : piece.startMs;
        spans.push({ startMs, endMs: piece.endMs, netKw });
      }
    }
    netKw.forEach((kw, index) => {
      const kwh = energyKwhOf(kw, piece.endMs - piece.startMs);
      storedKwh[index] =
        (storedKwh[index] ?? 0) +
        (kwh > 0 ? kwh * efficiency.chargeEfficiency : kwh / efficiency.dischargeEfficiency);
    });
  }
  return spans;
}

function withoutSpans({ spans: _, ...plan }: Plan): Plan {
  return plan;
}

/** The plan's slots from now on, cut where an order begins or ends. */
function cutAtEdges(
  plan: Plan,
  orders: readonly DispatchOrder[],
  nowMs: number,
  untilMs: number,
): PlanPiece[] {
  const edges = orders.flatMap(({ startMs, endMs }) => [startMs, endMs]);
  return planPieces(plan, nowMs, untilMs).flatMap((piece) => {
    const inside = edges.filter((edgeMs) => edgeMs > piece.startMs && edgeMs < piece.endMs);
    const cuts = [...new Set([piece.startMs, ...inside.sort((a, b) => a - b), piece.endMs])];
    return cuts.slice(1).map((endMs, index) => ({ ...piece, startMs: cuts[index] ?? endMs, endMs }));
  });
}

function oneSlot(startMs: number, endMs: number) {
  return { startMs, slotMinutes: (60 * (endMs - startMs)) / MS_PER_HOUR, slots: 1 };
}

/** What cars do beside the order: at the beginning of its slot what they did before, at the end what comes after. */
function neighbourKw(
  plan: Plan,
  piece: PlanPiece,
  { nowMs, powerNowKw }: { nowMs: number; powerNowKw: (goal: SessionGoal) => number },
  goals: readonly (SessionGoal | undefined)[],
): number[] {
  const isBefore = piece.endMs < slotStartMs(plan, piece.slot + 1);
  return plan.sessions.map((session, index) => {
    const goal = goals[index];
    if (!isBefore) return sessionKwInSlot(session, piece.slot + 1);
    if (piece.startMs === nowMs) return goal === undefined ? 0 : powerNowKw(goal);
    return sessionKwInSlot(session, piece.slot - 1);
  });
}
