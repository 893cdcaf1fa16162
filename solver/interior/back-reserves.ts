import { type CouplingRows, createCouplingRows } from '../coordination/coupling-rows.js';
import { carryPrices, deviationCost, hasHardLimits, worstExcessKw } from '../coordination/row-costs.js';
import { createStiffness } from '../coordination/stiffness.js';
import {
  type GroupTotals,
  type RowPrices,
  VehicleSweeps,
  type WorkingPlan,
} from '../coordination/vehicle-sweeps.js';
import { type FleetModel, selectVehicles, windowSlots } from '../fleet-model.js';
import { type BoundParts, lowerBound, lowerBoundParts } from '../lower-bound.js';
import type { Multipliers } from '../multipliers.js';
import type { ProblemDocument, VehicleDocument } from '../problem.js';
import type { ReserveSchedule } from '../schedule.js';
import { type BackedPlan, pricedCosts } from './backed-plan.js';
import { backShares, fitShares, type WishedShares, wishedBefore } from './fit-shares.js';
import { InteriorPoint } from './interior-point.js';
import { priceVehicles } from './price-vehicles.js';
import { readBurningWays, readMultipliers, readSchedule } from './read-point.js';
import { replanSome } from './replan-some.js';
import { type KnownPrices, knownPrices } from './row-prices.js';
import { createShareLayout, type ShareLayout } from './share-layout.js';

export interface BackingRequest {
  readonly problem: ProblemDocument;
  readonly model: FleetModel;
  /**
   * An earlier plan: a schedule that every vehicle can follow (not a number throughout the windows of those that have
   * none) and its shares by index of the problem's reserves.
   */
  readonly previous?:
    | { readonly change: Float64Array; readonly reserves: readonly ReserveSchedule[] }
    | undefined;
  readonly startMultipliers?: Multipliers | undefined;
  /** A schedule that keeps every limit and sells nothing, to fall back on. */
  readonly plain?: Float64Array | undefined;
  /** Relative gap at which to stop. */
  readonly gap: number;
  /** Milliseconds from the start at which to stop; infinite for none. */
  readonly timeLimitMs: number;
  /** Asked between blocks of vehicles; ends the search when true. */
  readonly stopped: () => boolean;
  /** Milliseconds on a clock that only rises. */
  readonly now: () => number;
}

/** The best plan found and the multipliers of the best bound. */
export interface Backing {
  readonly change: Float64Array;
  readonly reserves: readonly ReserveSchedule[];
  readonly multipliers: Multipliers;
  readonly objective: number;
  readonly lowerBound: number;
  readonly iterations: number;
}

/** Iterations after which the numbers have said all they will. */
const MOST_ITERATIONS = 100;
/**
 * A plan and a bound are made of where the search stands from this relative distance on: at every eighth of it, and at
 * every half near the gap asked for.
 */
const LOOK_FROM = 1e-2;
/** Limits exceeded by less than this, kW, are kept. */
const KEPT_KW = 1e-7;
/**
 * Products to start with, at the level of prices of `startAim`; tried 0.01 to 5. Too small a start gets stuck at once, so
 * a search that ends without its gap is tried again from further inside.
 */
const START_AIMS = [1, 30] as const;
const TUNED_PRICE = 0.15;
const TUNED_PENALTY = 5;
/** A look takes about this many times what the first, idle plan takes to make. */
const FIRST_LOOK = 5;
/** Steps shorter than this lead nowhere: rounding has taken over. */
const SHORTEST_STEP = 1e-4;

/**
 * Shares of the fleet that are planned again among the others, one after the other, when an earlier plan is no longer
 * within the gap, and the least number of vehicles.
 */
const REPLANNED_SHARES = [0.08, 0.25];
const LEAST_REPLANNED = 16;
/** With more vehicles than this share that an earlier plan's multipliers do not fit, everything is planned anew. */
const MOST_STRANGERS = 0.2;
/** Distances from the optimum, relative to the gap asked for, from where on and until when plans are made of some. */
const LOOK_FROM_AMONG = 30;
const END_AMONG = 0.05;

