import type { FleetModel } from '../fleet-model.js';

/**
 * Gives vehicles that are alike in every number of the problem (window, energies, powers, efficiencies, wear,
 * site) the mean of their schedules, (27): their throughput is then equal. The mean keeps every bound, and costs no
 * more where slots are convex. Leaves out vehicles marked in `except`. Returns a new schedule; none when
 * no two vehicles are alike.
 */
export function shareAlike(
  model: FleetModel,
  change: Float64Array,
  except?: Uint8Array,
): Float64Array | undefined {
  let shared: Float64Array | undefined;
  const alike = new Map<string, number[]>();
  for (let i = 0; i < model.vehicleCount; i += 1) {
    if (except?.[i] === 1) continue;
    const key = numbersOf(model, i).join(' ');
    const members = alike.get(key);
    if (members === undefined) alike.set(key, [i]);
    else members.push(i);
  }
  for (const members of alike.values()) {
    if (members.length === 1) continue;
    shared ??= change.slice();
    const length =
      (model.endSlot[members[0] as number] as number) - (model.firstSlot[members[0] as number] as number);
    for (let k = 0; k < length; k += 1) {
      let sum = 0;
      for (const i of members) sum += change[(model.offset[i] as number) + k] as number;
      for (const i of members) shared[(model.offset[i] as number) + k] = sum / members.length;
    }
  }
  return shared;
}

function numbersOf(model: FleetModel, i: number): readonly (number | undefined)[] {
  return [
    model.firstSlot[i],
    model.endSlot[i],
    model.startKwh[i],
    model.floorKwh[i],
    model.ceilingKwh[i],
    model.targetKwh[i],
    model.chargeKwh[i],
    model.dischargeKwh[i],
    model.chargeEfficiency[i],
    model.dischargeEfficiency[i],
    model.wearPerKwh[i],
    model.siteIndex[i],
  ];
}
