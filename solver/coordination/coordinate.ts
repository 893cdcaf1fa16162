import { type FleetModel, windowSlots } from '../fleet-model.js';
import { catchUp } from './catch-up.js';
import { ColumnPool } from './column-pool.js';
import { type CouplingRows, smoothedPrice } from './coupling-rows.js';
import { PricePace } from './price-pace.js';
import { carryPrices, deviationCost, hasHardLimits, rowBound, worstExcessKw } from './row-costs.js';
import { createStiffness } from './stiffness.js';
import { assignGroups, type VehicleGroups } from './vehicle-groups.js';
import {
  type GroupTotals,
  type RowPrices,
  type Stiffness,
  type SweepMode,
  VehicleSweeps,
  type WorkingPlan,
} from './vehicle-sweeps.js';

export interface CoordinationRequest {
  readonly model: FleetModel;
  readonly rows: CouplingRows;
  /** Relative gap at which to stop. */
  readonly gap: number;
  /** Milliseconds from the start at which to stop; infinite for none. */
  readonly timeLimitMs: number;
  /**
   * Prices and schedule to start from, of an earlier plan; the schedule must be feasible for each vehicle alone, and
   * is not a number throughout the window of a vehicle that has none.
   */
  readonly startPrices?: RowPrices | undefined;
  readonly startChange?: Float64Array | undefined;
  /** What that schedule cost when it was found; it costs the same when the problem has not changed. */
  readonly startObjective?: number | undefined;
  /** Asked between blocks of vehicles; ends the search when true. */
  readonly stopped?: (() => boolean) | undefined;
  /** Milliseconds on a clock that only rises. */
  readonly now: () => number;
}

export interface Coordination {
  /** Best plan found that keeps the hard limits. */
  readonly change: Float64Array;
  /** Prices that prove the best bound. */
  readonly prices: RowPrices;
  readonly energyPerKwh: Float64Array;
  readonly objective: number;
  readonly lowerBound: number;
  readonly sweeps: number;
}

/** Vehicles between two looks at the clock: below a millisecond, or some ten where slots are not convex. */
const BLOCK = 64;
const MOST_ROUNDS = 400;
/** A time limit keeps this many passes over the fleet in hand for the certificate and the documents. */
const CLOSING_PASSES = 2.5;
/** Schedules are kept for the master only while one layer has at most this many numbers. */
const MOST_POOLED = 1_500_000;
/** Floating point operations per window slot and sweep, and how many masters one expects to need; both measured. */
const SWEEP_WORK = 80;
const MASTERS_EXPECTED = 3;
/** Rounds over which progress is judged. */
const JUDGED_ROUNDS = 6;
/** Leaving this share of the gap per round over that span is standing still. */
const STALLED = 0.985;
/**
 * Factor on the fleet's stiffness in the first rounds of a warm start; 5 to 60 and 1 to 20 rounds tried at 200 to 10,000
 * vehicles. Prices hardly move then, and it is the plan that has to catch up.
 */
const WARM_STIFFNESS = 8;
const WARM_ROUNDS = 6;
/** The same while vehicles catch up; 8 to 128 tried at 1,000 and 10,000 vehicles of which one in a hundred changed. */
const CATCH_UP_STIFFNESS = 32;
/** Window slots of a fleet that is worth catching up; a smaller one is soon solved whole, and closer to the optimum. */
const LEAST_CAUGHT_UP = 2000;
/** Plans whose costs differ by less than this, relative, cost the same. */
const SAME_COST = 1e-6;
/** A problem in which an earlier plan costs what it did to this, relative, has not changed. */
const UNCHANGED = 1e-9;
/** Rounds without a twentieth of the gap gone after which the search is over. */
const STUCK_ROUNDS = 20;
/** Limits exceeded by less than this, kW, are kept. */
const KEPT_KW = 1e-7;

/**
 * A plan for vehicles tied together by rows, with prices that prove how good it is, (22) to (26).
 *
 * Sweeps of block-coordinate Frank–Wolfe on the smoothed problem make the plan; their prices, an augmented
 * Lagrangian's multipliers, make the bound. Where that slows down, a Dantzig–Wolfe master over the schedules seen so
 * far mixes a better plan and finds better prices. Linear in vehicles × slots per sweep; deterministic.
 */
