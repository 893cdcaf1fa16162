import { limitAt, type SiteDocument } from '../../../solver/index.js';
import { energyKwhOf, MS_PER_HOUR } from '../../domain/power.js';
import type { ScopeAsk } from '../dispatch/scopes.js';
import type { Efficiencies } from '../sessions/energy-window.js';
import type { SessionGoal } from './goals.js';
import type { PlanPiece } from './plan-slots.js';
import type { PreparedPlan } from './planning-input.js';
import { unsteeredKwIn } from './scope-parts.js';

export interface SharingInput {
  /** Net power of each session without what is asked, kW. */
  readonly baseKw: readonly number[];
  /** By session; undefined = it is left as it is. */
  readonly goals: readonly (SessionGoal | undefined)[];
  /** At the beginning of the piece, kWh. */
  readonly storedKwh: readonly number[];
  /** What is asked in the piece (its only slot), narrow before wide. */
  readonly asks: readonly ScopeAsk[];
  readonly piece: PlanPiece;
  readonly prepared: Pick<PreparedPlan, 'unsteeredSessions' | 'problem' | 'startMs'>;
  readonly efficiency: Efficiencies;
}

/** Lowest and highest net power of a session over the piece, kW. */
interface Range {
  readonly leastKw: number;
  readonly mostKw: number;
}

/**
 * Net power of each session so that each scope does what is asked of it, as far as cars and grid connections
 * allow: narrow scopes first, wider ones by the cars that are left. A surplus or a lack is taken by whole cars,
 * one after the other: who has most beyond its target gives first, who lacks most is charged first.
 */
export function meetAsks(input: SharingInput): number[] {
  const { goals, asks, piece, prepared } = input;
  const ranges = goals.map((goal, index) =>
    goal === undefined
      ? { leastKw: input.baseKw[index] ?? 0, mostKw: input.baseKw[index] ?? 0 }
      : rangeOf(goal, input.storedKwh[index] ?? 0, piece, input.efficiency),
  );
  const netKw = ranges.map(({ leastKw, mostKw }, index) =>
    Math.min(mostKw, Math.max(leastKw, input.baseKw[index] ?? 0)),
  );
  const sites = siteRoom(input, netKw);
  const { slotMinutes, slots } = prepared.problem.horizon;
  const slot = Math.floor((piece.startMs - prepared.startMs) / (slotMinutes * 60_000));
  const taken = new Set<number>();
  for (const { siteIds, netKw: [targetKw = null] = [], importCapKw, exportCapKw } of asks) {
    const members = goals.flatMap((goal, index) =>
      siteIds === undefined || (goal?.session.siteId !== undefined && siteIds.has(goal.session.siteId))
        ? [index]
        : [],
    );
    const unsteeredKw = unsteeredKwIn(prepared.unsteeredSessions, siteIds, slots)[slot] ?? 0;
    const isKw = () => members.reduce((sum, index) => sum + (netKw[index] ?? 0), unsteeredKw);
    const free = members.filter((index) => !taken.has(index));
    if (targetKw !== null) {
      shift(targetKw - isKw(), free, input, ranges, netKw, sites);
      for (const index of members) taken.add(index);
    }
    // A cap holds together with every target, so all cars of its scope keep to it.
    const overKw = isKw() - (importCapKw[0] ?? Number.POSITIVE_INFINITY);
    if (overKw > 0) shift(-overKw, members, input, ranges, netKw, sites);
    const underKw = -isKw() - (exportCapKw[0] ?? Number.POSITIVE_INFINITY);
    if (underKw > 0) shift(underKw, members, input, ranges, netKw, sites);
  }
  return netKw;
}

/** What a car can do over the piece so that its window holds and its target stays reachable afterwards. */
function rangeOf(
  goal: SessionGoal,
  storedKwh: number,
  { startMs, endMs }: PlanPiece,
  { chargeEfficiency, dischargeEfficiency }: Efficiencies,
): Range {
  const { maxChargeKw, maxDischargeKw, targetEnergyKwh, maxEnergyKwh, minEnergyKwh } = goal;
  const hours = (endMs - startMs) / MS_PER_HOUR;
  if (goal.planUntilMs < endMs) return { leastKw: 0, mostKw: 0 };
  const mostKw = Math.min(maxChargeKw, Math.max(0, maxEnergyKwh - storedKwh) / (chargeEfficiency * hours));
  // Who charges at once is not held back.
  if (goal.chargeNow !== undefined) return { leastKw: mostKw, mostKw };
  const laterKwh = energyKwhOf(maxChargeKw, goal.planUntilMs - endMs) * chargeEfficiency;
  const neededKwh = Math.min(targetEnergyKwh, maxEnergyKwh) - laterKwh;
  if (neededKwh > storedKwh) {
    return { leastKw: Math.min(mostKw, (neededKwh - storedKwh) / (chargeEfficiency * hours)), mostKw };
  }
  const spareKwh = Math.max(0, storedKwh - Math.max(neededKwh, minEnergyKwh));
  return { leastKw: 0 - Math.min(maxDischargeKw, (spareKwh * dischargeEfficiency) / hours), mostKw };
}

/** kW by which the steered cars of each site may still rise and fall. */
type SiteRoom = Map<string, { riseKw: number; fallKw: number }>;

function siteRoom({ goals, piece, prepared }: SharingInput, netKw: readonly number[]): SiteRoom {
  const { slotMinutes } = prepared.problem.horizon;
  const slot = Math.max(0, Math.floor((piece.startMs - prepared.startMs) / (slotMinutes * 60_000)));
  return new Map(
    prepared.problem.sites.map(({ id, importLimitKw, exportLimitKw }: SiteDocument) => {
      const isKw = goals.reduce(
        (sum, goal, index) => sum + (goal?.session.siteId === id ? (netKw[index] ?? 0) : 0),
        0,
      );
      return [
        id,
        {
          riseKw: Math.max(0, limitAt(importLimitKw, slot) - isKw),
          fallKw: Math.max(0, limitAt(exportLimitKw, slot) + isKw),
        },
      ];
    }),
  );
}

/** Moves the sum of the members' powers by `byKw`, or as near as it gets. */
function shift(
  byKw: number,
  members: readonly number[],
  { goals, storedKwh }: SharingInput,
  ranges: readonly Range[],
  netKw: number[],
  sites: SiteRoom,
): void {
  const sign = byKw > 0 ? 1 : -1;
  const spareKwh = (index: number) => (storedKwh[index] ?? 0) - (goals[index]?.targetEnergyKwh ?? 0);
  const idOf = (index: number) => goals[index]?.session.transactionId ?? '';
  const inTurn = [...members].sort(
    (a, b) => sign * (spareKwh(a) - spareKwh(b)) || (idOf(a) < idOf(b) ? -1 : 1),
  );
  let leftKw = Math.abs(byKw);
  for (const index of inTurn) {
    if (leftKw <= 0) return;
    const range = ranges[index];
    const isKw = netKw[index] ?? 0;
    if (range === undefined) continue;
    const siteId = goals[index]?.session.siteId;
    const room = siteId === undefined ? undefined : sites.get(siteId);
    const ownKw = sign > 0 ? range.mostKw - isKw : isKw - range.leastKw;
    const siteKw = (sign > 0 ? room?.riseKw : room?.fallKw) ?? Number.POSITIVE_INFINITY;
    const takenKw = Math.max(0, Math.min(leftKw, ownKw, siteKw));
    netKw[index] = isKw + sign * takenKw;
    leftKw -= takenKw;
    if (room === undefined) continue;
    room.riseKw -= sign * takenKw;
    room.fallKw += sign * takenKw;
  }
}
