import type { ProblemDocument, SolveResult } from '../../../solver/index.js';
import type { EvseId, TransactionId } from '../../domain/ids.js';
import type { DispatchPreview, DispatchRequest } from '../../ports/use-cases.js';
import type { Planner } from '../planning/planner.js';
import { askedNetKwAt } from '../planning/problem.js';
import type { EngineState } from '../state.js';
import { DEADBAND_KW } from './desired-profile.js';
import type { Orders } from './orders.js';

/** Shortfall that counts as endangering a target, kWh. */
const ENDANGERED_KWH = 0.01;

/** Solves the fleet with and without the order and compares; nothing is kept or sent. */
export async function previewDispatch(
  request: DispatchRequest,
  facts: { orders: Orders; planner: Planner; state: EngineState },
): Promise<DispatchPreview> {
  const { orders, planner, state } = facts;
  const order = orders.draft(request, 'preview');
  const without = await planner.tryOut([]);
  const { prepared, result } = await planner.tryOut([order]);
  const { problem, unsteered } = prepared;
  const slotMs = problem.horizon.slotMinutes * 60_000;
  const asked: { startMs: number; netKw: number }[] = [];
  const planned: { startMs: number; netKw: number }[] = [];
  let worstDeviationKw = 0;
  result.plan.fleet.netKw.forEach((steeredKw, slot) => {
    const startMs = prepared.startMs + slot * slotMs;
    const askedKw = askedNetKwAt(order, startMs + slotMs / 2);
    if (askedKw === undefined) return;
    const netKw = steeredKw + (unsteered.netKw[slot] ?? 0);
    asked.push({ startMs, netKw: askedKw });
    planned.push({ startMs, netKw });
    worstDeviationKw = Math.max(worstDeviationKw, Math.abs(netKw - askedKw));
  });
  return {
    askedNetKw: asked,
    plannedNetKw: planned,
    costDelta: energyCost(problem, result) - energyCost(without.prepared.problem, without.result),
    currency: problem.currency,
    worstDeviationKw,
    evsesTouched: touched(without.result, result, state),
    endangered: endangered(without.result, result),
  };
}

/** Cost of energy and wear of a plan, without penalties; currency. */
function energyCost(problem: ProblemDocument, result: SolveResult): number {
  const hours = problem.horizon.slotMinutes / 60;
  let cost = 0;
  result.plan.vehicles.forEach((vehicle, index) => {
    const { firstSlot = 0, wearPerKwh = 0 } = problem.vehicles[index] ?? {};
    vehicle.netKw.forEach((netKw, k) => {
      const importPerKwh = problem.prices.importPerKwh[firstSlot + k] ?? 0;
      const exportPerKwh = problem.prices.exportPerKwh[firstSlot + k] ?? 0;
      cost += netKw * hours * (netKw > 0 ? importPerKwh : exportPerKwh - wearPerKwh);
    });
  });
  return cost;
}

/** The two problems may hold different sessions when a car came or left in between: vehicles go by their id. */
function byId(result: SolveResult): Map<string, SolveResult['plan']['vehicles'][number]> {
  return new Map(result.plan.vehicles.map((vehicle) => [vehicle.id, vehicle]));
}

function touched(before: SolveResult, after: SolveResult, state: EngineState): EvseId[] {
  const earlier = byId(before);
  const evses: EvseId[] = [];
  for (const vehicle of after.plan.vehicles) {
    const was = earlier.get(vehicle.id)?.netKw ?? [];
    if (!vehicle.netKw.some((netKw, k) => Math.abs(netKw - (was[k] ?? 0)) > DEADBAND_KW)) continue;
    const session = state.sessions.get(vehicle.id as TransactionId);
    if (session !== undefined) evses.push(session.evseId);
  }
  return evses.sort();
}

function endangered(before: SolveResult, after: SolveResult): DispatchPreview['endangered'] {
  const earlier = byId(before);
  return after.plan.vehicles.flatMap((vehicle) => {
    const extraShortfallKwh = vehicle.shortfallKwh - (earlier.get(vehicle.id)?.shortfallKwh ?? 0);
    return extraShortfallKwh > ENDANGERED_KWH
      ? [{ transactionId: vehicle.id as TransactionId, extraShortfallKwh }]
      : [];
  });
}