export function coordinate(request: CoordinationRequest): Coordination {
  return new Coordinator(request).run();
}

class Coordinator {
  readonly #request: CoordinationRequest;
  readonly #model: FleetModel;
  readonly #rows: CouplingRows;
  readonly #groups: VehicleGroups;
  readonly #sweeps: VehicleSweeps;
  #stiffness: Stiffness;
  readonly #pool: ColumnPool | undefined;
  readonly #hard: boolean;
  readonly #startedMs: number;
  readonly #prices: RowPrices;
  readonly #plan: WorkingPlan;
  readonly #proposals: Float64Array | undefined;
  /** The vehicles' best answers to the prices of the latest bound, and whether that was the best one. */
  readonly #responses: Float64Array;
  #respondedBest = false;
  readonly #fleetPace: PricePace;
  readonly #sitePace: PricePace;
  #passMs = 0;
  #sweepCount = 0;
  #bestPrices: RowPrices;
  #bestBound = Number.NEGATIVE_INFINITY;
  /** May be the working plan's own schedule, and is moved to `#kept` before that changes. */
  #bestChange: Float64Array;
  readonly #kept: Float64Array;
  #bestObjective = Number.POSITIVE_INFINITY;
  /** The schedule started from, never written to, and its cost when it keeps the limits. */
  #previous: Float64Array | undefined;
  #previousObjective = Number.POSITIVE_INFINITY;
  /** Its vehicles' own cost. */
  #startCost = 0;

