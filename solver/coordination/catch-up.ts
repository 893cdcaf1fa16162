import type { FleetModel } from '../fleet-model.js';
import { scheduleCost } from '../schedule-cost.js';
import type { CouplingRows } from './coupling-rows.js';
import { leavingAtMost, mostRegretful, regretsOf } from './regrets.js';
import { deviationCost } from './row-costs.js';
import type { GroupTotals, RowPrices, Stiffness, VehicleSweeps, WorkingPlan } from './vehicle-sweeps.js';

export interface CatchUpRequest {
  readonly model: FleetModel;
  readonly rows: CouplingRows;
  readonly sweeps: VehicleSweeps;
  /** Changed in place. */
  readonly plan: WorkingPlan;
  /** What its vehicles cost, without the rows. */
  readonly ownCost: number;
  /** Those of the bound at the start; changed by `updatePrices`. */
  readonly prices: RowPrices;
  /** While the far ones move alone, and afterwards. */
  readonly farStiffness: Stiffness;
  readonly stiffness: Stiffness;
  /** Best answers to the prices. */
  readonly responses: Float64Array;
  /** Proven at the prices, and money that a plan may cost more than it. */
  readonly bound: number;
  readonly allowed: number;
  /** Receives what vehicles propose; of no use to the caller. */
  readonly totals: GroupTotals;
  /** Called after each sweep. */
  readonly updatePrices: (stiffness: Stiffness) => void;
  readonly ended: () => boolean;
}

/** Vehicles are far from their best answer when all others together miss no more than this share of the gap allowed. */
const FAR = 3;
/** More of the fleet than this far away is no case for catching up. */
const MOST_FAR = 0.25;
/** Sweeps of the far ones alone. */
const FAR_SWEEPS = 3;
/**
 * How many sweep together afterwards: this share of the fleet, but at least as many as that; three times as many when so
 * many sweeps were not enough. Tried 3 to 100 % at 1,000 to 100,000 vehicles: fewer cannot take up what the far ones
 * leave, more cost more and change more schedules.
 */
const SOME_SHARE = 0.1;
const LEAST_SOME = 1000;
const SOME_SWEEPS = 12;
/** Best answers that may be spent, per vehicle of the fleet. */
const MOST_ANSWERS = 3;
/** Looks at the plan's cost per sweep. */
const LOOKS = 4;
/** Of the gap allowed; the rest is for the calm plan. */
const ENOUGH = 0.98;

/**
 * Brings a plan of a problem that has changed a little within the gap of a bound at the old prices, which are nearly
 * right: first the vehicles that are far from their best answer alone, some cheap sweeps; then those that miss most of
 * it, over and over while the prices answer to what is left, until the cost is low enough. All others keep their
 * schedules. What the vehicles cost then, without the rows; undefined, with nothing changed, when too many are far. Cost:
 * a pass over the fleet and at most three best answers per vehicle; mostly less than one.
 */
export function catchUp(request: CatchUpRequest): number | undefined {
  const { model, plan, bound, allowed, ended } = request;
  const count = model.vehicleCount;
  const regrets = regretsOf(model, request.prices, plan.change, request.responses);
  const far = leavingAtMost(regrets, FAR * allowed);
  if (far.length > MOST_FAR * count) return undefined;
  const costOf = (i: number): number => scheduleCost(model, i, plan.change, model.offset[i] as number);
  let { ownCost } = request;
  for (const i of far) ownCost -= costOf(i);
  for (let k = 0; k < FAR_SWEEPS; k += 1) sweep(request, far, request.farStiffness);
  for (const i of far) {
    ownCost += costOf(i);
    regrets[i] = 0;
  }

  let [size, answers] = [Math.max(LEAST_SOME, Math.ceil(SOME_SHARE * count)), 0];
  while (answers < MOST_ANSWERS * count) {
    const chosen = mostRegretful(regrets, size);
    if (chosen.length === 0) return ownCost;
    const step = Math.ceil(chosen.length / LOOKS);
    for (let k = 0; k < SOME_SWEEPS && answers < MOST_ANSWERS * count; k += 1) {
      for (let from = 0; from < chosen.length; from += step) {
        const cost = ownCost + deviationCost(request.rows, plan, model.slotHours);
        if (cost - bound <= ENOUGH * allowed || ended()) return ownCost;
        const some = chosen.subarray(from, from + step);
        for (const i of some) ownCost -= costOf(i);
        sweep(request, some, request.stiffness);
        for (const i of some) ownCost += costOf(i);
      }
      answers += chosen.length;
      request.updatePrices(request.stiffness);
    }
    size *= 3;
  }
  return ownCost;
}

/** Vehicles between two looks at the clock. */
const BLOCK = 64;

function sweep(request: CatchUpRequest, vehicles: Int32Array, stiffness: Stiffness): void {
  const { sweeps, plan, prices, totals } = request;
  for (let from = 0; from < vehicles.length && !request.ended(); from += BLOCK) {
    const to = Math.min(vehicles.length, from + BLOCK);
    sweeps.improve(from, to, plan, prices, stiffness, 'free', totals, undefined, vehicles);
  }
}
