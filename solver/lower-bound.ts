import { exactChainCost } from './exact-chain.js';
import type { Multipliers } from './multipliers.js';
import { limitAt, type ProblemDocument, slotHours, type VehicleDocument } from './problem.js';
import { backedVehicleBound, type SlotOffers, slotOffers, soldBound } from './reserve-bound.js';

/**
 * A cost that no plan of any kind undercuts, from multipliers of any quality, (17): with the coupling rows
 * priced instead of enforced, every vehicle's least cost and every row's least cost can be found alone.
 *
 * Plain code over the document; shares nothing with the search. Multipliers that a row cannot carry (a price on
 * a limit that is not there) are cut back to what it can. Linear in vehicles × slots when
 * `multipliers.energyPerKwh` is given and no slot would pay for burning energy. Other vehicles take some milliseconds
 * each; once `outOfTime` says so, the rest get a looser bound that takes none. Shares of reserves are priced too, (28)
 * and (29): what a vehicle can hold ready then is worth something to it, and what is sold costs that much.
 */
export function lowerBound(
  problem: ProblemDocument,
  multipliers: Multipliers,
  outOfTime: () => boolean = () => false,
): number {
  const { rows, vehicles } = lowerBoundParts(problem, multipliers, outOfTime);
  return vehicles.reduce((bound, part) => bound + part, rows);
}

/** What the rows and the reserves sold cost at least together, and every vehicle in the order of the document. */
export interface BoundParts {
  readonly rows: number;
  readonly vehicles: Float64Array;
}

/** The summands of `lowerBound`. */
export function lowerBoundParts(
  problem: ProblemDocument,
  multipliers: Multipliers,
  outOfTime: () => boolean,
): BoundParts {
  const fleet = fleetPrices(problem, multipliers.fleetPerKwh);
  const sharePrices = multipliers.reserves ?? [];
  const offers = multipliers.reserves === undefined ? [] : slotOffers(problem, sharePrices);
  let rows = fleet.rowCost + soldBound(problem, sharePrices);
  const sitePrices = problem.sites.map((site, s) => {
    const given = multipliers.sitePerKwh[s];
    if (given === undefined) return fleet.perKwh;
    const perKwh = [...fleet.perKwh];
    for (let t = 0; t < perKwh.length; t += 1) {
      const importKw = limitAt(site.importLimitKw, t);
      const exportKw = limitAt(site.exportLimitKw, t);
      const price = carried(finite(given[t]), importKw, exportKw, 0);
      perKwh[t] = (perKwh[t] ?? 0) + price;
      rows += cheapestRow(price, importKw, exportKw, undefined, 0) * slotHours(problem);
    }
    return perKwh;
  });
  const siteIndex = new Map(problem.sites.map((site, s) => [site.id, s]));
  const vehicles = new Float64Array(problem.vehicles.length);
  let at = 0;
  problem.vehicles.forEach((vehicle, i) => {
    const s = vehicle.siteId === undefined ? undefined : siteIndex.get(vehicle.siteId);
    const perKwh = (s === undefined ? undefined : sitePrices[s]) ?? fleet.perKwh;
    vehicles[i] = vehicleBound(problem, vehicle, perKwh, offers, multipliers.energyPerKwh, at, outOfTime);
    at += vehicle.endSlot - vehicle.firstSlot;
  });
  return { rows, vehicles };
}

/** λ cut back to what the rows carry, and the rows' own least cost, (18). */
function fleetPrices(problem: ProblemDocument, given: ArrayLike<number>) {
  const hours = slotHours(problem);
  const perKwh: number[] = [];
  let rowCost = 0;
  for (let t = 0; t < problem.horizon.slots; t += 1) {
    const importKw = limitAt(problem.fleet?.importLimitKw, t);
    const exportKw = limitAt(problem.fleet?.exportLimitKw, t);
    const sold = problem.commitment?.netKw[t] ?? undefined;
    const deviation = sold === undefined ? 0 : (problem.commitment?.deviationPerKwh ?? 0);
    const price = carried(finite(given[t]), importKw, exportKw, deviation);
    perKwh.push(price);
    rowCost += cheapestRow(price, importKw, exportKw, sold, deviation) * hours;
  }
  return { perKwh, rowCost };
}

/** A multiplier that is no number proves nothing; zero is as good as any. */
function finite(multiplier: number | undefined): number {
  return multiplier !== undefined && Number.isFinite(multiplier) ? multiplier : 0;
}

/** A price a row can carry: beyond its soft cost only where a hard limit stands behind it. */
function carried(price: number, importKw: number, exportKw: number, deviation: number): number {
  if (price > deviation && importKw === Number.POSITIVE_INFINITY) return deviation;
  if (price < -deviation && exportKw === Number.POSITIVE_INFINITY) return -deviation;
  return price;
}

/** min over a in [−exportKw, importKw] of deviation·|a − sold| − price·a, per hour. */
function cheapestRow(
  price: number,
  importKw: number,
  exportKw: number,
  sold: number | undefined,
  deviation: number,
): number {
  const cost = (a: number): number => (sold === undefined ? 0 : deviation * Math.abs(a - sold)) - price * a;
  const within = Math.min(Math.max(sold ?? 0, -exportKw), importKw);
  let lowest = cost(within);
  if (importKw !== Number.POSITIVE_INFINITY) lowest = Math.min(lowest, cost(importKw));
  if (exportKw !== Number.POSITIVE_INFINITY) lowest = Math.min(lowest, cost(-exportKw));
  return lowest;
}

