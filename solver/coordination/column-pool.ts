import type { FleetModel } from '../fleet-model.js';
import type { CouplingRows } from './coupling-rows.js';
import { type GroupColumn, type MasterGroup, type MasterRow, solveMaster } from './master.js';
import type { VehicleGroups } from './vehicle-groups.js';
import type { GroupTotals, RowPrices } from './vehicle-sweeps.js';

/** One sweep's schedules of all vehicles: a column for every group. */
interface Layer {
  readonly totals: GroupTotals;
  readonly change: Float64Array;
  weight: number;
}

export interface PoolAnswer {
  readonly prices: RowPrices;
  /** The cheapest mix of the layers, as one schedule. */
  readonly change: Float64Array;
}

/** More layers make better prices and a slower master; the least used goes first. */
const MOST_LAYERS = 28;
/** Of the interior point, typical. */
const MASTER_ITERATIONS = 15;

/** Schedules found so far, and the master problem over them, (24). */
export class ColumnPool {
  readonly #model: FleetModel;
  readonly #rows: CouplingRows;
  readonly #groups: VehicleGroups;
  /** Price per kWh above any that a limit can have. */
  readonly #hardPerKwh: number;
  #layers: Layer[] = [];

  constructor(model: FleetModel, rows: CouplingRows, groups: VehicleGroups, hardPerKwh: number) {
    this.#model = model;
    this.#rows = rows;
    this.#groups = groups;
    this.#hardPerKwh = hardPerKwh;
  }