/** A plan with shares of reserves, and what proves how good it is. */
export function backReserves(request: BackingRequest): Backing {
  return new Backer(request).run();
}

class Backer {
  readonly #request: BackingRequest;
  readonly #model: FleetModel;
  readonly #rows: CouplingRows;
  readonly #layout: ShareLayout;
  readonly #startedMs: number;
  #best: Omit<Backing, 'iterations'>;
  #iterations = 0;
  #iterationMs = 0;
  /** What a look takes; begins as a multiple of what making the first, idle plan took. */
  #lookMs = 0;

  constructor(request: BackingRequest) {
    const { problem, model } = request;
    this.#request = request;
    this.#startedMs = request.now();
    this.#model = model;
    this.#rows = createCouplingRows(problem, model);
    this.#layout = createShareLayout(problem, model, this.#rows);
    const idle = new Float64Array(windowSlots(model));
    this.#best = {
      change: idle,
      reserves: [],
      multipliers: { fleetPerKwh: [], sitePerKwh: problem.sites.map(() => undefined) },
      objective: Number.POSITIVE_INFINITY,
      lowerBound: Number.NEGATIVE_INFINITY,
    };
    this.#consider(idle, wishedBefore(model, this.#layout, []));
    this.#lookMs = FIRST_LOOK * (request.now() - this.#startedMs);
  }

  run(): Backing {
    this.#startFromPrevious();
    const level = priceLevel(this.#model);
    for (const start of START_AIMS) {
      const ways = this.#search(start * level, undefined);
      // Where the relaxation burns energy, each such slot is held to one way and the rest is solved again.
      if (ways === undefined) continue;
      this.#search(start * level, ways);
      break;
    }
    if (this.#best.lowerBound === Number.NEGATIVE_INFINITY) this.#boundLoosely();
    return { ...this.#best, iterations: this.#iterations };
  }

  /** Some bound where there was no time for a good one: no row has a price, no stored energy a value. */
  #boundLoosely(): void {
    const energyPerKwh = new Float64Array(windowSlots(this.#model));
    const multipliers: Multipliers = { ...this.#best.multipliers, energyPerKwh, reserves: [] };
    this.#best = { ...this.#best, multipliers, lowerBound: lowerBound(this.#request.problem, multipliers) };
  }

  /** An earlier plan and its multipliers, which may be good enough still, or after planning some vehicles again. */
  #startFromPrevious(): void {
    const { problem, previous, plain, startMultipliers } = this.#request;
    const model = this.#model;
    const parts =
      startMultipliers === undefined
        ? undefined
        : lowerBoundParts(problem, startMultipliers, () => this.#ended());
    if (parts !== undefined && startMultipliers !== undefined)
      this.#bound(startMultipliers, sumOf(parts.vehicles, parts.rows));
    if (plain !== undefined) this.#consider(plain, wishedBefore(model, this.#layout, []));
    if (previous === undefined) return;
    const unpriced: RowPrices = {
      fleet: new Float64Array(this.#rows.slotCount),
      site: new Float64Array(this.#rows.siteCount * this.#rows.slotCount),
    };
    const change = this.#kept(previous.change, unpriced);
    const wished = wishedBefore(model, this.#layout, previous.reserves);
    if (change !== undefined) this.#consider(change, wished);
    const fits = change !== undefined && parts !== undefined && startMultipliers !== undefined;
    if (!fits || this.#done()) return;
    const shares = backShares(model, this.#layout, change, wished);
    this.#replanFrom({ change, shares }, parts, startMultipliers);
  }

  /**
   * Vehicles that the earlier multipliers no longer fit get their own again; then they and some more are planned among
   * the others, until the plan is within the gap of what that proves.
   */
  #replanFrom(held: BackedPlan, parts: BoundParts, multipliers: Multipliers): void {
    const model = this.#model;
    const layout = this.#layout;
    const { gap } = this.#request;
    const asked = gap * Math.max(1, Math.abs(this.#best.objective));
    const prices = knownPrices(this.#rows, layout, multipliers, model.slotHours);
    const off = pricedCosts(model, layout, held, prices).map(
      (cost, i) => cost - (parts.vehicles[i] as number),
    );
    const order = Array.from(off.keys()).sort((a, b) => (off[b] as number) - (off[a] as number));
    const strangers = order.filter((i) => (off[i] as number) > asked / model.vehicleCount);
    if (strangers.length > MOST_STRANGERS * model.vehicleCount) return;
    const aim = priceLevel(model) * START_AIMS[0];
    this.#priceAgain(strangers, prices, multipliers, parts, aim);
    for (const share of REPLANNED_SHARES) {
      const count = Math.min(
        model.vehicleCount,
        Math.max(LEAST_REPLANNED, 2 * strangers.length, Math.round(share * model.vehicleCount)),
      );
      if (this.#done()) return;
      replanSome({
        model,
        rows: this.#rows,
        layout,
        held,
        prices,
        chosen: order.slice(0, count),
        aim,
        lookBelow: LOOK_FROM_AMONG * asked,
        endBelow: END_AMONG * asked,
        ended: () => this.#ended(),
        consider: ({ change, shares }) => {
          const kept = this.#kept(change, prices);
          if (kept !== undefined) this.#consider(kept, shares);
          return this.#gap() <= gap;
        },
      });
    }
  }

  /** The bound at earlier prices with the values of stored energy of some vehicles found anew. */
  #priceAgain(
    strangers: readonly number[],
    prices: KnownPrices,
    multipliers: Multipliers,
    parts: BoundParts,
    aim: number,
  ): void {
    const model = this.#model;
    const { problem, gap } = this.#request;
    const some = selectVehicles(model, strangers);
    const accuracy = (0.1 * gap * Math.abs(this.#best.objective)) / model.vehicleCount;
    const values = priceVehicles(some, this.#layout, prices, aim, Math.max(accuracy, 1e-9));
    const energyPerKwh = new Float64Array(windowSlots(model));
    energyPerKwh.set(Array.from(multipliers.energyPerKwh ?? []));
    const alone = { ...problem, vehicles: strangers.map((i) => problem.vehicles[i] as VehicleDocument) };
    const again = lowerBoundParts(alone, { ...multipliers, energyPerKwh: values }, () => this.#ended());
    const bounds = Float64Array.from(parts.vehicles);
    strangers.forEach((i, k) => {
      if ((again.vehicles[k] as number) <= (bounds[i] as number)) return;
      bounds[i] = again.vehicles[k] as number;
      energyPerKwh.set(values.subarray(some.offset[k], some.offset[k + 1]), model.offset[i]);
    });
    this.#bound({ ...multipliers, energyPerKwh }, sumOf(bounds, parts.rows));
  }

  #bound(multipliers: Multipliers, bound: number): void {
    if (bound > this.#best.lowerBound) this.#best = { ...this.#best, multipliers, lowerBound: bound };
  }

  /** Runs the interior point to its end; returns the ways it should be held to when it burns energy. */
  #search(aim: number, ways: Uint8Array | undefined): Uint8Array | undefined {
    if (this.#done()) return undefined;
    const point = new InteriorPoint(this.#model, this.#rows, this.#layout, { aim, ways });
    let lookBelow = Number.POSITIVE_INFINITY;
    for (let k = 0; k < MOST_ITERATIONS && !this.#done(); k += 1) {
      this.#iterations += 1;
      const startedMs = this.#request.now();
      if (!(point.iterate(() => this.#ended()) > SHORTEST_STEP && Number.isFinite(point.gap))) break;
      this.#iterationMs = this.#request.now() - startedMs;
      const scale = Math.max(1, Math.abs(this.#best.objective));
      if (point.gap > LOOK_FROM * scale || point.gap > lookBelow) continue;
      lookBelow = Math.min(point.gap / 2, Math.max(point.gap / 8, this.#request.gap * scale));
      this.#look(point);
    }
    if (this.#gap() <= this.#request.gap || this.#request.stopped()) return undefined;
    if (Number.isFinite(point.gap) && point.gap < lookBelow) this.#look(point);
    return ways === undefined && !this.#done() ? readBurningWays(point) : undefined;
  }

  #gap(): number {
    const { objective, lowerBound: bound } = this.#best;
    return (objective - bound) / Math.max(1, Math.abs(objective));
  }

  #done(): boolean {
    return this.#gap() <= this.#request.gap || this.#ended(this.#iterationMs);
  }

  /** Whether to stop now: told to, or no time for that much more and for a last look. */
  #ended(moreMs = 0): boolean {
    const { stopped, now, timeLimitMs } = this.#request;
    return stopped() || now() - this.#startedMs + moreMs + this.#lookMs >= timeLimitMs;
  }

  /** Makes a plan and a bound of where the interior point stands. */
  #look(point: InteriorPoint): void {
    const startedMs = this.#request.now();
    const multipliers = readMultipliers(point);
    carryPrices(this.#rows, multipliers.prices);
    const bound = lowerBound(this.#request.problem, multipliers.all);
    this.#bound(multipliers.all, bound);
    const change = this.#kept(readSchedule(point), multipliers.prices);
    if (change !== undefined) {
      const at = (i: number, t: number): number => point.vehicles.index.localAt(i, t) + 1;
      this.#consider(change, { kw: point.vehicles.local, at });
    }
    this.#lookMs = this.#request.now() - startedMs;
  }

  /** The schedule made to keep the hard limits; undefined when it cannot be. */
  #kept(change: Float64Array, prices: RowPrices): Float64Array | undefined {
    if (!hasHardLimits(this.#rows)) return change;
    const { plan, sweeps } = this.#working(change);
    if (worstExcessKw(this.#rows, plan) <= KEPT_KW) return change;
    const stiffness = createStiffness(this.#model, this.#rows.siteCount, 0);
    sweeps.improve(0, this.#model.vehicleCount, plan, prices, stiffness, 'repair', this.#totals(), undefined);
    const repaired = this.#working(plan.change).plan;
    return worstExcessKw(this.#rows, repaired) <= KEPT_KW ? plan.change : undefined;
  }

  #consider(change: Float64Array, wished: WishedShares): void {
    const { problem } = this.#request;
    const reserves = fitShares(this.#model, this.#layout, problem.reserves.length, change, wished);
    const { plan, totals } = this.#working(change);
    let objective = deviationCost(this.#rows, plan, this.#model.slotHours) + (totals.cost[0] as number);
    for (const { reserve, valuePerKw } of this.#layout.products)
      objective -= valuePerKw * (reserves[reserve]?.kw ?? 0);
    if (objective < this.#best.objective) this.#best = { ...this.#best, change, reserves, objective };
  }

  #totals(): GroupTotals {
    return { cost: new Float64Array(1), netKw: new Float64Array(this.#rows.slotCount) };
  }

  #working(change: Float64Array) {
    const model = this.#model;
    const rows = this.#rows;
    const plan: WorkingPlan = {
      change,
      fleetKw: new Float64Array(rows.slotCount),
      siteKw: new Float64Array(rows.siteCount * rows.slotCount),
    };
    const sweeps = new VehicleSweeps(model, rows, new Int32Array(model.vehicleCount));
    const totals = this.#totals();
    sweeps.total(0, model.vehicleCount, plan, totals);
    return { plan, totals, sweeps };
  }
}

/** Level of what is at stake per kWh, relative to the one that the start was tuned at. */
function priceLevel({ importPerKwh, exportPerKwh, penaltyPerKwh }: FleetModel): number {
  const mean = [...importPerKwh, ...exportPerKwh].reduce(
    (sum, price) => sum + Math.abs(price) / (2 * importPerKwh.length),
    0,
  );
  return Math.max(mean / TUNED_PRICE, penaltyPerKwh / TUNED_PENALTY, 1e-3);
}

function sumOf(parts: Float64Array, start: number): number {
  return parts.reduce((sum, part) => sum + part, start);
}