/** Least cost of one vehicle at the given prices, or something below it. */
function vehicleBound(
  problem: ProblemDocument,
  vehicle: VehicleDocument,
  perKwh: readonly number[],
  offers: readonly (SlotOffers | undefined)[],
  energyPerKwh: ArrayLike<number> | undefined,
  at: number,
  outOfTime: () => boolean,
): number {
  const { firstSlot, endSlot } = vehicle;
  if (firstSlot === endSlot)
    return problem.shortfallPenaltyPerKwh * Math.max(0, vehicle.targetEnergyKwh - vehicle.energyKwh);
  const offered = offers.length > 0 && offers.slice(firstSlot, endSlot).some((offer) => offer !== undefined);
  const priced = energyPerKwh !== undefined && energyPerKwh.length >= at + endSlot - firstSlot;
  if (!offered && (!priced || burns(problem, vehicle, perKwh)) && !outOfTime()) {
    // Where this gives up, any values of stored energy still make a bound.
    const exact = exactVehicleCost(problem, vehicle, perKwh);
    if (exact !== undefined) return exact;
  }
  // Energy values that come with prices of shares are those of the edges between slots, (29).
  if (offers.length > 0)
    return backedVehicleBound(problem, vehicle, perKwh, offers, (k) => finite(energyPerKwh?.[at + k]));
  return balanceBound(problem, vehicle, perKwh, energyPerKwh, at);
}

/** The least cost of one vehicle at prices with those of the rows on top; undefined when that takes too long. */
function exactVehicleCost(
  problem: ProblemDocument,
  vehicle: VehicleDocument,
  perKwh: readonly number[],
): number | undefined {
  const { firstSlot, endSlot } = vehicle;
  const window = (prices: readonly number[]): number[] =>
    prices.slice(firstSlot, endSlot).map((price, k) => price + (perKwh[firstSlot + k] ?? 0));
  const prices = {
    importPerKwh: window(problem.prices.importPerKwh),
    exportPerKwh: window(problem.prices.exportPerKwh),
  };
  return exactChainCost(vehicle, prices, slotHours(problem), problem.shortfallPenaltyPerKwh);
}

/** A bound of one vehicle with the energy balance priced too, (19): what is left is one number per slot and per edge. */
function balanceBound(
  problem: ProblemDocument,
  vehicle: VehicleDocument,
  perKwh: readonly number[],
  energyPerKwh: ArrayLike<number> | undefined,
  at: number,
): number {
  const { importPerKwh, exportPerKwh } = problem.prices;
  const { firstSlot, endSlot, chargeEfficiency, dischargeEfficiency, wearPerKwh } = vehicle;
  const hours = slotHours(problem);
  const floor = Math.min(vehicle.minEnergyKwh, vehicle.energyKwh);
  const ceiling = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
  const mostImport = vehicle.maxChargeKw * hours;
  const mostExport = vehicle.maxDischargeKw * hours;
  let value = finite(energyPerKwh?.[at]);
  let bound = -value * vehicle.energyKwh;
  for (let t = firstSlot; t < endSlot; t += 1) {
    const multiplier = perKwh[t] ?? 0;
    const charging = (importPerKwh[t] ?? 0) + multiplier - value * chargeEfficiency;
    const discharging = (exportPerKwh[t] ?? 0) + multiplier - wearPerKwh - value / dischargeEfficiency;
    bound += Math.min(0, charging * mostImport, -discharging * mostExport);
    if (t + 1 < endSlot) {
      const next = finite(energyPerKwh?.[at + t + 1 - firstSlot]);
      bound += Math.min((value - next) * floor, (value - next) * ceiling);
      value = next;
    }
  }
  const knee = Math.min(Math.max(vehicle.targetEnergyKwh, floor), ceiling);
  return (
    bound +
    Math.min(
      departureCost(problem, vehicle, value, floor),
      departureCost(problem, vehicle, value, knee),
      departureCost(problem, vehicle, value, ceiling),
    )
  );
}

/** What it costs to leave with so much energy that is worth `value` per kWh. */
function departureCost(
  problem: ProblemDocument,
  { targetEnergyKwh }: VehicleDocument,
  value: number,
  energy: number,
): number {
  return value * energy + problem.shortfallPenaltyPerKwh * Math.max(0, targetEnergyKwh - energy);
}

/** Whether some slot of the window would pay for charging and discharging at once, (9). */
function burns(problem: ProblemDocument, vehicle: VehicleDocument, perKwh: readonly number[]): boolean {
  if (vehicle.maxChargeKw === 0 || vehicle.maxDischargeKw === 0) return false;
  const { importPerKwh, exportPerKwh } = problem.prices;
  for (let t = vehicle.firstSlot; t < vehicle.endSlot; t += 1) {
    const multiplier = perKwh[t] ?? 0;
    const buy = ((importPerKwh[t] ?? 0) + multiplier) / vehicle.chargeEfficiency;
    const sell = ((exportPerKwh[t] ?? 0) + multiplier - vehicle.wearPerKwh) * vehicle.dischargeEfficiency;
    if (buy < sell) return true;
  }
  return false;
}
