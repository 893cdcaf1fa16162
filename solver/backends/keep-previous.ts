import type { BackendRequest } from '../backend.js';
import type { FleetModel } from '../fleet-model.js';
import { previousSchedule } from '../previous-schedule.js';
import type { Schedule } from '../schedule.js';

/** Money given up for a plan that stays as it was, relative to the vehicle's cost. */
const GIVEN_UP = 1e-6;

/**
 * Of plans of equal cost the previous one: every vehicle whose earlier schedule costs at most 1e-6 more than its
 * optimum keeps it. For uncoupled problems, where each vehicle stands alone.
 */
export function keepPrevious({ problem, model, previous }: BackendRequest, schedule: Schedule): Schedule {
  if (previous === undefined) return schedule;
  const earlier = previousSchedule(problem, model, previous);
  const change = schedule.change.slice();
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const from = model.offset[i] as number;
    const to = model.offset[i + 1] as number;
    if (from === to || Number.isNaN(earlier[from] as number)) continue;
    const best = scheduleCost(model, i, schedule.change);
    if (scheduleCost(model, i, earlier) - best <= GIVEN_UP * Math.abs(best)) {
      change.set(earlier.subarray(from, to), from);
    }
  }
  return { ...schedule, change };
}

/** Energy, wear and shortfall cost of one vehicle, (1). */
function scheduleCost(model: FleetModel, i: number, change: Float64Array): number {
  const at = model.offset[i] as number;
  const first = model.firstSlot[i] as number;
  let energy = model.startKwh[i] as number;
  let cost = 0;
  for (let t = first; t < (model.endSlot[i] as number); t += 1) {
    const moved = change[at + t - first] as number;
    energy += moved;
    cost +=
      moved > 0
        ? (moved / (model.chargeEfficiency[i] as number)) * (model.importPerKwh[t] as number)
        : moved *
          (model.dischargeEfficiency[i] as number) *
          ((model.exportPerKwh[t] as number) - (model.wearPerKwh[i] as number));
  }
  return cost + model.penaltyPerKwh * Math.max(0, (model.targetKwh[i] as number) - energy);
}