  constructor(request: CoordinationRequest) {
    const { model, rows } = request;
    this.#request = request;
    this.#model = model;
    this.#rows = rows;
    this.#startedMs = request.now();
    this.#groups = assignGroups(model, rows.siteCount);
    this.#sweeps = new VehicleSweeps(model, rows, this.#groups.groupOf);
    this.#fleetPace = new PricePace(rows.slotCount);
    this.#sitePace = new PricePace(rows.siteCount * rows.slotCount);
    const soft = rows.deviationPerKwh.reduce((most, price) => Math.max(most, price), 0);
    this.#stiffness = createStiffness(model, rows.siteCount, soft);
    this.#hard = hasHardLimits(rows);
    const total = windowSlots(model);
    const pooled = total <= MOST_POOLED;
    this.#pool = pooled ? new ColumnPool(model, rows, this.#groups, hardPrice(model, soft)) : undefined;
    this.#proposals = pooled ? new Float64Array(total) : undefined;
    this.#responses = new Float64Array(total);
    this.#prices = {
      fleet: request.startPrices?.fleet.slice() ?? new Float64Array(rows.slotCount),
      site: request.startPrices?.site.slice() ?? new Float64Array(rows.siteCount * rows.slotCount),
    };
    carryPrices(rows, this.#prices);
    this.#bestPrices = copyPrices(this.#prices);
    this.#plan = {
      change: new Float64Array(total),
      fleetKw: new Float64Array(rows.slotCount),
      siteKw: new Float64Array(rows.siteCount * rows.slotCount),
    };
    this.#kept = new Float64Array(total);
    this.#bestChange = this.#kept;
  }

  run(): Coordination {
    this.#begin();
    const isLarge = this.#plan.change.length >= LEAST_CAUGHT_UP;
    if (isLarge) this.#catchUp();
    let gaps = [this.#gap()];
    let [stuckGap, stuckSince] = [this.#gap(), 0];
    for (let round = 0; round < MOST_ROUNDS && !this.#done(); round += 1) {
      // The first sweeps only find the region; a bound there would be wasted.
      const warm = this.#request.startPrices !== undefined;
      const sweeps = round === 0 && !warm ? 6 : 2;
      if (warm && round === 0) this.#stiffen(WARM_STIFFNESS);
      if (warm && round === WARM_ROUNDS) this.#stiffen(1 / WARM_STIFFNESS);
      for (let sweep = 0; sweep < sweeps && !this.#ended(); sweep += 1) this.#sweep('free');
      this.#considerRepaired(this.#plan);
      if (this.#done()) break;
      this.#bound(this.#prices);
      gaps.push(this.#gap());
      if (this.#gap() < 0.95 * stuckGap) [stuckGap, stuckSince] = [this.#gap(), round];
      if (round - stuckSince >= STUCK_ROUNDS) break;
      if (this.#done() || (isLarge && warm && round < WARM_ROUNDS) || !this.#masterPays(gaps)) continue;
      this.#useMaster(this.#gap());
      gaps = [this.#gap()];
    }
    return this.#close();
  }

  /** From a plan that nearly holds, prices may answer sharply to what is left; only the fleet's, sites are small. */
  #stiffen(factor: number): void {
    this.#stiffness = { fleet: this.#stiffness.fleet * factor, site: this.#stiffness.site };
  }

  /** A first bound, and a first plan that keeps the limits. */
  #begin(): void {
    const started = this.#request.now();
    const { startChange } = this.#request;
    if (this.#hard) {
      // Doing nothing keeps every limit; one capped sweep makes a plan of it.
      this.#consider(this.#refresh(this.#plan));
      if (startChange === undefined) this.#sweep('capped', false);
      this.#prices.fleet.set(this.#bestPrices.fleet);
      this.#prices.site.set(this.#bestPrices.site);
    }
    this.#bound(this.#prices, false);
    this.#keepBest();
    if (startChange === undefined) {
      this.#plan.change.set(this.#responses);
      this.#consider(this.#refresh(this.#plan));
    } else this.#takeUp(startChange);
    this.#passMs = this.#request.now() - started;
  }

  /** Takes up the schedule to start from; vehicles that have none keep their best answer. */
  #takeUp(startChange: Float64Array): void {
    const { change } = this.#plan;
    let complete = true;
    for (let at = 0; at < startChange.length; at += 1) {
      const known = startChange[at] as number;
      const isKnown = !Number.isNaN(known);
      change[at] = isKnown ? known : (this.#responses[at] as number);
      complete &&= isKnown;
    }
    this.#previous = complete ? startChange : change.slice();
    const totals = this.#refresh(this.#plan);
    this.#startCost = totals.cost.reduce((sum, cost) => sum + cost, 0);
    this.#previousObjective = this.#consider(totals);
    if (this.#bestChange === change) this.#bestChange = this.#previous;
    if (this.#previousObjective === Number.POSITIVE_INFINITY) this.#considerRepaired(this.#plan);
  }

  /** Lets the vehicles that an earlier plan does not suit catch up, before whole sweeps and bounds are paid for. */
  #catchUp(): void {
    if (this.#previous === undefined || this.#done()) return;
    const { fleet, site } = this.#stiffness;
    const ownCost = catchUp({
      model: this.#model,
      rows: this.#rows,
      sweeps: this.#sweeps,
      plan: this.#plan,
      ownCost: this.#startCost,
      prices: this.#prices,
      farStiffness: { fleet: fleet * WARM_STIFFNESS, site },
      stiffness: { fleet: fleet * CATCH_UP_STIFFNESS, site },
      responses: this.#responses,
      allowed: this.#request.gap * Math.max(1, Math.abs(this.#bestObjective)),
      bound: this.#bestBound,
      totals: this.#totals(),
      updatePrices: (stiffness) => this.#updatePrices(stiffness),
      ended: () => this.#ended(),
    });
    if (ownCost === undefined) return;
    this.#sweepCount += 1;
    this.#considerAt(ownCost + deviationCost(this.#rows, this.#plan, this.#model.slotHours));
    this.#considerRepaired(this.#plan);
    // Prices that moved so sharply are no start for slower rounds.
    this.#prices.fleet.set(this.#bestPrices.fleet);
    this.#prices.site.set(this.#bestPrices.site);
  }

  /** One sweep over all vehicles, then the multipliers that the new plan makes, (23). */
  #sweep(mode: SweepMode, keepTime = true): void {
    const totals = this.#totals();
    this.#keepBest();
    this.#inBlocks(
      (from, to) =>
        this.#sweeps.improve(
          from,
          to,
          this.#plan,
          this.#prices,
          this.#stiffness,
          mode,
          totals,
          this.#proposals,
        ),
      keepTime,
    );
    this.#sweepCount += 1;
    const state = this.#refresh(this.#plan);
    this.#consider(state);
    if (this.#proposals !== undefined && !this.#ended()) {
      this.#pool?.add(totals, this.#proposals);
      this.#pool?.add(state, this.#plan.change);
    }
    this.#updatePrices();
  }

  /** Considers a plan; where it exceeds a hard limit, a copy that has been made to keep it. */
  #considerRepaired(plan: WorkingPlan): void {
    if (!this.#hard || worstExcessKw(this.#rows, plan) <= KEPT_KW) return;
    const copy: WorkingPlan = {
      change: plan.change.slice(),
      fleetKw: plan.fleetKw.slice(),
      siteKw: plan.siteKw.slice(),
    };
    const totals = this.#totals();
    this.#inBlocks((from, to) =>
      this.#sweeps.improve(from, to, copy, this.#prices, this.#stiffness, 'repair', totals, undefined),
    );
    this.#consider(this.#refresh(copy), copy);
  }

  /** The bound at some prices; keeps them when it is the best. */
  #bound(prices: RowPrices, keepTime = true): void {
    const totals = this.#totals();
    let bound = rowBound(this.#rows, prices, this.#model.slotHours);
    this.#respondedBest = false;
    const whole = this.#inBlocks((from, to) => {
      bound += this.#sweeps.respond(from, to, prices, totals, this.#responses);
    }, keepTime);
    if (!whole) return;
    this.#pool?.add(totals, this.#responses);
    if (bound > this.#bestBound) {
      this.#bestBound = bound;
      this.#bestPrices = copyPrices(prices);
      this.#respondedBest = true;
    }
  }

  /** Whether the rounds still needed at the present pace would cost more than the master. */
  #masterPays(gaps: readonly number[]): boolean {
    if (this.#pool === undefined || gaps.length < 2) return false;
    const now = gaps[gaps.length - 1] as number;
    const span = Math.min(JUDGED_ROUNDS, gaps.length - 1);
    const pace = Math.min((now / (gaps[gaps.length - 1 - span] as number)) ** (1 / span), 0.999);
    if (span === JUDGED_ROUNDS && pace > STALLED) return true;
    const roundsLeft = Math.log(this.#request.gap / now) / Math.log(pace);
    return roundsLeft * 3 * SWEEP_WORK * this.#plan.change.length > MASTERS_EXPECTED * this.#pool.work();
  }

  #useMaster(gap: number): void {
    if (this.#pool === undefined) return;
    const answer = this.#pool.solve(
      this.#bestPrices,
      Math.max(this.#request.gap * 0.2, Math.min(1e-3, gap * 0.1)),
    );
    carryPrices(this.#rows, answer.prices);
    this.#bound(answer.prices);
    const mixed: WorkingPlan = {
      change: answer.change,
      fleetKw: this.#plan.fleetKw.slice(),
      siteKw: this.#plan.siteKw.slice(),
    };
    this.#consider(this.#refresh(mixed), mixed);
    this.#considerRepaired(mixed);
    // Go on from the better of the two plans.
    this.#plan.change.set(this.#bestChange);
    this.#refresh(this.#plan);
  }

  /** Remembers a plan when it keeps the limits and costs less than any before. Its cost; infinite when it does not. */
  #consider(totals: GroupTotals, plan: WorkingPlan = this.#plan): number {
    let objective = deviationCost(this.#rows, plan, this.#model.slotHours);
    for (const cost of totals.cost) objective += cost;
    return this.#considerAt(objective, plan);
  }

  /** The same for a plan whose cost is known. */
  #considerAt(objective: number, plan: WorkingPlan = this.#plan): number {
    if (this.#hard && worstExcessKw(this.#rows, plan) > KEPT_KW) return Number.POSITIVE_INFINITY;
    if (objective < this.#bestObjective) {
      this.#bestObjective = objective;
      this.#bestChange = plan.change;
    }
    return objective;
  }

  /** Before the working plan changes. */
  #keepBest(): void {
    if (this.#bestChange !== this.#plan.change) return;
    this.#kept.set(this.#bestChange);
    this.#bestChange = this.#kept;
  }

  /** The multipliers that the plan's net power makes, (23); those that keep going one way go faster. */
  #updatePrices(stiffness = this.#stiffness): void {
    const rows = this.#rows;
    const { fleet, site } = this.#prices;
    for (let t = 0; t < rows.slotCount && rows.fleetCoupled; t += 1) {
      const next = smoothedPrice(
        this.#plan.fleetKw[t] as number,
        fleet[t] as number,
        stiffness.fleet,
        rows.soldKw[t] as number,
        rows.deviationPerKwh[t] as number,
        rows.importKw[t] as number,
        rows.exportKw[t] as number,
      );
      fleet[t] = this.#fleetPace.move(t, fleet[t] as number, next);
    }
    for (let at = 0; at < site.length; at += 1) {
      const next = smoothedPrice(
        this.#plan.siteKw[at] as number,
        site[at] as number,
        stiffness.site[Math.floor(at / rows.slotCount)] as number,
        0,
        0,
        rows.siteImportKw[at] as number,
        rows.siteExportKw[at] as number,
      );
      site[at] = this.#sitePace.move(at, site[at] as number, next);
    }
    carryPrices(rows, this.#prices);
  }

  /** Recomputes a plan's net power from its schedule; returns cost and net power by group. */
  #refresh(plan: WorkingPlan): GroupTotals {
    plan.fleetKw.fill(0);
    plan.siteKw.fill(0);
    const totals = this.#totals();
    this.#sweeps.total(0, this.#model.vehicleCount, plan, totals);
    return totals;
  }

  #totals(): GroupTotals {
    const { count } = this.#groups;
    return { cost: new Float64Array(count), netKw: new Float64Array(count * this.#rows.slotCount) };
  }

  /** Runs a pass block by block; false when time ran out before its end. */
  #inBlocks(pass: (from: number, to: number) => void, keepTime = true): boolean {
    const count = this.#model.vehicleCount;
    for (let from = 0; from < count; from += BLOCK) {
      if (keepTime && this.#ended()) return false;
      pass(from, Math.min(count, from + BLOCK));
    }
    return true;
  }

  #gap(): number {
    return (this.#bestObjective - this.#bestBound) / Math.max(1, Math.abs(this.#bestObjective));
  }

  #done(): boolean {
    return this.#gap() <= this.#request.gap || this.#ended();
  }

  #ended(): boolean {
    if (this.#request.stopped?.() === true) return true;
    const spentMs = this.#request.now() - this.#startedMs;
    return spentMs + CLOSING_PASSES * this.#passMs >= this.#request.timeLimitMs;
  }

  /** The plan started from stays when it costs the same as the best one, or was good enough and nothing changed. */
  #settle(): void {
    if (this.#previous === undefined) return;
    const scale = Math.max(1, Math.abs(this.#previousObjective));
    const { startObjective = Number.POSITIVE_INFINITY, gap } = this.#request;
    const unchanged = Math.abs(this.#previousObjective - startObjective) <= UNCHANGED * scale;
    const goodEnough = (this.#previousObjective - this.#bestBound) / scale <= gap;
    const same = this.#previousObjective <= this.#bestObjective + SAME_COST * Math.abs(this.#bestObjective);
    if (!same && !(unchanged && goodEnough)) return;
    this.#bestChange = this.#previous;
    this.#bestObjective = this.#previousObjective;
  }

  /** The best plan and, at the prices of the best bound, what stored energy is worth. */
  #close(): Coordination {
    this.#settle();
    if (!this.#respondedBest)
      this.#sweeps.respond(0, this.#model.vehicleCount, this.#bestPrices, this.#totals(), this.#responses);
    const energyPerKwh = this.#sweeps.valueEnergy(
      0,
      this.#model.vehicleCount,
      this.#bestPrices,
      this.#responses,
    );
    const isCallers = this.#bestChange === this.#request.startChange;
    return {
      change: isCallers ? this.#bestChange.slice() : this.#bestChange,
      prices: this.#bestPrices,
      energyPerKwh,
      objective: this.#bestObjective,
      lowerBound: this.#bestBound,
      sweeps: this.#sweepCount,
    };
  }
}

/** More than one kWh of room under a limit can ever be worth: all it could save is a shortfall or a dear import. */
function hardPrice(model: FleetModel, softPerKwh: number): number {
  const dearest = (prices: Float64Array): number =>
    prices.reduce((most, price) => Math.max(most, Math.abs(price)), 0);
  return (
    2 * (1 + model.penaltyPerKwh + dearest(model.importPerKwh) + dearest(model.exportPerKwh) + softPerKwh)
  );
}

function copyPrices({ fleet, site }: RowPrices): RowPrices {
  return { fleet: fleet.slice(), site: site.slice() };
}
