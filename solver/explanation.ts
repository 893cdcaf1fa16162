import type { Multipliers } from './multipliers.js';
import type { PlanDocument } from './plan.js';
import { limitAt, type ProblemDocument, type VehicleDocument } from './problem.js';

/** What holds a vehicle's plan where it is. */
export type BindingLimit =
  | 'power'
  | 'floor'
  | 'ceiling'
  | 'target'
  | 'site'
  | 'fleet'
  | 'commitment'
  | 'reserve';

/**
 * Why energy is missing at departure. `window`: no slot to charge in. `power`: full power all the time is not
 * enough. `capacity`: the target is above what the battery may hold. `site`, `fleet`, `commitment`, `reserve`:
 * what was held back for that. `price`: charging costs more than the shortfall does.
 */
export type ShortfallCause =
  | 'window'
  | 'power'
  | 'capacity'
  | 'site'
  | 'fleet'
  | 'commitment'
  | 'reserve'
  | 'price';

export interface SlotExplanation {
  readonly slot: number;
  readonly netKw: number;
  /** Stored energy after the slot, kWh. */
  readonly energyKwh: number;
  /** The document's price plus what fleet and site rows add; per kWh at the meter. */
  readonly importPerKwh: number;
  readonly exportPerKwh: number;
  /** Part of those prices that comes from the fleet's rows and from the site's. */
  readonly fleetPerKwh: number;
  readonly sitePerKwh: number;
  /** What one more stored kWh after the slot is worth, currency per kWh in storage. */
  readonly energyValuePerKwh: number;
  readonly binding: readonly BindingLimit[];
}

export interface VehicleExplanation {
  readonly id: string;
  readonly slots: readonly SlotExplanation[];
  readonly shortfallKwh: number;
  /** Only when energy is missing. */
  readonly shortfallCause?: ShortfallCause;
}

/** Why the plan is what it is; worked out when asked, vehicle by vehicle. */
export interface Explanation {
  /** Undefined for an id that the problem does not have. */
  vehicle(id: string): VehicleExplanation | undefined;
}

/** kW, kWh and currency per kWh nearer than this count as equal. */
const SAME = 1e-6;

/** Explains a plan by the multipliers found with it. `window` prices of rows that do not bind are zero. */
export function createExplanation(
  problem: ProblemDocument,
  plan: PlanDocument,
  multipliers: Multipliers,
): Explanation {
  let indexOf: Map<string, number> | undefined;
  let offsets: number[] = [];
  return {
    vehicle(id) {
      if (indexOf === undefined) {
        indexOf = new Map(problem.vehicles.map((vehicle, i) => [vehicle.id, i]));
        let at = 0;
        offsets = problem.vehicles.map(({ firstSlot, endSlot }) => {
          at += endSlot - firstSlot;
          return at - (endSlot - firstSlot);
        });
      }
      const i = indexOf.get(id);
      return i === undefined ? undefined : explainVehicle(problem, plan, multipliers, i, offsets[i] ?? 0);
    },
  };
}

function explainVehicle(
  problem: ProblemDocument,
  plan: PlanDocument,
  multipliers: Multipliers,
  i: number,
  at: number,
): VehicleExplanation {
  const vehicle = problem.vehicles[i] as VehicleDocument;
  const planned = plan.vehicles[i];
  const siteAt = problem.sites.findIndex((site) => site.id === vehicle.siteId);
  const sitePerKwh = multipliers.sitePerKwh[siteAt];
  const hours = problem.horizon.slotMinutes / 60;
  let energyKwh = vehicle.energyKwh;
  const slots = (planned?.netKw ?? []).map((netKw, k): SlotExplanation => {
    const slot = vehicle.firstSlot + k;
    const factor = netKw > 0 ? vehicle.chargeEfficiency : 1 / vehicle.dischargeEfficiency;
    energyKwh += netKw * hours * factor;
    const fleet = multipliers.fleetPerKwh[slot] ?? 0;
    const site = sitePerKwh?.[slot] ?? 0;
    const importPerKwh = (problem.prices.importPerKwh[slot] ?? 0) + fleet + site;
    const exportPerKwh = (problem.prices.exportPerKwh[slot] ?? 0) + fleet + site;
    return {
      slot,
      netKw,
      energyKwh,
      importPerKwh,
      exportPerKwh,
      fleetPerKwh: fleet,
      sitePerKwh: site,
      energyValuePerKwh: energyValueOf(multipliers, at + k, vehicle, netKw, importPerKwh, exportPerKwh),
      binding: bindingLimits(problem, vehicle, planned?.reserves, slot, k, netKw, energyKwh, fleet, site),
    };
  });
  const shortfallKwh = planned?.shortfallKwh ?? 0;
  const base = { id: vehicle.id, slots, shortfallKwh };
  return shortfallKwh > SAME ? { ...base, shortfallCause: causeOf(vehicle, slots, hours) } : base;
}

