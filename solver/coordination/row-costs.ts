import type { CouplingRows } from './coupling-rows.js';
import type { RowPrices, WorkingPlan } from './vehicle-sweeps.js';

type NetPower = Pick<WorkingPlan, 'fleetKw' | 'siteKw'>;

/** The rows' part of the lower bound at given prices, (18); prices must be ones the rows can carry. */
export function rowBound(rows: CouplingRows, prices: RowPrices, hours: number): number {
  let perHour = 0;
  for (let t = 0; t < rows.slotCount; t += 1) {
    perHour += cheapest(
      prices.fleet[t] as number,
      rows.importKw[t] as number,
      rows.exportKw[t] as number,
      rows.soldKw[t] as number,
      rows.deviationPerKwh[t] as number,
    );
  }
  for (let at = 0; at < prices.site.length; at += 1) {
    const price = prices.site[at] as number;
    if (price === 0) continue;
    perHour += cheapest(price, rows.siteImportKw[at] as number, rows.siteExportKw[at] as number, 0, 0);
  }
  return perHour * hours;
}

function cheapest(
  price: number,
  importKw: number,
  exportKw: number,
  soldKw: number,
  deviation: number,
): number {
  const cost = (kw: number): number => deviation * Math.abs(kw - soldKw) - price * kw;
  let lowest = deviation > 0 ? cost(Math.min(Math.max(soldKw, -exportKw), importKw)) : 0;
  if (importKw !== Number.POSITIVE_INFINITY) lowest = Math.min(lowest, cost(importKw));
  if (exportKw !== Number.POSITIVE_INFINITY) lowest = Math.min(lowest, cost(-exportKw));
  return lowest;
}

/** Cuts prices back to what the rows can carry: no price beyond a soft cost without a hard limit behind it. */
export function carryPrices(rows: CouplingRows, prices: RowPrices): void {
  for (let t = 0; t < rows.slotCount; t += 1) {
    const deviation = rows.deviationPerKwh[t] as number;
    const least = rows.exportKw[t] === Number.POSITIVE_INFINITY ? -deviation : Number.NEGATIVE_INFINITY;
    const most = rows.importKw[t] === Number.POSITIVE_INFINITY ? deviation : Number.POSITIVE_INFINITY;
    prices.fleet[t] = Math.min(Math.max(prices.fleet[t] as number, least), most);
  }
  for (let at = 0; at < prices.site.length; at += 1) {
    const least = rows.siteExportKw[at] === Number.POSITIVE_INFINITY ? 0 : Number.NEGATIVE_INFINITY;
    const most = rows.siteImportKw[at] === Number.POSITIVE_INFINITY ? 0 : Number.POSITIVE_INFINITY;
    prices.site[at] = Math.min(Math.max(prices.site[at] as number, least), most);
  }
}

/** What deviating from the sold schedule costs, (3). */
export function deviationCost(rows: CouplingRows, plan: NetPower, hours: number): number {
  let perHour = 0;
  for (let t = 0; t < rows.slotCount; t += 1) {
    perHour +=
      (rows.deviationPerKwh[t] as number) *
      Math.abs((plan.fleetKw[t] as number) - (rows.soldKw[t] as number));
  }
  return perHour * hours;
}

/** Furthest that any hard limit is exceeded, kW; not positive when all are kept. */
export function worstExcessKw(rows: CouplingRows, plan: NetPower): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (let t = 0; t < rows.slotCount; t += 1) {
    const kw = plan.fleetKw[t] as number;
    worst = Math.max(worst, kw - (rows.importKw[t] as number), -kw - (rows.exportKw[t] as number));
  }
  for (let at = 0; at < plan.siteKw.length; at += 1) {
    const kw = plan.siteKw[at] as number;
    worst = Math.max(worst, kw - (rows.siteImportKw[at] as number), -kw - (rows.siteExportKw[at] as number));
  }
  return worst;
}

/** Whether any hard limit can bind. */
export function hasHardLimits(rows: CouplingRows): boolean {
  return [rows.importKw, rows.exportKw, rows.siteImportKw, rows.siteExportKw].some((limits) =>
    limits.some((limit) => limit !== Number.POSITIVE_INFINITY),
  );
}
