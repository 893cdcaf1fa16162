import type { FleetModel } from './fleet-model.js';

/** Slots of equal import and equal export price: the group of each slot, −1 for slots whose prices stand alone. */
export interface PriceTies {
  readonly groupOf: Int32Array;
  readonly count: number;
}

/** Finds slots between which a vehicle can shift energy at no cost. */
export function findPriceTies({ slotCount, importPerKwh, exportPerKwh }: FleetModel): PriceTies {
  const slotsOf = new Map<string, number[]>();
  for (let t = 0; t < slotCount; t += 1) {
    const key = `${importPerKwh[t]} ${exportPerKwh[t]}`;
    const slots = slotsOf.get(key);
    if (slots === undefined) slotsOf.set(key, [t]);
    else slots.push(t);
  }
  const groupOf = new Int32Array(slotCount).fill(-1);
  let count = 0;
  for (const slots of slotsOf.values()) {
    if (slots.length === 1) continue;
    for (const t of slots) groupOf[t] = count;
    count += 1;
  }
  return { groupOf, count };
}

/** Shifts smaller than this, kWh in storage, are not worth making. */
const LEAST_SHIFT_KWH = 1e-9;

/**
 * The shift of vehicle `i`'s stored energy per slot of its window, kWh, that evens out its distance from `reference`
 * within each group of equal prices, (34); undefined when there is nothing to even out. Only slots that are in use are
 * touched, and charging and discharging apart: power is evened, not thinned out over idle slots, since cars stop
 * charging below some 1.4 to 4.1 kW (6 A, IEC 61851-1). Keeps power, energy bounds and the energy at departure.
 */
export function evenShift(
  model: FleetModel,
  i: number,
  ties: PriceTies,
  change: Float64Array,
  reference: Float64Array | undefined,
): Float64Array | undefined {
  const first = model.firstSlot[i] as number;
  const length = (model.endSlot[i] as number) - first;
  const shift = new Float64Array(length);
  for (const sign of [1, -1] as const) addEvening(model, i, ties, change, reference, sign, shift);
  const share = feasibleShare(model, i, change, shift);
  let largest = 0;
  for (let k = 0; k < length; k += 1) {
    shift[k] = (shift[k] as number) * share;
    largest = Math.max(largest, Math.abs(shift[k] as number));
  }
  return largest > LEAST_SHIFT_KWH ? shift : undefined;
}

/** Adds what evens out the slots in which the vehicle charges (sign 1) or discharges (−1). */
function addEvening(
  model: FleetModel,
  i: number,
  { groupOf, count }: PriceTies,
  change: Float64Array,
  reference: Float64Array | undefined,
  sign: 1 | -1,
  shift: Float64Array,
): void {
  const first = model.firstSlot[i] as number;
  const at = model.offset[i] as number;
  const most = (sign > 0 ? model.chargeKwh[i] : model.dischargeKwh[i]) as number;
  const off = (k: number): number => {
    const wanted = reference?.[at + k] ?? Number.NaN;
    return (change[at + k] as number) - (Number.isNaN(wanted) ? 0 : wanted);
  };
  const groupInUse = (k: number): number =>
    (change[at + k] as number) * sign > 0 ? (groupOf[first + k] as number) : -1;
  const sum = new Float64Array(count);
  const used = new Int32Array(count);
  for (let k = 0; k < shift.length; k += 1) {
    const group = groupInUse(k);
    if (group < 0) continue;
    sum[group] = (sum[group] as number) + off(k);
    used[group] = (used[group] as number) + 1;
  }
  const part = new Float64Array(shift.length);
  for (let k = 0; k < shift.length; k += 1) {
    const group = groupInUse(k);
    if (group < 0 || (used[group] as number) < 2) continue;
    const now = change[at + k] as number;
    const next = now + (sum[group] as number) / (used[group] as number) - off(k);
    part[k] = sign * Math.min(Math.max(sign * next, 0), most) - now;
  }
  balance(part, groupInUse, count);
  for (let k = 0; k < shift.length; k += 1) shift[k] = (shift[k] as number) + (part[k] as number);
}

/** Cuts gains or losses, whichever are larger, so that each group's shifts sum to zero. */
function balance(shift: Float64Array, groupOf: (k: number) => number, count: number): void {
  const gained = new Float64Array(count);
  const lost = new Float64Array(count);
  shift.forEach((moved, k) => {
    const sums = moved > 0 ? gained : lost;
    if (moved !== 0) sums[groupOf(k)] = (sums[groupOf(k)] as number) + Math.abs(moved);
  });
  shift.forEach((moved, k) => {
    if (moved === 0) return;
    const [own, other] = moved > 0 ? [gained, lost] : [lost, gained];
    const group = groupOf(k);
    shift[k] = moved * Math.min(1, (other[group] as number) / (own[group] as number));
  });
}

/** Largest share in [0, 1] of a shift with which stored energy stays within its bounds. */
export function feasibleShare(
  model: FleetModel,
  i: number,
  change: Float64Array,
  shift: Float64Array,
): number {
  const floor = model.floorKwh[i] as number;
  const ceiling = model.ceilingKwh[i] as number;
  const at = model.offset[i] as number;
  let energy = model.startKwh[i] as number;
  let shifted = 0;
  let share = 1;
  for (let k = 0; k < shift.length; k += 1) {
    energy += change[at + k] as number;
    shifted += shift[k] as number;
    if (shifted > LEAST_SHIFT_KWH) share = Math.min(share, (ceiling - energy) / shifted);
    else if (shifted < -LEAST_SHIFT_KWH) share = Math.min(share, (floor - energy) / shifted);
  }
  return Math.max(0, share);
}
