import type { FleetModel } from '../fleet-model.js';
import { limitAt, type ProblemDocument } from '../problem.js';

/**
 * What ties vehicles together, as one convex cost of net power per row, (2) to (4): free inside
 * [−exportKw, importKw], forbidden outside, and `deviationPerKwh` for each kWh off `soldKw`.
 */
export interface CouplingRows {
  readonly slotCount: number;
  /** Whether the fleet has any row at all. */
  readonly fleetCoupled: boolean;
  /** Per slot; deviation 0 where nothing is sold. */
  readonly soldKw: Float64Array;
  readonly deviationPerKwh: Float64Array;
  readonly importKw: Float64Array;
  readonly exportKw: Float64Array;
  /** Site-major: entry site · slotCount + slot. Infinite where no limit can bind. */
  readonly siteCount: number;
  readonly siteImportKw: Float64Array;
  readonly siteExportKw: Float64Array;
}

/** Reads the rows of a problem; limits that the connected vehicles' own power cannot reach are left out. */
export function createCouplingRows(problem: ProblemDocument, model: FleetModel): CouplingRows {
  const slots = model.slotCount;
  const siteCount = problem.sites.length;
  const most = mostKw(model, siteCount);
  const rows: CouplingRows = {
    slotCount: slots,
    fleetCoupled: problem.commitment !== undefined || problem.fleet !== undefined,
    soldKw: new Float64Array(slots),
    deviationPerKwh: new Float64Array(slots),
    importKw: new Float64Array(slots),
    exportKw: new Float64Array(slots),
    siteCount,
    siteImportKw: new Float64Array(siteCount * slots),
    siteExportKw: new Float64Array(siteCount * slots),
  };
  for (let t = 0; t < slots; t += 1) {
    const sold = problem.commitment?.netKw[t];
    if (problem.commitment !== undefined && sold !== null && sold !== undefined) {
      rows.soldKw[t] = sold;
      rows.deviationPerKwh[t] = problem.commitment.deviationPerKwh;
    }
    rows.importKw[t] = limitAt(problem.fleet?.importLimitKw, t);
    rows.exportKw[t] = limitAt(problem.fleet?.exportLimitKw, t);
    problem.sites.forEach((site, s) => {
      const at = s * slots + t;
      const importKw = limitAt(site.importLimitKw, t);
      const exportKw = limitAt(site.exportLimitKw, t);
      rows.siteImportKw[at] = importKw < (most.inKw[at] as number) ? importKw : Number.POSITIVE_INFINITY;
      rows.siteExportKw[at] = exportKw < (most.outKw[at] as number) ? exportKw : Number.POSITIVE_INFINITY;
    });
  }
  return rows;
}

function mostKw(model: FleetModel, siteCount: number) {
  const slots = model.slotCount;
  const inKw = new Float64Array(siteCount * slots);
  const outKw = new Float64Array(siteCount * slots);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const site = model.siteIndex[i] as number;
    if (site < 0) continue;
    const chargeKw =
      (model.chargeKwh[i] as number) / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const dischargeKw =
      ((model.dischargeKwh[i] as number) * (model.dischargeEfficiency[i] as number)) / model.slotHours;
    for (let t = model.firstSlot[i] as number; t < (model.endSlot[i] as number); t += 1) {
      const at = site * slots + t;
      inKw[at] = (inKw[at] as number) + chargeKw;
      outKw[at] = (outKw[at] as number) + dischargeKw;
    }
  }
  return { inKw, outKw };
}

/**
 * Price of a row at net power `kw`: the derivative of its cost smoothed with curvature `stiffness` (price per kW)
 * around the multiplier, (23).
 */
export function smoothedPrice(
  kw: number,
  multiplier: number,
  stiffness: number,
  soldKw: number,
  deviation: number,
  importKw: number,
  exportKw: number,
): number {
  const shifted = kw + multiplier / stiffness;
  const off = shifted - soldKw;
  const soft = deviation / stiffness;
  let nearest = shifted;
  if (deviation > 0) nearest = off > soft ? shifted - soft : off < -soft ? shifted + soft : soldKw;
  if (nearest > importKw) nearest = importKw;
  else if (nearest < -exportKw) nearest = -exportKw;
  return stiffness * (shifted - nearest);
}
