import { ChainKernel } from '../chain-kernel.js';
import { recoverEnergyValues } from '../energy-values.js';
import type { FleetModel } from '../fleet-model.js';
import { type CouplingRows, smoothedPrice } from './coupling-rows.js';

/** Prices per kWh of the coupling rows: per slot, and site-major per site and slot. */
export interface RowPrices {
  readonly fleet: Float64Array;
  readonly site: Float64Array;
}

/** Cost (currency) and net power (kW, group-major per slot) of a group of vehicles in one sweep. */
export interface GroupTotals {
  readonly cost: Float64Array;
  readonly netKw: Float64Array;
}

/** The plan being improved: change of stored energy per window slot, and the net power that follows. */
export interface WorkingPlan {
  readonly change: Float64Array;
  readonly fleetKw: Float64Array;
  readonly siteKw: Float64Array;
}

export interface Stiffness {
  /** Price per kW of the fleet rows and of each site's rows. */
  readonly fleet: number;
  readonly site: Float64Array;
}

/**
 * `free`: limits act by their prices alone and may be exceeded a little. `capped`: proposals use only what the
 * other vehicles leave over of the limits. `repair`: as capped, and only vehicles that exceed a limit move, no
 * further than they must.
 */
export type SweepMode = 'free' | 'capped' | 'repair';

/** Limits are aimed at from this far inside, kW, so that rounding cannot break them. */
const LIMIT_MARGIN_KW = 1e-8;

/** Passes over the vehicles, one after another, with buffers made once. */
export class VehicleSweeps {
  readonly #model: FleetModel;
  readonly #rows: CouplingRows;
  readonly #groupOf: Int32Array;
  readonly #kernel: ChainKernel;
  readonly #importPerKwh: Float64Array;
  readonly #exportPerKwh: Float64Array;
  readonly #mostIn: Float64Array;
  readonly #mostOut: Float64Array;
  readonly #roomIn: Float64Array;
  readonly #roomOut: Float64Array;
  readonly #proposed: Float64Array;
  readonly #scratch: Float64Array;

  constructor(model: FleetModel, rows: CouplingRows, groupOf: Int32Array) {
    this.#model = model;
    this.#rows = rows;
    this.#groupOf = groupOf;
    this.#kernel = new ChainKernel(model.slotCount);
    this.#importPerKwh = new Float64Array(model.slotCount);
    this.#exportPerKwh = new Float64Array(model.slotCount);
    this.#mostIn = new Float64Array(model.slotCount);
    this.#mostOut = new Float64Array(model.slotCount);
    this.#roomIn = new Float64Array(model.slotCount);
    this.#roomOut = new Float64Array(model.slotCount);
    this.#proposed = new Float64Array(model.slotCount);
    this.#scratch = new Float64Array(2 * model.slotCount);
  }

  /**
   * Every vehicle's optimum at fixed row prices. Returns the sum of their costs with the prices included, the
   * vehicles' part of (17); adds costs without them and net power to `totals`. Schedules go to `change`.
   */
  respond(from: number, to: number, prices: RowPrices, totals: GroupTotals, change: Float64Array): number {
    const model = this.#model;
    let pricedCost = 0;
    for (let i = from; i < to; i += 1) {
      const first = model.firstSlot[i] as number;
      const end = model.endSlot[i] as number;
      const site = model.siteIndex[i] as number;
      const group = this.#groupOf[i] as number;
      this.#priceFixed(first, end, site, prices);
      const at = model.offset[i] as number;
      const exact = this.#kernel.solveAny(model, i, this.#importPerKwh, this.#exportPerKwh, change, at);
      const cost = this.#account(i, group, change, at, totals);
      // Without the exact optimum only the certificate can say how low the vehicle's cost may be.
      pricedCost += exact ? cost : Number.NEGATIVE_INFINITY;
    }
    return pricedCost;
  }

