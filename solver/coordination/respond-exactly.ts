import { ChainKernel } from '../chain-kernel.js';
import type { FleetModel } from '../fleet-model.js';
import { type CouplingRows, smoothedPrice } from './coupling-rows.js';
import { Loads } from './loads.js';
import type { RowPrices } from './vehicle-sweeps.js';

/** Passes over the fleet; few bring anything after the third. */
const MOST_PASSES = 6;
/** Curvatures tried, as the share of the fleet's power over which a row's price runs from one end to the other. */
const WIDTHS = [0.5, 0.1, 0.02];

/** Whether the prices of some slot pay for burning energy in some vehicle, (9). */
export function hasBurningSlots(model: FleetModel): boolean {
  for (let i = 0; i < model.vehicleCount; i += 1) {
    if (model.chargeKwh[i] === 0 || model.dischargeKwh[i] === 0) continue;
    const wear = model.wearPerKwh[i] as number;
    const round = (model.chargeEfficiency[i] as number) * (model.dischargeEfficiency[i] as number);
    for (let t = model.firstSlot[i] as number; t < (model.endSlot[i] as number); t += 1) {
      if ((model.importPerKwh[t] as number) < ((model.exportPerKwh[t] as number) - wear) * round) return true;
    }
  }
  return false;
}

/**
 * Improves a plan where slots are not convex and steps between schedules lose what their ends have: vehicle after
 * vehicle goes over to its exact optimum, (14), at the prices that the others make, wherever that lowers the cost of
 * the whole plan. Changes \`change\`, which keeps every limit before and after.
 */
export function respondExactly(
  model: FleetModel,
  rows: CouplingRows,
  prices: RowPrices,
  change: Float64Array,
  outOfTime: () => boolean,
): void {
  const loads = new Loads(model, rows, change);
  const kernel = new ChainKernel(model.slotCount);
  const importPerKwh = new Float64Array(model.slotCount);
  const exportPerKwh = new Float64Array(model.slotCount);
  const powerKw = model.chargeKwh.reduce((sum, kwh) => sum + kwh, 0) / model.slotHours;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const width = (WIDTHS[pass % WIDTHS.length] as number) * Math.max(powerKw, 1);
    const before = loads.totalCost();
    for (let i = 0; i < model.vehicleCount; i += 1) {
      if (outOfTime()) return;
      const first = model.firstSlot[i] as number;
      const length = (model.endSlot[i] as number) - first;
      const at = model.offset[i] as number;
      const site = model.siteIndex[i] as number;
      for (let t = first; t < first + length; t += 1) {
        const added = rowPrice(rows, prices, loads, t, site, width);
        importPerKwh[t] = (model.importPerKwh[t] as number) + added;
        exportPerKwh[t] = (model.exportPerKwh[t] as number) + added;
      }
      const shift = new Float64Array(length);
      kernel.solveAny(model, i, importPerKwh, exportPerKwh, shift, 0);
      for (let k = 0; k < length; k += 1) shift[k] = (shift[k] as number) - (change[at + k] as number);
      if (loads.costOf(i, shift) < 0) loads.move(i, shift);
    }
    if (pass >= WIDTHS.length && loads.totalCost() >= before) return;
  }
}

function rowPrice(
  rows: CouplingRows,
  prices: RowPrices,
  loads: Loads,
  t: number,
  site: number,
  width: number,
): number {
  const deviation = rows.deviationPerKwh[t] as number;
  const stiffness = Math.max(deviation, 0.01) / width;
  const fleet = smoothedPrice(
    loads.fleetKw[t] as number,
    prices.fleet[t] as number,
    stiffness,
    rows.soldKw[t] as number,
    deviation,
    rows.importKw[t] as number,
    rows.exportKw[t] as number,
  );
  return site < 0 ? fleet : fleet + (prices.site[site * rows.slotCount + t] as number);
}
