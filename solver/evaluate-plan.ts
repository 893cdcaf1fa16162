import type { PlanDocument, VehiclePlan } from './plan.js';
import {
  limitAt,
  type ProblemDocument,
  type ReserveDocument,
  slotHours,
  type VehicleDocument,
} from './problem.js';

/** A limit that a plan breaks, and by how much in the limit's own unit (kW or kWh). */
export interface Violation {
  readonly limit: 'shape' | 'power' | 'energy' | 'site' | 'fleet' | 'reserve' | 'shortfall';
  /** `vehicles[3]`, `sites[0]`, `fleet`, `reserves[1]`. */
  readonly path: string;
  readonly slot?: number;
  readonly amount: number;
}

/** What of a plan document decides its cost and whether it keeps the limits. */
export type PlannedPowers = Pick<PlanDocument, 'vehicles' | 'fleet' | 'reserves'>;

export interface Evaluation {
  /** Total cost of the plan as it stands, (1). */
  readonly objective: number;
  /** Everything beyond 1e-6 kW or 1e-6 kWh. */
  readonly violations: readonly Violation[];
}

/** Limits are obeyed to this, kW and kWh. */
const TOLERANCE = 1e-6;

/**
 * Recomputes the cost of a plan and every limit it breaks from the two documents alone, (1) to (7).
 * Shares nothing with the search.
 */
export function evaluatePlan(problem: ProblemDocument, plan: PlannedPowers): Evaluation {
  const violations: Violation[] = [];
  const slots = problem.horizon.slots;
  const siteIndex = new Map(problem.sites.map((site, s) => [site.id, s]));
  const fleetKw = new Float64Array(slots);
  const siteKw = problem.sites.map(() => new Float64Array(slots));
  let objective = 0;

  if (plan.vehicles.length !== problem.vehicles.length) {
    violations.push({
      limit: 'shape',
      path: 'vehicles',
      amount: plan.vehicles.length - problem.vehicles.length,
    });
  }
  for (let i = 0; i < problem.vehicles.length; i += 1) {
    const vehicle = problem.vehicles[i];
    const planned = plan.vehicles[i];
    if (vehicle === undefined || planned === undefined) continue;
    if (planned.id !== vehicle.id || planned.netKw.length !== vehicle.endSlot - vehicle.firstSlot) {
      violations.push({ limit: 'shape', path: `vehicles[${i}]`, amount: planned.netKw.length });
      continue;
    }
    objective += vehicleCost(problem, vehicle, planned, i, violations);
    const site = vehicle.siteId === undefined ? undefined : siteKw[siteIndex.get(vehicle.siteId) ?? -1];
    for (let k = 0; k < planned.netKw.length; k += 1) {
      const t = vehicle.firstSlot + k;
      const netKw = planned.netKw[k] as number;
      fleetKw[t] = (fleetKw[t] as number) + netKw;
      if (site !== undefined) site[t] = (site[t] as number) + netKw;
    }
  }

  objective += commitmentCost(problem, fleetKw);
  checkFleet(problem, plan, fleetKw, violations);
  siteKw.forEach((netKw, s) => {
    const site = problem.sites[s];
    netKw.forEach((kw, t) => {
      checkRange(kw, site?.importLimitKw, site?.exportLimitKw, t, 'site', `sites[${s}]`, violations);
    });
  });
  problem.reserves.forEach((reserve, r) => {
    objective -= reserveRevenue(problem, plan, reserve, r, violations);
  });
  return { objective, violations };
}

/** Energy, wear and shortfall cost of one vehicle; checks its power, its energy and what backs its shares. */
function vehicleCost(
  problem: ProblemDocument,
  vehicle: VehicleDocument,
  planned: VehiclePlan,
  i: number,
  violations: Violation[],
): number {
  const hours = slotHours(problem);
  const { importPerKwh, exportPerKwh } = problem.prices;
  const { firstSlot, maxChargeKw, maxDischargeKw, chargeEfficiency, dischargeEfficiency, wearPerKwh } =
    vehicle;
  const { netKw: planKw } = planned;
  const floor = Math.min(vehicle.minEnergyKwh, vehicle.energyKwh);
  const ceiling = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
  const reserved = problem.reserves.length > 0;
  let energy = vehicle.energyKwh;
  let cost = 0;
  // Compared in place: a number handed to a function that is not inlined is allocated, millions of times.
  for (let k = 0; k < planKw.length; k += 1) {
    const t = firstSlot + k;
    const netKw = planKw[k] as number;
    const kwh = netKw * hours;
    const before = energy;
    if (netKw > 0) {
      cost += kwh * (importPerKwh[t] as number);
      energy += kwh * chargeEfficiency;
    } else {
      cost += kwh * ((exportPerKwh[t] as number) - wearPerKwh);
      energy += kwh / dischargeEfficiency;
    }
    const powerKw = Math.max(netKw - maxChargeKw, -netKw - maxDischargeKw);
    if (!(powerKw <= TOLERANCE)) violations.push(ofVehicle('power', i, t, powerKw));
    const beyondKwh = Math.max(floor - energy, energy - ceiling);
    if (!(beyondKwh <= TOLERANCE)) violations.push(ofVehicle('energy', i, t, beyondKwh));
    if (reserved) {
      const excess = backingExcess(problem, vehicle, planned, t, netKw, before, energy);
      if (!(excess <= TOLERANCE)) violations.push(ofVehicle('reserve', i, t, excess));
    }
  }
  const shortfall = Math.max(0, vehicle.targetEnergyKwh - energy);
  const misstated = Math.abs(shortfall - planned.shortfallKwh);
  if (!(misstated <= TOLERANCE)) violations.push(ofVehicle('shortfall', i, vehicle.endSlot, misstated));
  return cost + shortfall * problem.shortfallPenaltyPerKwh;
}

