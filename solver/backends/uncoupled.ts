import type { BackendRequest } from '../backend.js';
import { ChainKernel } from '../chain-kernel.js';
import { recoverEnergyValues } from '../energy-values.js';
import { windowSlots } from '../fleet-model.js';
import { noMultipliers } from '../multipliers.js';
import type { Schedule } from '../schedule.js';
import { monotonicMs } from './monotonic-clock.js';
import { closingMs } from './time-estimates.js';

/** Vehicles between two looks at the clock: a tenth of a millisecond, or ten where slots are not convex. */
const BLOCK = 8;
/** Past the limit, ms: half of what it may be overrun by is better spent on a plan than saved. */
const OVERTIME_MS = 25;

/**
 * Each vehicle's own optimum; what ties vehicles together is not looked at. Vehicles that a time limit leaves no time
 * for stay idle, and their stored energy is taken to be worth nothing, which still makes a bound.
 */
export function uncoupledSchedule({ problem, model, deadlineMs }: BackendRequest): Schedule {
  const { importPerKwh, exportPerKwh } = model;
  const kernel = new ChainKernel(model.slotCount);
  const change = new Float64Array(windowSlots(model));
  const energyPerKwh = new Float64Array(change.length);
  const scratch = new Float64Array(2 * model.slotCount);
  const untilMs = deadlineMs - closingMs(model) + OVERTIME_MS;
  for (let i = 0; i < model.vehicleCount; i += 1) {
    if (i % BLOCK === 0 && i > 0 && monotonicMs() >= untilMs) break;
    const at = model.offset[i] as number;
    kernel.solveAny(model, i, importPerKwh, exportPerKwh, change, at);
    recoverEnergyValues(model, i, importPerKwh, exportPerKwh, change, at, energyPerKwh, scratch);
  }
  return { change, multipliers: { ...noMultipliers(problem), energyPerKwh } };
}