/** The multiplier of the energy balance; where none was found, what the slot's own use of energy says. */
function energyValueOf(
  multipliers: Multipliers,
  at: number,
  vehicle: VehicleDocument,
  netKw: number,
  importPerKwh: number,
  exportPerKwh: number,
): number {
  const known = multipliers.energyPerKwh?.[at];
  if (known !== undefined) return known;
  return netKw > 0
    ? importPerKwh / vehicle.chargeEfficiency
    : (exportPerKwh - vehicle.wearPerKwh) * vehicle.dischargeEfficiency;
}

function bindingLimits(
  problem: ProblemDocument,
  vehicle: VehicleDocument,
  shares: PlanDocument['vehicles'][number]['reserves'],
  slot: number,
  k: number,
  netKw: number,
  energyKwh: number,
  fleet: number,
  site: number,
): BindingLimit[] {
  const binding: BindingLimit[] = [];
  const floor = Math.min(vehicle.minEnergyKwh, vehicle.energyKwh);
  const ceiling = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
  if (
    netKw > 0 ? netKw >= vehicle.maxChargeKw - SAME : netKw <= -vehicle.maxDischargeKw + SAME && netKw < 0
  ) {
    binding.push('power');
  }
  if (energyKwh <= floor + SAME) binding.push('floor');
  if (energyKwh >= ceiling - SAME) binding.push('ceiling');
  if (slot === vehicle.endSlot - 1 && Math.abs(energyKwh - vehicle.targetEnergyKwh) <= SAME)
    binding.push('target');
  if (Math.abs(site) > SAME) binding.push('site');
  if (Math.abs(fleet) > SAME) binding.push(fleetRowOf(problem, slot, fleet));
  const held = Object.values(shares ?? {}).some(
    ({ upKw, downKw }) => (upKw[k] ?? 0) + (downKw[k] ?? 0) > SAME,
  );
  if (held) binding.push('reserve');
  return binding;
}

/** Which row a fleet price comes from: beyond the cost of deviation only a hard limit can push it. */
function fleetRowOf(problem: ProblemDocument, slot: number, fleet: number): 'fleet' | 'commitment' {
  const sold = problem.commitment?.netKw[slot];
  if (problem.commitment === undefined || sold === null || sold === undefined) return 'fleet';
  const limit = limitAt(fleet > 0 ? problem.fleet?.importLimitKw : problem.fleet?.exportLimitKw, slot);
  return Number.isFinite(limit) && Math.abs(fleet) > problem.commitment.deviationPerKwh + SAME
    ? 'fleet'
    : 'commitment';
}

function causeOf(vehicle: VehicleDocument, slots: readonly SlotExplanation[], hours: number): ShortfallCause {
  if (slots.length === 0) return 'window';
  const ceiling = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
  const reachable = vehicle.energyKwh + slots.length * vehicle.maxChargeKw * hours * vehicle.chargeEfficiency;
  if (reachable < Math.min(vehicle.targetEnergyKwh, ceiling) - SAME) return 'power';
  const last = slots[slots.length - 1];
  if (last !== undefined && last.energyKwh >= ceiling - SAME) return 'capacity';
  // Held back in a slot that was not fully used for charging.
  const spare = slots.filter((slot) => slot.netKw < vehicle.maxChargeKw - SAME);
  const causes = ['site', 'fleet', 'commitment', 'reserve'] as const;
  return causes.find((cause) => spare.some((slot) => slot.binding.includes(cause))) ?? 'price';
}
