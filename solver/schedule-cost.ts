import type { FleetModel } from './fleet-model.js';

/** Energy, wear and shortfall cost of vehicle `i`'s schedule, read from `at` on, (1). */
export function scheduleCost(model: FleetModel, i: number, change: Float64Array, at: number): number {
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
