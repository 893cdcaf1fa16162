import { type PlanDocument, relativeGap } from '../../../solver/index.js';
import type { PlanId } from '../../domain/ids.js';
import type { Plan, PlanCause, PlannedSession } from '../../domain/plan.js';
import type { PlanSummary } from '../../ports/use-cases.js';
import { heldReserves } from './award-reserves.js';
import type { SessionGoal } from './goals.js';
import { slotAt } from './plan-slots.js';
import type { PreparedPlan } from './planning-input.js';
import { reasonsFor } from './reasons.js';
import type { ScopedResult } from './solve-scopes.js';
import type { UnsteeredSession } from './unsteered-load.js';

/** The engine's plan from the solver's: with its sessions, its reasons and the load that nobody steers. */
export function madePlan(
  prepared: PreparedPlan,
  result: ScopedResult,
  header: { planId: PlanId; createdAtMs: number; causes: readonly PlanCause[] },
): Plan {
  const { prices, problem, unsteered, awarded, awards } = prepared;
  const { status, backend, solveMilliseconds, fleet } = result.plan;
  const expected = prepared.unsteeredSessions.flatMap(expectedSession);
  // The solver pays for what is held of the awards; the plan's cost charges what is missing of them.
  const objective = result.plan.objective + awards.askedValue;
  const lowerBound = result.plan.lowerBound + awards.askedValue;
  const gap = awards.askedValue === 0 ? result.plan.gap : relativeGap(objective, lowerBound);
  return {
    ...header,
    startMs: prepared.startMs,
    slotMinutes: problem.horizon.slotMinutes,
    currency: prices.currency,
    status,
    objective,
    lowerBound,
    gap,
    backend,
    solveMilliseconds,
    importPerKwh: prices.importPerKwh,
    exportPerKwh: prices.exportPerKwh,
    ...(prices.bridgedFromSlot === undefined ? {} : { bridgedFromSlot: prices.bridgedFromSlot }),
    priceBasis: prepared.priceBasis,
    netKw: fleet.netKw.map((netKw, slot) => netKw + (unsteered.netKw[slot] ?? 0)),
    sessions: prepared.goals.map((goal, index) => plannedSession(goal, index, prepared, result)),
    ...(expected.length === 0 ? {} : { unsteered: expected }),
    ...(awarded.length === 0 ? {} : { reserves: heldReserves(awarded, problem, result.plan) }),
  };
}

function plannedSession(
  goal: SessionGoal,
  index: number,
  { problem }: PreparedPlan,
  result: ScopedResult,
): PlannedSession {
  const vehicle = result.plan.vehicles[index];
  const firstSlot = problem.vehicles[index]?.firstSlot ?? 0;
  const netKw = vehicle?.netKw ?? [];
  const shortfallKwh = vehicle?.shortfallKwh ?? 0;
  const explained = result.explanation.vehicle(goal.session.transactionId)?.slots ?? [];
  const { chargeEfficiency = 1, dischargeEfficiency = 1, wearPerKwh = 0 } = problem.vehicles[index] ?? {};
  return {
    transactionId: goal.session.transactionId,
    evseId: goal.session.evseId,
    firstSlot,
    netKw,
    shortfallKwh,
    because: reasonsFor({
      firstSlot,
      netKw,
      shortfallKwh,
      chargeCostPerKwh: explained.map((slot) => slot.importPerKwh / chargeEfficiency),
      exportGainPerKwh: explained.map((slot) => (slot.exportPerKwh - wearPerKwh) * dischargeEfficiency),
      storedValuePerKwh: explained.map((slot) => slot.energyValuePerKwh),
      binding: explained.map((slot) => slot.binding),
      currency: problem.currency,
      ...(goal.chargeNow === undefined ? {} : { chargeNow: goal.chargeNow }),
    }),
  };
}

function expectedSession({ session, netKw, reason }: UnsteeredSession): PlannedSession[] {
  if (reason === undefined) return [];
  const { transactionId, evseId } = session;
  const because = [{ fromSlot: 0, endSlot: netKw.length, text: reason }];
  return [{ transactionId, evseId, firstSlot: 0, netKw, shortfallKwh: 0, because }];
}

/**
 * A plan that was made before as the solver's own document, moved onto a newer horizon: among equally cheap
 * plans the nearest to it is wanted, after a restart too. Slots that have passed are left out.
 */
export function documentOf(plan: Plan, { startMs, unsteered }: PreparedPlan): PlanDocument {
  const passed = Math.max(0, slotAt(plan, startMs));
  const spanBySlot = new Map(plan.spans?.map((span) => [slotAt(plan, span.startMs), span]));
  const { status, objective, lowerBound, gap, backend, solveMilliseconds } = plan;
  return {
    version: 1,
    status,
    objective,
    lowerBound,
    gap,
    backend,
    solveMilliseconds,
    vehicles: plan.sessions.map(({ transactionId, firstSlot, netKw, shortfallKwh }, index) => ({
      id: transactionId,
      netKw: netKw
        .map((kw, k) => spanBySlot.get(firstSlot + k)?.netKw[index] ?? kw)
        .slice(Math.max(0, passed - firstSlot)),
      shortfallKwh,
      reserves: {},
    })),
    fleet: { netKw: plan.netKw.slice(passed).map((netKw, slot) => netKw - (unsteered.netKw[slot] ?? 0)) },
    reserves: [],
  };
}

/** The plan without its schedules, for lists and events. */
export function summaryOf(plan: Plan): PlanSummary {
  return {
    planId: plan.planId,
    createdAtMs: plan.createdAtMs,
    causes: plan.causes,
    status: plan.status,
    objective: plan.objective,
    lowerBound: plan.lowerBound,
    gap: plan.gap,
    backend: plan.backend,
    solveMilliseconds: plan.solveMilliseconds,
    sessions: plan.sessions.length,
    shortfallKwh: plan.sessions.reduce((sum, session) => sum + session.shortfallKwh, 0),
  };
}