function ofVehicle(limit: Violation['limit'], i: number, slot: number, amount: number): Violation {
  return { limit, path: `vehicles[${i}]`, slot, amount };
}

/** How far the shares of all products together exceed what one slot can back, (7); kW or kWh. */
function backingExcess(
  problem: ProblemDocument,
  vehicle: VehicleDocument,
  planned: VehiclePlan,
  t: number,
  netKw: number,
  before: number,
  after: number,
): number {
  const floor = Math.min(vehicle.minEnergyKwh, vehicle.energyKwh);
  const ceiling = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
  const k = t - vehicle.firstSlot;
  let [upPower, downPower, upEnergy, downEnergy, negative] = [0, 0, 0, 0, 0];
  for (const reserve of problem.reserves) {
    const shares = planned.reserves?.[reserve.id];
    const upKw = shares?.upKw[k] ?? 0;
    const downKw = shares?.downKw[k] ?? 0;
    if (t < reserve.fromSlot || t >= reserve.endSlot) {
      negative = Math.max(negative, Math.abs(upKw), Math.abs(downKw));
    }
    const sustainHours = reserve.sustainMinutes / 60;
    upPower += reserve.powerFactor * upKw;
    downPower += reserve.powerFactor * downKw;
    upEnergy += (upKw * sustainHours) / vehicle.dischargeEfficiency;
    downEnergy += downKw * sustainHours * vehicle.chargeEfficiency;
    negative = Math.max(negative, -upKw, -downKw);
  }
  return Math.max(
    negative,
    upPower > 0 ? upPower - (netKw + vehicle.maxDischargeKw) : 0,
    downPower > 0 ? downPower - (vehicle.maxChargeKw - netKw) : 0,
    upEnergy > 0 ? upEnergy - (Math.min(before, after) - floor) : 0,
    downEnergy > 0 ? downEnergy - (ceiling - Math.max(before, after)) : 0,
  );
}

/** (3). */
function commitmentCost(problem: ProblemDocument, fleetKw: Float64Array): number {
  const { commitment } = problem;
  if (commitment === undefined) return 0;
  let deviationKw = 0;
  fleetKw.forEach((netKw, t) => {
    const sold = commitment.netKw[t];
    if (sold !== null && sold !== undefined) deviationKw += Math.abs(netKw - sold);
  });
  return deviationKw * slotHours(problem) * commitment.deviationPerKwh;
}

function checkFleet(
  problem: ProblemDocument,
  plan: PlannedPowers,
  fleetKw: Float64Array,
  violations: Violation[],
): void {
  const { fleet } = problem;
  // A sum over many vehicles may be rounded differently by whoever added it up.
  const rounding = TOLERANCE * (1 + problem.vehicles.length * 1e-6);
  fleetKw.forEach((netKw, t) => {
    checkRange(netKw, fleet?.importLimitKw, fleet?.exportLimitKw, t, 'fleet', 'fleet', violations);
    const amount = Math.abs(netKw - (plan.fleet.netKw[t] ?? Number.NaN));
    if (!(amount <= rounding)) violations.push({ limit: 'shape', path: 'fleet.netKw', slot: t, amount });
  });
}

function checkRange(
  netKw: number,
  importLimit: Parameters<typeof limitAt>[0],
  exportLimit: Parameters<typeof limitAt>[0],
  slot: number,
  limit: 'site' | 'fleet',
  path: string,
  violations: Violation[],
): void {
  const amount = Math.max(netKw - limitAt(importLimit, slot), -netKw - limitAt(exportLimit, slot));
  if (!(amount <= TOLERANCE)) violations.push({ limit, path, slot, amount });
}

/** What one product earns over its block, (5); checks that the shares of every slot sum to what is sold. */
function reserveRevenue(
  problem: ProblemDocument,
  plan: PlannedPowers,
  reserve: ReserveDocument,
  r: number,
  violations: Violation[],
): number {
  const kw = plan.reserves.find((planned) => planned.id === reserve.id)?.kw ?? 0;
  const path = `reserves[${r}]`;
  const over = (slot: number, amount: number): void => {
    if (!(amount <= TOLERANCE)) violations.push({ limit: 'reserve', path, slot, amount });
  };
  over(reserve.fromSlot, Math.max(-kw, kw - (reserve.maxKw ?? Number.POSITIVE_INFINITY)));
  for (let t = reserve.fromSlot; t < reserve.endSlot; t += 1) {
    const summed = shareSum(problem, plan, reserve.id, t);
    if (reserve.direction !== 'down') over(t, Math.abs(summed.upKw - kw));
    if (reserve.direction !== 'up') over(t, Math.abs(summed.downKw - kw));
  }
  return kw * reserve.pricePerKwPerHour * (reserve.endSlot - reserve.fromSlot) * slotHours(problem);
}

function shareSum(problem: ProblemDocument, plan: PlannedPowers, id: string, t: number) {
  let [upKw, downKw] = [0, 0];
  problem.vehicles.forEach((vehicle, i) => {
    const shares = plan.vehicles[i]?.reserves?.[id];
    if (shares === undefined || t < vehicle.firstSlot || t >= vehicle.endSlot) return;
    upKw += shares.upKw[t - vehicle.firstSlot] ?? 0;
    downKw += shares.downKw[t - vehicle.firstSlot] ?? 0;
  });
  return { upKw, downKw };
}
