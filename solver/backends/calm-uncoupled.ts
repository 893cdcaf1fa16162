import type { BackendRequest } from '../backend.js';
import { previousSchedule } from '../previous-schedule.js';
import type { Schedule } from '../schedule.js';
import { scheduleCost } from '../schedule-cost.js';

/** Money given up for a plan that stays as it was, relative to the vehicle's cost. */
const GIVEN_UP = 1e-6;

/**
 * Of plans of equal cost the one nearest to the previous plan, then the earliest, for uncoupled problems, where each
 * vehicle stands alone: a vehicle whose earlier schedule costs at most 1e-6 more than its optimum keeps it. The others
 * have what the kernel prefers: full power from the first slot of the lowest price on, one slot at part power, then none,
 * which is as even as a plan gets that is not thinned out.
 */
export function calmUncoupled({ problem, model, previous }: BackendRequest, schedule: Schedule): Schedule {
  if (previous === undefined) return schedule;
  const earlier = previousSchedule(problem, model, previous);
  const change = schedule.change.slice();
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const from = model.offset[i] as number;
    const to = model.offset[i + 1] as number;
    if (from === to || Number.isNaN(earlier[from] as number)) continue;
    const best = scheduleCost(model, i, schedule.change, from);
    if (scheduleCost(model, i, earlier, from) - best <= GIVEN_UP * Math.abs(best)) {
      change.set(earlier.subarray(from, to), from);
    }
  }
  return { ...schedule, change };
}
