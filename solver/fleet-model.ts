import { type ProblemDocument, slotHours } from './problem.js';

/**
 * The fleet as columns of numbers, one entry per vehicle, for the hot loops.
 *
 * Series over a vehicle's window lie one after another in flat arrays of length `offset[vehicleCount]`:
 *
 *     vehicle 0 slots first..end-1 | vehicle 1 slots first..end-1 | ...
 *     ^ offset[0]                  ^ offset[1]
 */
export interface FleetModel {
  readonly vehicleCount: number;
  readonly slotCount: number;
  readonly slotHours: number;
  readonly penaltyPerKwh: number;
  /** Per slot. */
  readonly importPerKwh: Float64Array;
  readonly exportPerKwh: Float64Array;
  readonly firstSlot: Int32Array;
  readonly endSlot: Int32Array;
  /** vehicleCount + 1 entries. */
  readonly offset: Int32Array;
  /** Stored at firstSlot, kWh. */
  readonly startKwh: Float64Array;
  /** Bounds of stored energy with the start value in place of a bound it breaks, kWh, (6). */
  readonly floorKwh: Float64Array;
  readonly ceilingKwh: Float64Array;
  readonly targetKwh: Float64Array;
  /** Most energy that one slot can add to or take from storage, kWh in storage. */
  readonly chargeKwh: Float64Array;
  readonly dischargeKwh: Float64Array;
  readonly chargeEfficiency: Float64Array;
  readonly dischargeEfficiency: Float64Array;
  readonly wearPerKwh: Float64Array;
  /** Index into the problem's sites, −1 for none. */
  readonly siteIndex: Int32Array;
}

/** Compiles a parsed problem. With `shared`, the columns lie in memory that threads can share. */
export function createFleetModel(problem: ProblemDocument, shared = false): FleetModel {
  const { vehicles } = problem;
  const count = vehicles.length;
  const slotCount = problem.horizon.slots;
  const hours = slotHours(problem);
  const reals = (length: number): Float64Array =>
    shared ? new Float64Array(new SharedArrayBuffer(length * 8)) : new Float64Array(length);
  const integers = (length: number): Int32Array =>
    shared ? new Int32Array(new SharedArrayBuffer(length * 4)) : new Int32Array(length);

  const model: FleetModel = {
    vehicleCount: count,
    slotCount,
    slotHours: hours,
    penaltyPerKwh: problem.shortfallPenaltyPerKwh,
    importPerKwh: reals(slotCount),
    exportPerKwh: reals(slotCount),
    firstSlot: integers(count),
    endSlot: integers(count),
    offset: integers(count + 1),
    startKwh: reals(count),
    floorKwh: reals(count),
    ceilingKwh: reals(count),
    targetKwh: reals(count),
    chargeKwh: reals(count),
    dischargeKwh: reals(count),
    chargeEfficiency: reals(count),
    dischargeEfficiency: reals(count),
    wearPerKwh: reals(count),
    siteIndex: integers(count),
  };
  model.importPerKwh.set(problem.prices.importPerKwh);
  model.exportPerKwh.set(problem.prices.exportPerKwh);

  const siteIndexOf = new Map(problem.sites.map((site, index) => [site.id, index]));
  for (let i = 0; i < count; i += 1) {
    const vehicle = vehicles[i];
    if (vehicle === undefined) break;
    model.firstSlot[i] = vehicle.firstSlot;
    model.endSlot[i] = vehicle.endSlot;
    model.offset[i + 1] = (model.offset[i] as number) + vehicle.endSlot - vehicle.firstSlot;
    model.startKwh[i] = vehicle.energyKwh;
    model.floorKwh[i] = Math.min(vehicle.minEnergyKwh, vehicle.energyKwh);
    model.ceilingKwh[i] = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
    model.targetKwh[i] = vehicle.targetEnergyKwh;
    model.chargeKwh[i] = vehicle.maxChargeKw * hours * vehicle.chargeEfficiency;
    model.dischargeKwh[i] = (vehicle.maxDischargeKw * hours) / vehicle.dischargeEfficiency;
    model.chargeEfficiency[i] = vehicle.chargeEfficiency;
    model.dischargeEfficiency[i] = vehicle.dischargeEfficiency;
    model.wearPerKwh[i] = vehicle.wearPerKwh;
    model.siteIndex[i] = vehicle.siteId === undefined ? -1 : (siteIndexOf.get(vehicle.siteId) ?? -1);
  }
  return model;
}

/** Entries of a flat series over all windows. */
export function windowSlots(model: FleetModel): number {
  return model.offset[model.vehicleCount] as number;
}

/** The model of some of the vehicles, in the order given. */
export function selectVehicles(model: FleetModel, chosen: readonly number[]): FleetModel {
  const offset = new Int32Array(chosen.length + 1);
  chosen.forEach((i, k) => {
    const length = (model.offset[i + 1] as number) - (model.offset[i] as number);
    offset[k + 1] = (offset[k] as number) + length;
  });
  const reals = (column: Float64Array): Float64Array => Float64Array.from(chosen, (i) => column[i] as number);
  const integers = (column: Int32Array): Int32Array => Int32Array.from(chosen, (i) => column[i] as number);
  return {
    ...model,
    vehicleCount: chosen.length,
    offset,
    firstSlot: integers(model.firstSlot),
    endSlot: integers(model.endSlot),
    startKwh: reals(model.startKwh),
    floorKwh: reals(model.floorKwh),
    ceilingKwh: reals(model.ceilingKwh),
    targetKwh: reals(model.targetKwh),
    chargeKwh: reals(model.chargeKwh),
    dischargeKwh: reals(model.dischargeKwh),
    chargeEfficiency: reals(model.chargeEfficiency),
    dischargeEfficiency: reals(model.dischargeEfficiency),
    wearPerKwh: reals(model.wearPerKwh),
    siteIndex: integers(model.siteIndex),
  };
}
