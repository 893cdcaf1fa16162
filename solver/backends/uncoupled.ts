import type { BackendRequest } from '../backend.js';
import { ChainKernel } from '../chain-kernel.js';
import { recoverEnergyValues } from '../energy-values.js';
import { windowSlots } from '../fleet-model.js';
import { noMultipliers } from '../multipliers.js';
import type { Schedule } from '../schedule.js';

/** Each vehicle's own optimum; what ties vehicles together is not looked at. */
export function uncoupledSchedule({ problem, model }: Pick<BackendRequest, 'problem' | 'model'>): Schedule {
  const { importPerKwh, exportPerKwh } = model;
  const kernel = new ChainKernel(model.slotCount);
  const change = new Float64Array(windowSlots(model));
  const energyPerKwh = new Float64Array(change.length);
  const scratch = new Float64Array(2 * model.slotCount);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const at = model.offset[i] as number;
    kernel.solveAny(model, i, importPerKwh, exportPerKwh, change, at);
    recoverEnergyValues(model, i, importPerKwh, exportPerKwh, change, at, energyPerKwh, scratch);
  }
  return { change, multipliers: { ...noMultipliers(problem), energyPerKwh } };
}
