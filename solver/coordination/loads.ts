import type { FleetModel } from '../fleet-model.js';
import { netKwOf } from '../schedule.js';
import { scheduleCost } from '../schedule-cost.js';
import type { CouplingRows } from './coupling-rows.js';
import { deviationCost, worstExcessKw } from './row-costs.js';

/** A move keeps limits to this, kW; many of them to the other. */
const KEPT_KW = 1e-9;
const MOST_EXCESS_KW = 1e-7;

/** Net power of fleet and sites while single vehicles move. */
export class Loads {
  readonly fleetKw: Float64Array;
  readonly siteKw: Float64Array;
  readonly #model: FleetModel;
  readonly #rows: CouplingRows;
  readonly #change: Float64Array;
  readonly #moved: Float64Array;

  /** Changes `change` with every move. */
  constructor(model: FleetModel, rows: CouplingRows, change: Float64Array) {
    this.#model = model;
    this.#rows = rows;
    this.#change = change;
    this.#moved = new Float64Array(rows.slotCount);
    this.fleetKw = new Float64Array(rows.slotCount);
    this.siteKw = new Float64Array(rows.siteCount * rows.slotCount);
    for (let i = 0; i < model.vehicleCount; i += 1) {
      const first = model.firstSlot[i] as number;
      const at = (model.offset[i] as number) - first;
      const siteAt = (model.siteIndex[i] as number) * rows.slotCount;
      for (let t = first; t < (model.endSlot[i] as number); t += 1) {
        const moved = change[at + t] as number;
        if (moved !== 0) this.#add(t, siteAt + t, netKwOf(model, i, moved));
      }
    }
  }

  /** What a shift of stored energy costs in all; infinite where it breaks a limit. */
  costOf(i: number, shift: Float64Array): number {
    const model = this.#model;
    const rows = this.#rows;
    const at = model.offset[i] as number;
    const first = model.firstSlot[i] as number;
    const siteAt = (model.siteIndex[i] as number) * rows.slotCount;
    const moved = this.#moved;
    let cost = 0;
    for (let k = 0; k < shift.length; k += 1) {
      const now = this.#change[at + k] as number;
      const next = now + (shift[k] as number);
      moved[k] = next;
      if (next === now) continue;
      const kw = netKwOf(model, i, next) - netKwOf(model, i, now);
      const t = first + k;
      const fleet = this.fleetKw[t] as number;
      const sold = rows.soldKw[t] as number;
      const perKw = (rows.deviationPerKwh[t] as number) * model.slotHours;
      if (perKw > 0) cost += perKw * (Math.abs(fleet + kw - sold) - Math.abs(fleet - sold));
      if (breaks(fleet, kw, rows.importKw[t] as number, rows.exportKw[t] as number))
        return Number.POSITIVE_INFINITY;
      if (siteAt < 0) continue;
      const load = this.siteKw[siteAt + t] as number;
      if (breaks(load, kw, rows.siteImportKw[siteAt + t] as number, rows.siteExportKw[siteAt + t] as number))
        return Number.POSITIVE_INFINITY;
    }
    return cost + scheduleCost(model, i, moved, 0) - scheduleCost(model, i, this.#change, at);
  }

  move(i: number, shift: Float64Array): void {
    const model = this.#model;
    const at = model.offset[i] as number;
    const first = model.firstSlot[i] as number;
    const siteAt = (model.siteIndex[i] as number) * this.#rows.slotCount;
    for (let k = 0; k < shift.length; k += 1) {
      if (shift[k] === 0) continue;
      const now = this.#change[at + k] as number;
      const next = now + (shift[k] as number);
      this.#change[at + k] = next;
      this.#add(first + k, siteAt + first + k, netKwOf(model, i, next) - netKwOf(model, i, now));
    }
  }

  /** Vehicles' own costs and the cost of deviating, (1). */
  totalCost(): number {
    let cost = deviationCost(this.#rows, this, this.#model.slotHours);
    for (let i = 0; i < this.#model.vehicleCount; i += 1)
      cost += scheduleCost(this.#model, i, this.#change, this.#model.offset[i] as number);
    return cost;
  }

  keepsLimits(): boolean {
    return worstExcessKw(this.#rows, this) <= MOST_EXCESS_KW;
  }

  /** An entry below zero stands for no site. */
  #add(t: number, siteEntry: number, kw: number): void {
    this.fleetKw[t] = (this.fleetKw[t] as number) + kw;
    if (siteEntry >= 0) this.siteKw[siteEntry] = (this.siteKw[siteEntry] as number) + kw;
  }
}

/** Whether more import or export than there is takes a load beyond its limits. */
function breaks(load: number, kw: number, importKw: number, exportKw: number): boolean {
  return kw > 0 ? load + kw > importKw + KEPT_KW : -(load + kw) > exportKw + KEPT_KW;
}
