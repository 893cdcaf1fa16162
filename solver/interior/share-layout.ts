import type { CouplingRows } from '../coordination/coupling-rows.js';
import type { FleetModel } from '../fleet-model.js';
import type { ProblemDocument, ReserveDocument } from '../problem.js';

/**
 * Which shares a vehicle may hold in which slot, and the rows that tie vehicles together. Shares of one slot lie
 * together, upward ones first; rows of one slot lie together too:
 *
 *     slot t:   shares  shareStart[t] … up … | … down … shareStart[t + 1]
 *               rows    rowStart[t] net power (if something ties it) | one per share … rowStart[t + 1]
 */
export interface ShareLayout {
  readonly slotCount: number;
  readonly shareStart: Int32Array;
  readonly upCount: Int32Array;
  readonly rowStart: Int32Array;
  /** 1 where the first row of the slot is net power. */
  readonly netRow: Uint8Array;
  /** By share: index among `products`, and what it takes of power and stored energy per kW. */
  readonly productOf: Int32Array;
  readonly powerFactor: Float64Array;
  readonly sustainHours: Float64Array;
  readonly products: readonly SoldProduct[];
}

/** A reserve that is worth selling. */
export interface SoldProduct {
  /** Index of the problem's reserves. */
  readonly reserve: number;
  /** What one kW earns over the whole block. */
  readonly valuePerKw: number;
  readonly mostKw: number;
  readonly document: ReserveDocument;
}

/** Reads the reserves of a problem; those that earn nothing or that nobody can back are left out. */
export function createShareLayout(
  problem: ProblemDocument,
  model: FleetModel,
  rows: CouplingRows,
): ShareLayout {
  const slots = model.slotCount;
  const connectedKw = connectedPower(model);
  const products = problem.reserves.flatMap((document, reserve): SoldProduct[] => {
    const { fromSlot, endSlot, pricePerKwPerHour, powerFactor, maxKw } = document;
    const valuePerKw = pricePerKwPerHour * (endSlot - fromSlot) * model.slotHours;
    const backable = connectedKw
      .subarray(fromSlot, endSlot)
      .reduce((least, kw) => Math.min(least, kw), Infinity);
    const mostKw = Math.min(maxKw ?? Number.POSITIVE_INFINITY, backable / powerFactor);
    return valuePerKw > 0 && mostKw > 0 ? [{ reserve, valuePerKw, mostKw, document }] : [];
  });
  const shareStart = new Int32Array(slots + 1);
  const rowStart = new Int32Array(slots + 1);
  const upCount = new Int32Array(slots);
  const netRow = new Uint8Array(slots);
  const shares: { product: number; document: ReserveDocument }[] = [];
  for (let t = 0; t < slots; t += 1) {
    const active = products.flatMap(({ document }, product) =>
      document.fromSlot <= t && t < document.endSlot ? [{ product, document }] : [],
    );
    const up = active.filter(({ document }) => document.direction !== 'down');
    const down = active.filter(({ document }) => document.direction !== 'up');
    shares.push(...up, ...down);
    upCount[t] = up.length;
    netRow[t] = isNetTied(rows, t) ? 1 : 0;
    shareStart[t + 1] = shares.length;
    rowStart[t + 1] = (rowStart[t] as number) + (netRow[t] as number) + up.length + down.length;
  }
  return {
    slotCount: slots,
    shareStart,
    upCount,
    rowStart,
    netRow,
    productOf: Int32Array.from(shares, ({ product }) => product),
    powerFactor: Float64Array.from(shares, ({ document }) => document.powerFactor),
    sustainHours: Float64Array.from(shares, ({ document }) => document.sustainMinutes / 60),
    products,
  };
}

/** Power span of the vehicles connected in each slot, kW: more than they can ever hold ready. */
function connectedPower(model: FleetModel): Float64Array {
  const kw = new Float64Array(model.slotCount);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const span =
      ((model.chargeKwh[i] as number) / (model.chargeEfficiency[i] as number) +
        (model.dischargeKwh[i] as number) * (model.dischargeEfficiency[i] as number)) /
      model.slotHours;
    for (let t = model.firstSlot[i] as number; t < (model.endSlot[i] as number); t += 1) {
      kw[t] = (kw[t] as number) + span;
    }
  }
  return kw;
}

function isNetTied(rows: CouplingRows, t: number): boolean {
  if ((rows.deviationPerKwh[t] as number) > 0) return true;
  if (rows.importKw[t] !== Infinity || rows.exportKw[t] !== Infinity) return true;
  for (let s = 0; s < rows.siteCount; s += 1) {
    const at = s * rows.slotCount + t;
    if (rows.siteImportKw[at] !== Infinity || rows.siteExportKw[at] !== Infinity) return true;
  }
  return false;
}