  /** What stored energy is worth at fixed row prices to vehicles whose best answers to them are given. */
  valueEnergy(from: number, to: number, prices: RowPrices, responses: Float64Array): Float64Array {
    const model = this.#model;
    const energyPerKwh = new Float64Array(responses.length);
    for (let i = from; i < to; i += 1) {
      this.#priceFixed(
        model.firstSlot[i] as number,
        model.endSlot[i] as number,
        model.siteIndex[i] as number,
        prices,
      );
      recoverEnergyValues(
        model,
        i,
        this.#importPerKwh,
        this.#exportPerKwh,
        responses,
        model.offset[i] as number,
        energyPerKwh,
        this.#scratch,
      );
    }
    return energyPerKwh;
  }

  #priceFixed(first: number, end: number, site: number, prices: RowPrices): void {
    const model = this.#model;
    const siteAt = site * model.slotCount;
    for (let t = first; t < end; t += 1) {
      const added = (prices.fleet[t] as number) + (site >= 0 ? (prices.site[siteAt + t] as number) : 0);
      this.#importPerKwh[t] = (model.importPerKwh[t] as number) + added;
      this.#exportPerKwh[t] = (model.exportPerKwh[t] as number) + added;
    }
  }

  /**
   * Adds one schedule to its group and, where given, to a plan's net power; returns its cost with the row prices in the
   * buffers included.
   */
  #account(
    i: number,
    group: number,
    change: Float64Array,
    at: number,
    totals: GroupTotals,
    plan?: WorkingPlan,
  ): number {
    const model = this.#model;
    const hours = model.slotHours;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const wear = model.wearPerKwh[i] as number;
    const kwhPerStoredIn = 1 / (model.chargeEfficiency[i] as number);
    const kwhPerStoredOut = model.dischargeEfficiency[i] as number;
    const kwPerStoredIn = 1 / ((model.chargeEfficiency[i] as number) * hours);
    const kwPerStoredOut = kwhPerStoredOut / hours;
    const netAt = group * model.slotCount;
    const siteAt = (model.siteIndex[i] as number) * model.slotCount;
    let cost = 0;
    let priced = 0;
    let energy = model.startKwh[i] as number;
    for (let t = first; t < end; t += 1) {
      const moved = change[at + t - first] as number;
      if (moved === 0) continue;
      energy += moved;
      let kwh: number;
      if (moved > 0) {
        kwh = moved * kwhPerStoredIn;
        cost += kwh * (model.importPerKwh[t] as number);
        priced += kwh * (this.#importPerKwh[t] as number);
      } else {
        kwh = moved * kwhPerStoredOut;
        cost += kwh * ((model.exportPerKwh[t] as number) - wear);
        priced += kwh * ((this.#exportPerKwh[t] as number) - wear);
      }
      totals.netKw[netAt + t] = (totals.netKw[netAt + t] as number) + kwh / hours;
      if (plan === undefined) continue;
      const kw = moved * (moved > 0 ? kwPerStoredIn : kwPerStoredOut);
      plan.fleetKw[t] = (plan.fleetKw[t] as number) + kw;
      if (siteAt >= 0) plan.siteKw[siteAt + t] = (plan.siteKw[siteAt + t] as number) + kw;
    }
    const short = model.penaltyPerKwh * Math.max(0, (model.targetKwh[i] as number) - energy);
    totals.cost[group] = (totals.cost[group] as number) + cost + short;
    return priced + short;
  }

  /**
   * One block-coordinate Frank–Wolfe sweep on the smoothed problem, (23): vehicle after vehicle proposes its
   * optimum at the prices that the plan as it now stands makes, and the plan moves towards it by an exact line
   * search. Proposals are added to `totals` and, where given, written to `proposals`. In a repair, vehicles that exceed
   * nothing propose nothing. With a list of vehicles, `from` and `to` are entries of that.
   */
  improve(
    from: number,
    to: number,
    plan: WorkingPlan,
    prices: RowPrices,
    stiffness: Stiffness,
    mode: SweepMode,
    totals: GroupTotals,
    proposals: Float64Array | undefined,
    vehicles?: Int32Array,
  ): void {
    const model = this.#model;
    for (let entry = from; entry < to; entry += 1) {
      const i = vehicles === undefined ? entry : (vehicles[entry] as number);
      const site = model.siteIndex[i] as number;
      if (mode === 'free') this.#uncap(i);
      else if (!this.#capAgainst(i, site, plan) && mode === 'repair') continue;
      this.#priceAgainst(i, site, plan, prices, stiffness);
      this.#kernel.solveCapped(
        model,
        i,
        this.#importPerKwh,
        this.#exportPerKwh,
        this.#mostIn,
        this.#mostOut,
        true,
        this.#proposed,
        0,
      );
      this.#account(i, this.#groupOf[i] as number, this.#proposed, 0, totals);
      if (proposals !== undefined) {
        const length = (model.endSlot[i] as number) - (model.firstSlot[i] as number);
        proposals.set(this.#proposed.subarray(0, length), model.offset[i] as number);
      }
      this.#moveTowards(i, site, plan, stiffness, mode);
    }
  }

  /** Prices of one vehicle's window with the smoothed prices of the rows at the plan's net power. */
  #priceAgainst(i: number, site: number, plan: WorkingPlan, prices: RowPrices, stiffness: Stiffness): void {
    const model = this.#model;
    const rows = this.#rows;
    const slots = model.slotCount;
    const end = model.endSlot[i] as number;
    for (let t = model.firstSlot[i] as number; t < end; t += 1) {
      let added = 0;
      if (rows.fleetCoupled) {
        added = smoothedPrice(
          plan.fleetKw[t] as number,
          prices.fleet[t] as number,
          stiffness.fleet,
          rows.soldKw[t] as number,
          rows.deviationPerKwh[t] as number,
          rows.importKw[t] as number,
          rows.exportKw[t] as number,
        );
      }
      if (site >= 0) {
        const at = site * slots + t;
        added += smoothedPrice(
          plan.siteKw[at] as number,
          prices.site[at] as number,
          stiffness.site[site] as number,
          0,
          0,
          rows.siteImportKw[at] as number,
          rows.siteExportKw[at] as number,
        );
      }
      this.#importPerKwh[t] = (model.importPerKwh[t] as number) + added;
      this.#exportPerKwh[t] = (model.exportPerKwh[t] as number) + added;
    }
  }

  #uncap(i: number): void {
    const model = this.#model;
    const length = (model.endSlot[i] as number) - (model.firstSlot[i] as number);
    this.#mostIn.fill(model.chargeKwh[i] as number, 0, length);
    this.#mostOut.fill(model.dischargeKwh[i] as number, 0, length);
  }

  /**
   * What the other vehicles leave over of the hard limits, as the most this one can add and take per slot; nothing
   * where it takes more than that, so that a small step towards the proposal is enough. Whether it does anywhere.
   */
  #capAgainst(i: number, site: number, plan: WorkingPlan): boolean {
    const model = this.#model;
    let exceeds = false;
    const rows = this.#rows;
    const slots = model.slotCount;
    const first = model.firstSlot[i] as number;
    const perKwIn = (model.chargeEfficiency[i] as number) * model.slotHours;
    const perKwOut = model.slotHours / (model.dischargeEfficiency[i] as number);
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const k = t - first;
      const moved = plan.change[(model.offset[i] as number) + k] as number;
      const ownKw = moved > 0 ? moved / perKwIn : moved / perKwOut;
      let importKw = (rows.importKw[t] as number) - (plan.fleetKw[t] as number);
      let exportKw = (rows.exportKw[t] as number) + (plan.fleetKw[t] as number);
      if (site >= 0) {
        const at = site * slots + t;
        importKw = Math.min(importKw, (rows.siteImportKw[at] as number) - (plan.siteKw[at] as number));
        exportKw = Math.min(exportKw, (rows.siteExportKw[at] as number) + (plan.siteKw[at] as number));
      }
      const roomIn = Math.max(0, importKw + ownKw - LIMIT_MARGIN_KW) * perKwIn;
      const roomOut = Math.max(0, exportKw - ownKw - LIMIT_MARGIN_KW) * perKwOut;
      exceeds ||= moved > roomIn || -moved > roomOut;
      this.#mostIn[k] = moved > roomIn ? 0 : Math.min(model.chargeKwh[i] as number, roomIn);
      this.#mostOut[k] = -moved > roomOut ? 0 : Math.min(model.dischargeKwh[i] as number, roomOut);
      this.#roomIn[k] = roomIn;
      this.#roomOut[k] = roomOut;
    }
    return exceeds;
  }

  /** Line search between the plan's schedule and the proposal, then the move. */
  #moveTowards(i: number, site: number, plan: WorkingPlan, stiffness: Stiffness, mode: SweepMode): void {
    const model = this.#model;
    const slots = model.slotCount;
    const hours = model.slotHours;
    const first = model.firstSlot[i] as number;
    const length = (model.endSlot[i] as number) - first;
    const at = model.offset[i] as number;
    const wear = model.wearPerKwh[i] as number;
    const kwhPerIn = 1 / (model.chargeEfficiency[i] as number);
    const kwhPerOut = model.dischargeEfficiency[i] as number;
    const { change } = plan;
    let gain = 0;
    let square = 0;
    let energyOld = model.startKwh[i] as number;
    let energyNew = energyOld;
    let needed = 0;
    for (let k = 0; k < length; k += 1) {
      const old = change[at + k] as number;
      const next = this.#proposed[k] as number;
      energyOld += old;
      energyNew += next;
      if (mode !== 'free') {
        const roomIn = this.#roomIn[k] as number;
        const roomOut = this.#roomOut[k] as number;
        if (old > roomIn) needed = Math.max(needed, (old - roomIn) / (old - next));
        else if (-old > roomOut) needed = Math.max(needed, (-old - roomOut) / (next - old));
      }
      if (old === next) continue;
      const buy = this.#importPerKwh[first + k] as number;
      const sell = (this.#exportPerKwh[first + k] as number) - wear;
      const oldKwh = old > 0 ? old * kwhPerIn : old * kwhPerOut;
      const nextKwh = next > 0 ? next * kwhPerIn : next * kwhPerOut;
      gain += oldKwh * (old > 0 ? buy : sell) - nextKwh * (next > 0 ? buy : sell);
      square += (oldKwh - nextKwh) ** 2;
    }
    const target = model.targetKwh[i] as number;
    gain += model.penaltyPerKwh * (Math.max(0, target - energyOld) - Math.max(0, target - energyNew));
    if (square === 0) return;
    const curvature = (stiffness.fleet + (site >= 0 ? (stiffness.site[site] as number) : 0)) / hours;
    const share = Math.min(1, mode === 'repair' ? needed : Math.max(needed, gain / (curvature * square)));
    if (share <= 0) return;
    for (let k = 0; k < length; k += 1) {
      const old = change[at + k] as number;
      const proposed = this.#proposed[k] as number;
      if (old === proposed) continue;
      const next = share === 1 ? proposed : old + share * (proposed - old);
      change[at + k] = next;
      const kw =
        ((next > 0 ? next * kwhPerIn : next * kwhPerOut) - (old > 0 ? old * kwhPerIn : old * kwhPerOut)) /
        hours;
      plan.fleetKw[first + k] = (plan.fleetKw[first + k] as number) + kw;
      if (site >= 0) {
        const siteAt = site * slots + first + k;
        plan.siteKw[siteAt] = (plan.siteKw[siteAt] as number) + kw;
      }
    }
  }

  /** Cost and net power of a plan as it stands, by group; adds to the plan's own sums. */
  total(from: number, to: number, plan: WorkingPlan, totals: GroupTotals): void {
    const { offset } = this.#model;
    for (let i = from; i < to; i += 1)
      this.#account(i, this.#groupOf[i] as number, plan.change, offset[i] as number, totals, plan);
  }
}
