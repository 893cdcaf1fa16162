import type { BackendRequest } from '../backend.js';
import { evenShift, findPriceTies } from '../even-ties.js';
import { previousSchedule } from '../previous-schedule.js';
import type { Schedule } from '../schedule.js';
import { scheduleCost } from '../schedule-cost.js';

/** Money given up for a plan that stays as it was, relative to the vehicle's cost. */
const GIVEN_UP = 1e-6;

/**
 * Of plans of equal cost the one nearest to the previous plan, then the smoothest, then the earliest, for uncoupled
 * problems, where each vehicle stands alone: a vehicle whose earlier schedule costs at most 1e-6 more than its optimum
 * keeps it; the others even out their power between slots of equal price, (28), of which the kernel takes the earliest.
 */
export function calmUncoupled({ problem, model, previous }: BackendRequest, schedule: Schedule): Schedule {
  const ties = findPriceTies(model);
  if (previous === undefined && ties.count === 0) return schedule;
  const earlier = previous === undefined ? undefined : previousSchedule(problem, model, previous);
  const change = schedule.change.slice();
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const from = model.offset[i] as number;
    const to = model.offset[i + 1] as number;
    if (from === to) continue;
    if (earlier !== undefined && !Number.isNaN(earlier[from] as number)) {
      const best = scheduleCost(model, i, schedule.change, from);
      if (scheduleCost(model, i, earlier, from) - best <= GIVEN_UP * Math.abs(best)) {
        change.set(earlier.subarray(from, to), from);
        continue;
      }
    }
    const shift = ties.count === 0 ? undefined : evenShift(model, i, ties, change, earlier);
    shift?.forEach((moved, k) => {
      change[from + k] = (change[from + k] as number) + moved;
    });
  }
  return { ...schedule, change };
}
