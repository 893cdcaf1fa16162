import { evenShift, findPriceTies } from '../even-ties.js';
import type { FleetModel } from '../fleet-model.js';
import type { CouplingRows } from './coupling-rows.js';
import { Exchange } from './exchange.js';
import { Loads } from './loads.js';
import { shareAlike } from './share-alike.js';

export interface CalmRequest {
  readonly model: FleetModel;
  readonly rows: CouplingRows;
  /** Keeps every limit. */
  readonly change: Float64Array;
  /** What that costs, where it is known. */
  readonly cost?: number | undefined;
  /** An earlier schedule; not a number throughout the window of a vehicle that it does not have. */
  readonly previous?: Float64Array | undefined;
  /** Money that may be given up for a plan nearer to the previous one; at most 1e-6 of its cost is. */
  readonly mostCost?: number | undefined;
  readonly outOfTime: () => boolean;
}

/** Money that may be given up for a plan nearer to the previous one, relative to its cost. */
const GIVEN_UP = 1e-6;
/** Vehicles that exchange power with one another; rounds grow with its logarithm. */
const MOST_TOGETHER = 64;
/** Rounds of exchange: many for small fleets, one from this many window slots on. */
const MOST_ROUNDS = 30;
const ROUND_SLOTS = 60_000;

/**
 * Of plans that cost the same, the one nearest to the previous plan, then the smoothest, (34): vehicles go back to
 * their earlier schedule while that gives up at most 1e-6 of the cost in all; the others even out their distance from
 * their earlier schedule, or from none, between slots of equal price and with their neighbours; those among them that
 * are alike share alike, (27). Returns a new schedule. Linear in window slots.
 */
export function calmPlan(request: CalmRequest): Float64Array {
  const { model, previous } = request;
  const change = request.change.slice();
  const loads = new Loads(model, request.rows, change);
  const objective = request.cost ?? loads.totalCost();
  const kept = new Uint8Array(model.vehicleCount);
  const mostCost = Math.min(
    GIVEN_UP * Math.abs(objective),
    (request.mostCost ?? Number.POSITIVE_INFINITY) / 2,
  );
  if (previous !== undefined) keepEarlier(model, mostCost, previous, change, loads, kept);
  const free = Array.from({ length: model.vehicleCount }, (_, i) => i).filter((i) => kept[i] === 0);
  if (free.length === 0 || request.outOfTime()) return change;
  const ties = findPriceTies(model);
  for (const i of ties.count > 0 ? free : []) {
    const shift = evenShift(model, i, ties, change, previous);
    if (shift !== undefined && loads.costOf(i, shift) <= 0) loads.move(i, shift);
  }
  exchangeAll(request, free, change);
  const shared = shareAlike(model, change, kept);
  if (shared === undefined) return change;
  const even = new Loads(model, request.rows, shared);
  // Where slots are not convex the mean of two schedules may cost more than they do.
  const most = objective + 2 * mostCost;
  return even.keepsLimits() && even.totalCost() <= most ? shared : change;
}

/** The earlier schedule of every vehicle for which that costs nothing, then of others while money is left. */
function keepEarlier(
  model: FleetModel,
  mostCost: number,
  previous: Float64Array,
  change: Float64Array,
  loads: Loads,
  kept: Uint8Array,
): void {
  let budget = mostCost;
  // What going back would have cost each vehicle at first; more than there is to give up is not tried twice.
  const costs = new Float64Array(model.vehicleCount);
  const buffer = new Float64Array(model.slotCount);
  for (const mayCost of [false, true]) {
    for (let i = 0; i < model.vehicleCount; i += 1) {
      const from = model.offset[i] as number;
      const to = model.offset[i + 1] as number;
      if (kept[i] === 1 || from === to || Number.isNaN(previous[from] as number)) continue;
      if (!mayCost && isSame(previous, change, from, to)) {
        kept[i] = 1;
        continue;
      }
      if (mayCost && (costs[i] as number) > mostCost) continue;
      const shift = buffer.subarray(0, to - from);
      for (let k = 0; k < shift.length; k += 1)
        shift[k] = (previous[from + k] as number) - (change[from + k] as number);
      const cost = loads.costOf(i, shift);
      costs[i] = cost;
      if (cost > (mayCost ? budget : 0)) continue;
      budget -= cost;
      loads.move(i, shift);
      // To the last digit, not by adding what was subtracted.
      change.set(previous.subarray(from, to), from);
      kept[i] = 1;
    }
  }
}

function isSame(a: Float64Array, b: Float64Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** Neighbours of one site exchange in ever wider steps, so that what one has spare reaches all. */
function exchangeAll(
  { model, rows, previous, outOfTime }: CalmRequest,
  free: readonly number[],
  change: Float64Array,
): void {
  const exchange = new Exchange(model, change, previous);
  const rounds = Math.min(MOST_ROUNDS, Math.max(1, Math.floor(ROUND_SLOTS / Math.max(1, change.length))));
  const ofSite = Array.from({ length: rows.siteCount + 1 }, (): number[] => []);
  for (const i of free) ofSite[(model.siteIndex[i] as number) + 1]?.push(i);
  for (const members of ofSite) {
    for (let from = 0; from < members.length; from += MOST_TOGETHER) {
      const block = members.slice(from, from + MOST_TOGETHER);
      for (let round = 0; round < rounds; round += 1) {
        for (let stride = 1; stride < block.length; stride *= 2) {
          if (outOfTime()) return;
          block.forEach((i, k) => {
            const j = block[k ^ stride];
            if (j !== undefined && (k & stride) === 0) exchange.between(i, j);
          });
        }
      }
    }
  }
}
