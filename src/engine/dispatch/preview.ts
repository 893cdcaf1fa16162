import type { DispatchOrder } from '../../domain/dispatch.js';
import type { BidId, EvseId, TransactionId } from '../../domain/ids.js';
import type { DispatchPreview, DispatchRequest } from '../../ports/use-cases.js';
import { heldReserves } from '../planning/award-reserves.js';
import { energyCost } from '../planning/energy-cost.js';
import type { Planner } from '../planning/planner.js';
import type { PreparedPlan } from '../planning/planning-input.js';
import { unsteeredKwIn } from '../planning/scope-parts.js';
import type { ScopedResult } from '../planning/solve-scopes.js';
import type { EngineState } from '../state.js';
import { askedNetKwAt } from './asked-power.js';
import { DEADBAND_KW } from './desired-profile.js';
import type { Orders } from './orders.js';
import { conflictOf } from './scopes.js';

/** Shortfall that counts as endangering a target, kWh. */
const ENDANGERED_KWH = 0.01;
/** The solver's tolerance is not a shortage, kW. */
const SHORT_KW = 0.01;

type SolvedPlan = Pick<ScopedResult, 'plan'>;

/** Solves the fleet with and without the order and compares; nothing is kept or sent. */
export async function previewDispatch(
  request: DispatchRequest,
  facts: { orders: Orders; planner: Planner; state: EngineState },
): Promise<DispatchPreview> {
  const { orders, planner, state } = facts;
  const order = orders.draft(request, 'preview');
  const without = await planner.tryOut([]);
  const { prepared, result } = await planner.tryOut([order]);
  const { problem } = prepared;
  const slotMs = problem.horizon.slotMinutes * 60_000;
  const asked: { startMs: number; netKw: number }[] = [];
  const planned: { startMs: number; netKw: number }[] = [];
  let worstDeviationKw = 0;
  scopeNetKw(order, prepared, result).forEach((netKw, slot) => {
    const startMs = prepared.startMs + slot * slotMs;
    const middleMs = startMs + slotMs / 2;
    if (middleMs < order.startMs || middleMs >= order.endMs) return;
    const askedKw = askedNetKwAt(order, middleMs);
    planned.push({ startMs, netKw });
    if (askedKw !== undefined) asked.push({ startMs, netKw: askedKw });
    const offKw =
      askedKw === undefined
        ? Math.max(0, netKw - (order.importCapKw ?? netKw), -netKw - (order.exportCapKw ?? -netKw))
        : Math.abs(netKw - askedKw);
    worstDeviationKw = Math.max(worstDeviationKw, offKw);
  });
  return {
    askedNetKw: asked,
    plannedNetKw: planned,
    costDelta: energyCost(prepared, result.plan) - energyCost(without.prepared, without.result.plan),
    currency: problem.currency,
    worstDeviationKw,
    conflicts: conflictsOf(order, state),
    awardsShort: awardsShort(without, { prepared, result }),
    evsesTouched: touched(without.result, result, state),
    endangered: endangered(without.result, result),
  };
}

type Tried = Awaited<ReturnType<Planner['tryOut']>>;

/** Net power of the order's scope per slot, with the load there that nobody steers. */
function scopeNetKw(
  order: DispatchOrder,
  { problem, unsteered, unsteeredSessions }: PreparedPlan,
  result: SolvedPlan,
): number[] {
  const { scope } = order;
  if (scope === undefined)
    return result.plan.fleet.netKw.map((netKw, slot) => netKw + (unsteered.netKw[slot] ?? 0));
  const siteIds = new Set<string>(scope.siteIds);
  const netKw = unsteeredKwIn(unsteeredSessions, new Set(scope.siteIds), problem.horizon.slots);
  problem.vehicles.forEach(({ siteId, firstSlot }, index) => {
    if (siteId === undefined || !siteIds.has(siteId)) return;
    result.plan.vehicles[index]?.netKw.forEach((kw, k) => {
      netKw[firstSlot + k] = (netKw[firstSlot + k] ?? 0) + kw;
    });
  });
  return netKw;
}

function conflictsOf(order: DispatchOrder, state: EngineState): DispatchPreview['conflicts'] {
  return [...state.orders.values()].flatMap((other) => {
    if (other.state === 'cancelled' || other.state === 'delivered' || other.state === 'partial') return [];
    const effect = conflictOf(order, other);
    return effect === undefined ? [] : [{ dispatchId: other.dispatchId, effect }];
  });
}

/** Awards whose weakest stretch holds less than without the order. */
function awardsShort(before: Tried, after: Tried): DispatchPreview['awardsShort'] {
  const weakest = ({ prepared, result }: Tried) => {
    const shares = new Map<BidId, { awardedKw: number; heldKw: number }>();
    for (const { bidId, awardedKw, heldKw } of heldReserves(
      prepared.awarded,
      prepared.problem,
      result.plan,
    )) {
      const known = shares.get(bidId);
      if (known === undefined || heldKw - awardedKw < known.heldKw - known.awardedKw) {
        shares.set(bidId, { awardedKw, heldKw });
      }
    }
    return shares;
  };
  const earlier = weakest(before);
  return [...weakest(after)].flatMap(([bidId, { awardedKw, heldKw }]) => {
    const was = earlier.get(bidId);
    const wasShortKw = was === undefined ? 0 : was.awardedKw - was.heldKw;
    return awardedKw - heldKw > wasShortKw + SHORT_KW ? [{ bidId, awardedKw, heldKw }] : [];
  });
}

/** The two problems may hold different sessions when a car came or left in between: vehicles go by their id. */
function byId(result: SolvedPlan): Map<string, SolvedPlan['plan']['vehicles'][number]> {
  return new Map(result.plan.vehicles.map((vehicle) => [vehicle.id, vehicle]));
}

function touched(before: SolvedPlan, after: SolvedPlan, state: EngineState): EvseId[] {
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

function endangered(before: SolvedPlan, after: SolvedPlan): DispatchPreview['endangered'] {
  const earlier = byId(before);
  return after.plan.vehicles.flatMap((vehicle) => {
    const extraShortfallKwh = vehicle.shortfallKwh - (earlier.get(vehicle.id)?.shortfallKwh ?? 0);
    return extraShortfallKwh > ENDANGERED_KWH
      ? [{ transactionId: vehicle.id as TransactionId, extraShortfallKwh }]
      : [];
  });
}
