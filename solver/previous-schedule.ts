import { type FleetModel, windowSlots } from './fleet-model.js';
import type { PlanDocument, VehiclePlan } from './plan.js';
import type { ProblemDocument } from './problem.js';

/**
 * An earlier plan as a schedule for this problem: change of stored energy per window slot, kWh, flat as in
 * FleetModel. A vehicle is found by its id and its powers are matched from the end of the window backward; power
 * that today's bounds no longer allow is cut. Not a number throughout the window of a vehicle it does not have. Lies in
 * memory that threads can share where the model does.
 */
export function previousSchedule(
  problem: ProblemDocument,
  model: FleetModel,
  previous: PlanDocument,
): Float64Array {
  const length = windowSlots(model);
  const shared = model.offset.buffer instanceof SharedArrayBuffer;
  const change = shared ? new Float64Array(new SharedArrayBuffer(8 * length)) : new Float64Array(length);
  // Mostly in the same places as before; a hundred thousand ids are only looked up when they are not.
  let byId: ReadonlyMap<string, VehiclePlan> | undefined;
  problem.vehicles.forEach(({ id }, i) => {
    let planned = previous.vehicles[i];
    if (planned?.id !== id) {
      byId ??= new Map(previous.vehicles.map((vehicle) => [vehicle.id, vehicle]));
      planned = byId.get(id);
    }
    if (planned !== undefined) refit(model, i, planned.netKw, change);
    else change.fill(Number.NaN, model.offset[i], model.offset[i + 1]);
  });
  return change;
}

function refit(model: FleetModel, i: number, netKw: readonly number[], change: Float64Array): void {
  const at = model.offset[i] as number;
  const length = (model.offset[i + 1] as number) - at;
  const perKwIn = (model.chargeEfficiency[i] as number) * model.slotHours;
  const perKwOut = model.slotHours / (model.dischargeEfficiency[i] as number);
  const floor = model.floorKwh[i] as number;
  const ceiling = model.ceilingKwh[i] as number;
  let energy = model.startKwh[i] as number;
  for (let k = 0; k < length; k += 1) {
    const kw = netKw[netKw.length - length + k] ?? 0;
    const wanted = kw > 0 ? kw * perKwIn : kw * perKwOut;
    const least = Math.max(-(model.dischargeKwh[i] as number), floor - energy);
    const most = Math.min(model.chargeKwh[i] as number, ceiling - energy);
    // Rounding alone must not change a plan, so a bound is met to the last digits only.
    const moved = Math.min(Math.max(wanted, Math.min(least, 0)), Math.max(most, 0));
    change[at + k] = moved;
    energy += moved;
  }
}
