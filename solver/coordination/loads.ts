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

  /** Changes `change` with every move. */
  constructor(model: FleetModel, rows: CouplingRows, change: Float64Array) {
    this.#model = model;
    this.#rows = rows;
    this.#change = change;
    this.fleetKw = new Float64Array(rows.slotCount);
    this.siteKw = new Float64Array(rows.siteCount * rows.slotCount);
    for (let i = 0; i < model.vehicleCount; i += 1) {
      const at = model.offset[i] as number;
      this.#eachSlot(i, (k, t, site) => {
        this.#add(t, site, netKwOf(model, i, change[at + k] as number));
      });
    }
  }

  /** What a shift of stored energy costs in all; infinite where it breaks a limit. */
  costOf(i: number, shift: Float64Array): number {
    const model = this.#model;
    const rows = this.#rows;
    const at = model.offset[i] as number;
    const moved = new Float64Array(shift.length);
    let cost = 0;
    this.#eachSlot(i, (k, t, site) => {
      const now = this.#change[at + k] as number;
      moved[k] = now + (shift[k] as number);
      const kw = netKwOf(model, i, moved[k] as number) - netKwOf(model, i, now);
      if (kw === 0) return;
      const fleet = this.fleetKw[t] as number;
      const sold = rows.soldKw[t] as number;
      const perKw = (rows.deviationPerKwh[t] as number) * model.slotHours;
      if (perKw > 0) cost += perKw * (Math.abs(fleet + kw - sold) - Math.abs(fleet - sold));
      const breaks = (load: number, importKw: number, exportKw: number): boolean =>
        kw > 0 ? load + kw > importKw + KEPT_KW : -(load + kw) > exportKw + KEPT_KW;
      if (breaks(fleet, rows.importKw[t] as number, rows.exportKw[t] as number))
        cost = Number.POSITIVE_INFINITY;
      if (site < 0) return;
      const load = this.siteKw[site] as number;
      if (breaks(load, rows.siteImportKw[site] as number, rows.siteExportKw[site] as number))
        cost = Number.POSITIVE_INFINITY;
    });
    if (cost === Number.POSITIVE_INFINITY) return cost;
    const now = this.#change.subarray(at, at + shift.length);
    return cost + scheduleCost(model, i, moved, 0) - scheduleCost(model, i, now, 0);
  }

  move(i: number, shift: Float64Array): void {
    const model = this.#model;
    const at = model.offset[i] as number;
    this.#eachSlot(i, (k, t, site) => {
      const now = this.#change[at + k] as number;
      const next = now + (shift[k] as number);
      this.#change[at + k] = next;
      this.#add(t, site, netKwOf(model, i, next) - netKwOf(model, i, now));
    });
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

  #add(t: number, site: number, kw: number): void {
    this.fleetKw[t] = (this.fleetKw[t] as number) + kw;
    if (site >= 0) this.siteKw[site] = (this.siteKw[site] as number) + kw;
  }

  #eachSlot(i: number, visit: (k: number, t: number, siteAt: number) => void): void {
    const model = this.#model;
    const rows = this.#rows;
    const first = model.firstSlot[i] as number;
    const site = model.siteIndex[i] as number;
    for (let t = first; t < (model.endSlot[i] as number); t += 1)
      visit(t - first, t, site >= 0 ? site * rows.slotCount + t : -1);
  }
}