  /** Keeps a copy of a schedule. */
  add(totals: GroupTotals, change: Float64Array): void {
    this.#layers.push({ totals, change: change.slice(), weight: Number.POSITIVE_INFINITY });
    if (this.#layers.length <= MOST_LAYERS) return;
    const least = this.#layers.reduce((best, layer) => (layer.weight < best.weight ? layer : best));
    this.#layers = this.#layers.filter((layer) => layer !== least);
  }

  /** Floating point operations of one master, roughly. */
  work(): number {
    const { slotCount, fleetCoupled, siteCount } = this.#rows;
    const rows = (fleetCoupled ? slotCount : 0) + (siteCount > 0 ? slotCount / 2 : 0);
    return MASTER_ITERATIONS * this.#layers.length * this.#groups.count * rows * rows;
  }

  /** Solves the master to a relative gap; prices start where given. Needs at least one layer. */
  solve(start: RowPrices, tolerance: number): PoolAnswer {
    const { slotCount } = this.#rows;
    const hours = this.#model.slotHours;
    const common = this.#commonRows();
    const { groups, sites, parts } = this.#masterGroups();
    const siteAt = (b: number, slot: number): number => (sites[b] as number) * slotCount + slot;
    const answer = solveMaster(
      groups,
      common,
      tolerance,
      common.map((row) => startPrice(row, start.fleet[row.slot] as number) * hours),
      groups.map(({ rows }, g) =>
        rows.map((row) => startPrice(row, start.site[siteAt(g, row.slot)] as number) * hours),
      ),
    );
    const prices: RowPrices = {
      fleet: new Float64Array(slotCount),
      site: new Float64Array(start.site.length),
    };
    common.forEach(({ slot, sign }, r) => {
      prices.fleet[slot] = (prices.fleet[slot] as number) + (sign * (answer.prices[r] as number)) / hours;
    });
    groups.forEach(({ rows }, g) => {
      rows.forEach(({ slot, sign }, r) => {
        const at = siteAt(g, slot);
        prices.site[at] =
          (prices.site[at] as number) + (sign * (answer.groupPrices[g]?.[r] as number)) / hours;
      });
    });
    // Columns stand part after part, each in the order of the layers.
    const shares: Float64Array[] = new Array(this.#groups.count);
    parts.forEach((list, b) => {
      list.forEach((g, part) => {
        const from = part * this.#layers.length;
        shares[g] = (answer.weights[b] as Float64Array).subarray(from, from + this.#layers.length);
      });
    });
    return { prices, change: this.#mix(shares) };
  }

  #commonRows(): MasterRow[] {
    const rows = this.#rows;
    const hours = this.#model.slotHours;
    const list: MasterRow[] = [];
    const hard = this.#hardPerKwh * hours;
    if (!rows.fleetCoupled) return list;
    for (let slot = 0; slot < rows.slotCount; slot += 1) {
      const soft = (rows.deviationPerKwh[slot] as number) * hours;
      const importKw = rows.importKw[slot] as number;
      const exportKw = rows.exportKw[slot] as number;
      if (soft > 0) list.push({ slot, sign: 1, right: rows.soldKw[slot] as number, over: soft, under: soft });
      if (importKw !== Number.POSITIVE_INFINITY)
        list.push({ slot, sign: 1, right: importKw, over: hard, under: 0 });
      if (exportKw !== Number.POSITIVE_INFINITY)
        list.push({ slot, sign: -1, right: exportKw, over: hard, under: 0 });
    }
    return list;
  }

  /** Sites with their parts' columns and the limits that these can break; every other part by itself. */
  #masterGroups(): { groups: MasterGroup[]; sites: number[]; parts: number[][] } {
    const parts: number[][] = [];
    const sites: number[] = [];
    const ofSite = new Map<number, number[]>();
    this.#groups.siteOf.forEach((site, g) => {
      const known = site < 0 ? undefined : ofSite.get(site);
      if (known !== undefined) known.push(g);
      else {
        const list = [g];
        if (site >= 0) ofSite.set(site, list);
        parts.push(list);
        sites.push(site);
      }
    });
    const groups = parts.map((list, b): MasterGroup => {
      const columns = list.flatMap((g, part) => this.#columnsOf(g, part));
      const rows = this.#siteRows(sites[b] as number, columns, list.length);
      return { partCount: list.length, columns, rows };
    });
    return { groups, sites, parts };
  }

  #columnsOf(g: number, part: number): GroupColumn[] {
    const slots = this.#rows.slotCount;
    return this.#layers.map(({ totals }) => ({
      part,
      cost: totals.cost[g] as number,
      netKw: totals.netKw.subarray(g * slots, (g + 1) * slots),
    }));
  }

  /** Limits that some choice of columns breaks. */
  #siteRows(site: number, columns: readonly GroupColumn[], partCount: number): MasterRow[] {
    const rows = this.#rows;
    const slots = rows.slotCount;
    const hard = this.#hardPerKwh * this.#model.slotHours;
    const own: MasterRow[] = [];
    for (let slot = 0; slot < slots && site >= 0; slot += 1) {
      const importKw = rows.siteImportKw[site * slots + slot] as number;
      const exportKw = rows.siteExportKw[site * slots + slot] as number;
      const most = new Float64Array(partCount).fill(Number.NEGATIVE_INFINITY);
      const least = new Float64Array(partCount).fill(Number.POSITIVE_INFINITY);
      for (const { part, netKw } of columns) {
        most[part] = Math.max(most[part] as number, netKw[slot] as number);
        least[part] = Math.min(least[part] as number, netKw[slot] as number);
      }
      if (sum(most) > importKw) own.push({ slot, sign: 1, right: importKw, over: hard, under: 0 });
      if (-sum(least) > exportKw) own.push({ slot, sign: -1, right: exportKw, over: hard, under: 0 });
    }
    return own;
  }

  /** Mixes stored energy, which keeps every vehicle within its bounds; net power follows from it. */
  #mix(weights: readonly Float64Array[]): Float64Array {
    const model = this.#model;
    const mixed = new Float64Array(model.offset[model.vehicleCount] as number);
    this.#layers.forEach((layer, k) => {
      layer.weight = weights.reduce((sum, shares) => sum + (shares[k] as number), 0);
    });
    for (let i = 0; i < model.vehicleCount; i += 1) {
      const shares = weights[this.#groups.groupOf[i] as number] as Float64Array;
      const total = shares.reduce((sum, share) => sum + share, 0);
      this.#layers.forEach(({ change }, k) => {
        const share = (shares[k] as number) / total;
        for (let at = model.offset[i] as number; at < (model.offset[i + 1] as number); at += 1) {
          mixed[at] = (mixed[at] as number) + share * (change[at] as number);
        }
      });
    }
    return mixed;
  }
}

/** The part of a slot's price that a row of this sign can have had. */
function startPrice({ sign, under }: MasterRow, price: number): number {
  return under > 0 ? price : Math.max(0, sign * price);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
