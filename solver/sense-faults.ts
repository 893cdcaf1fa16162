import type { LimitKw, ProblemDocument, VehicleDocument } from './problem.js';
import type { ProblemFault } from './problem-error.js';

type Report = (path: string, message: string) => void;

/** Faults that a schema cannot see: lengths, windows, order of bounds, ids. Empty when all is well. */
export function findSenseFaults(problem: ProblemDocument): readonly ProblemFault[] {
  const faults: ProblemFault[] = [];
  const report: Report = (path, message) => faults.push({ path, message });
  const { slots } = problem.horizon;

  checkLength(problem.prices.importPerKwh, slots, 'prices.importPerKwh', report);
  checkLength(problem.prices.exportPerKwh, slots, 'prices.exportPerKwh', report);
  checkUnique(problem.vehicles, 'vehicles', report);
  checkUnique(problem.sites, 'sites', report);
  checkUnique(problem.reserves, 'reserves', report);

  const siteIds = new Set(problem.sites.map((site) => site.id));
  problem.vehicles.forEach((vehicle, i) => {
    checkVehicle(vehicle, `vehicles[${i}]`, slots, siteIds, report);
  });
  problem.sites.forEach((site, i) => {
    checkLimit(site.importLimitKw, slots, `sites[${i}].importLimitKw`, report);
    checkLimit(site.exportLimitKw, slots, `sites[${i}].exportLimitKw`, report);
  });
  checkLimit(problem.fleet?.importLimitKw, slots, 'fleet.importLimitKw', report);
  checkLimit(problem.fleet?.exportLimitKw, slots, 'fleet.exportLimitKw', report);
  if (problem.commitment !== undefined) {
    checkLength(problem.commitment.netKw, slots, 'commitment.netKw', report);
  }
  problem.reserves.forEach((reserve, i) => {
    checkWindow(reserve.fromSlot, reserve.endSlot, slots, `reserves[${i}]`, 'fromSlot', report);
  });
  return faults;
}

function checkVehicle(
  vehicle: VehicleDocument,
  path: string,
  slots: number,
  siteIds: ReadonlySet<string>,
  report: Report,
): void {
  checkWindow(vehicle.firstSlot, vehicle.endSlot, slots, path, 'firstSlot', report);
  if (vehicle.minEnergyKwh > vehicle.maxEnergyKwh) {
    report(
      `${path}.minEnergyKwh`,
      `${vehicle.minEnergyKwh} is above maxEnergyKwh, which is ${vehicle.maxEnergyKwh}`,
    );
  }
  if (vehicle.siteId !== undefined && !siteIds.has(vehicle.siteId)) {
    report(`${path}.siteId`, `no site has the id ${JSON.stringify(vehicle.siteId)}`);
  }
}

function checkWindow(
  first: number,
  end: number,
  slots: number,
  path: string,
  firstName: string,
  report: Report,
): void {
  if (end > slots) report(`${path}.endSlot`, `${end} is outside the horizon of ${slots} slots`);
  if (first > end) report(`${path}.${firstName}`, `${first} is after endSlot, which is ${end}`);
}

function checkLength(list: readonly unknown[], slots: number, path: string, report: Report): void {
  if (list.length !== slots) report(path, `has ${list.length} values for a horizon of ${slots} slots`);
}

function checkLimit(limit: LimitKw | undefined, slots: number, path: string, report: Report): void {
  if (limit !== undefined && typeof limit !== 'number') checkLength(limit, slots, path, report);
}

function checkUnique(list: readonly { readonly id: string }[], path: string, report: Report): void {
  const firstIndex = new Map<string, number>();
  list.forEach(({ id }, i) => {
    const earlier = firstIndex.get(id);
    if (earlier === undefined) firstIndex.set(id, i);
    else report(`${path}[${i}].id`, `${JSON.stringify(id)} is already the id of ${path}[${earlier}]`);
  });
}
