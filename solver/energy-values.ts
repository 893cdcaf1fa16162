import type { FleetModel } from './fleet-model.js';

/** Energies nearer than this, kWh, count as equal when a bound or a full slot is recognised. */
const AT_BOUND_KWH = 1e-9;

/**
 * Value of stored energy after each slot of vehicle `i`'s window, currency per kWh in storage: the multipliers
 * of its energy balance, (15), recovered from an optimal schedule by complementary slackness. Prices as in
 * ChainKernel.solve; `change` holds the schedule and `values` receives the result, both from `at` on.
 *
 * Backward, the interval of values that each slot and all later ones allow; forward, one value from each.
 */
export function recoverEnergyValues(
  model: FleetModel,
  i: number,
  importPerKwh: Float64Array,
  exportPerKwh: Float64Array,
  change: Float64Array,
  at: number,
  values: Float64Array,
  scratch: Float64Array,
): void {
  const first = model.firstSlot[i] as number;
  const end = model.endSlot[i] as number;
  if (first === end) return;
  const floor = model.floorKwh[i] as number;
  const ceiling = model.ceilingKwh[i] as number;
  const target = model.targetKwh[i] as number;
  const mostIn = model.chargeKwh[i] as number;
  const mostOut = model.dischargeKwh[i] as number;
  const perStoredIn = 1 / (model.chargeEfficiency[i] as number);
  const perStoredOut = model.dischargeEfficiency[i] as number;
  const wear = model.wearPerKwh[i] as number;

  let energy = model.startKwh[i] as number;
  for (let t = first; t < end; t += 1) energy += change[at + t - first] as number;

  // What the end allows, (8).
  let low = energy < target - AT_BOUND_KWH ? model.penaltyPerKwh : 0;
  let high = energy > target + AT_BOUND_KWH ? 0 : model.penaltyPerKwh;
  if (energy >= ceiling - AT_BOUND_KWH) low = Number.NEGATIVE_INFINITY;
  if (energy <= floor + AT_BOUND_KWH) high = Number.POSITIVE_INFINITY;

  for (let t = end - 1; t >= first; t -= 1) {
    const k = t - first;
    const exact = change[at + k] as number;
    const moved = Math.abs(exact) < AT_BOUND_KWH ? 0 : exact;
    const buy = (importPerKwh[t] as number) * perStoredIn;
    const sell = ((exportPerKwh[t] as number) - wear) * perStoredOut;
    // At least this much when it charges, at most this much when it discharges.
    const least =
      moved > 0
        ? buy
        : moved < 0
          ? moved > -mostOut + AT_BOUND_KWH
            ? sell
            : Number.NEGATIVE_INFINITY
          : mostOut > 0
            ? sell
            : Number.NEGATIVE_INFINITY;
    const most =
      moved < 0
        ? sell
        : moved > 0
          ? moved < mostIn - AT_BOUND_KWH
            ? buy
            : Number.POSITIVE_INFINITY
          : mostIn > 0
            ? buy
            : Number.POSITIVE_INFINITY;
    if (least > low) low = least;
    if (most < high) high = most;
    // Rounding may turn the interval round by its last digits.
    [low, high] = [Math.min(low, high), Math.max(low, high)];
    scratch[2 * k] = low;
    scratch[2 * k + 1] = high;
    energy -= exact;
    // What slot t − 1 may value, given slot t and where the energy stands between them, (16).
    if (energy >= ceiling - AT_BOUND_KWH) low = Number.NEGATIVE_INFINITY;
    if (energy <= floor + AT_BOUND_KWH) high = Number.POSITIVE_INFINITY;
  }

  let value = 0;
  for (let k = 0; k < end - first; k += 1) {
    const least = scratch[2 * k] as number;
    const most = scratch[2 * k + 1] as number;
    value = Math.min(Math.max(value, least), most);
    values[at + k] = value;
  }
}
