import type { FleetModel } from './fleet-model.js';
import type { Multipliers } from './multipliers.js';
import type { PlanStatus, ReserveShares, VehiclePlan } from './plan.js';
import type { ProblemDocument } from './problem.js';

/** What a search hands back: a schedule, and the multipliers that prove how good it is. */
export interface Schedule {
  /** Change of stored energy per slot of every window, kWh in storage, flat as in FleetModel. */
  readonly change: Float64Array;
  /** By index of the problem's reserves. */
  readonly reserves?: readonly ReserveSchedule[];
  readonly multipliers: Multipliers;
  /** A bound proved in another way than by multipliers; the better of the two counts. */
  readonly provedBound?: number;
}

export interface ReserveSchedule {
  readonly kw: number;
  /** kW held ready, flat as in FleetModel. */
  readonly upKw: Float64Array;
  readonly downKw: Float64Array;
}

/** Net power at the meter that moves `change` kWh in storage within one slot, kW, (6). */
export function netKwOf(model: FleetModel, i: number, change: number): number {
  return change > 0
    ? change / ((model.chargeEfficiency[i] as number) * model.slotHours)
    : (change * (model.dischargeEfficiency[i] as number)) / model.slotHours;
}

/** The parts of a plan document that follow from a schedule. */
export function describeSchedule(problem: ProblemDocument, model: FleetModel, schedule: Schedule) {
  const fleetKw = new Float64Array(model.slotCount);
  const vehicles: VehiclePlan[] = [];
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const first = model.firstSlot[i] as number;
    const length = (model.endSlot[i] as number) - first;
    const at = model.offset[i] as number;
    const perKwIn = 1 / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const perKwOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    const netKw: number[] = new Array(length);
    let energy = model.startKwh[i] as number;
    for (let k = 0; k < length; k += 1) {
      const change = schedule.change[at + k] as number;
      const kw = change > 0 ? change * perKwIn : change < 0 ? change * perKwOut : 0;
      netKw[k] = kw;
      fleetKw[first + k] = (fleetKw[first + k] as number) + kw;
      energy += change;
    }
    const shortfallKwh = Math.max(0, (model.targetKwh[i] as number) - energy);
    const id = problem.vehicles[i]?.id ?? '';
    const shares =
      schedule.reserves === undefined ? undefined : sharesOf(problem, model, schedule.reserves, i);
    vehicles.push(
      shares === undefined ? { id, netKw, shortfallKwh } : { id, netKw, shortfallKwh, reserves: shares },
    );
  }
  const reserves = problem.reserves.map(({ id }, r) => ({ id, kw: schedule.reserves?.[r]?.kw ?? 0 }));
  return { vehicles, fleet: { netKw: Array.from(fleetKw) }, reserves };
}

function sharesOf(
  problem: ProblemDocument,
  model: FleetModel,
  reserves: readonly ReserveSchedule[],
  i: number,
): Readonly<Record<string, ReserveShares>> {
  const from = model.offset[i] as number;
  const to = model.offset[i + 1] as number;
  return Object.fromEntries(
    problem.reserves.map(({ id }, r) => {
      const { upKw, downKw } = reserves[r] ?? { upKw: [], downKw: [] };
      return [id, { upKw: Array.from(upKw.slice(from, to)), downKw: Array.from(downKw.slice(from, to)) }];
    }),
  );
}

/** Whether a gap is small enough to be called optimal. */
export function statusOf(gap: number, gapAsked: number): PlanStatus {
  return gap <= gapAsked ? 'optimal' : 'feasible';
}
