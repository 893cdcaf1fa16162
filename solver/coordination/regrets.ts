import type { FleetModel } from '../fleet-model.js';
import type { RowPrices } from './vehicle-sweeps.js';

/**
 * What each vehicle's schedule costs more, at fixed row prices, than its best answer to them; not negative but for
 * rounding. The vehicles' regrets and the rows' own make the whole gap between a plan and the bound at those prices.
 */
export function regretsOf(
  model: FleetModel,
  prices: RowPrices,
  change: Float64Array,
  responses: Float64Array,
): Float64Array {
  const regrets = new Float64Array(model.vehicleCount);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const first = model.firstSlot[i] as number;
    const at = (model.offset[i] as number) - first;
    const site = model.siteIndex[i] as number;
    const siteAt = site * model.slotCount;
    const perIn = 1 / (model.chargeEfficiency[i] as number);
    const perOut = model.dischargeEfficiency[i] as number;
    const wear = model.wearPerKwh[i] as number;
    let [regret, energyOwn, energyBest] = [0, model.startKwh[i] as number, model.startKwh[i] as number];
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const own = change[at + t] as number;
      const best = responses[at + t] as number;
      energyOwn += own;
      energyBest += best;
      if (own === best) continue;
      const added = (prices.fleet[t] as number) + (site >= 0 ? (prices.site[siteAt + t] as number) : 0);
      const buy = ((model.importPerKwh[t] as number) + added) * perIn;
      const sell = ((model.exportPerKwh[t] as number) + added - wear) * perOut;
      regret += own * (own > 0 ? buy : sell) - best * (best > 0 ? buy : sell);
    }
    const target = model.targetKwh[i] as number;
    regrets[i] =
      regret + model.penaltyPerKwh * (Math.max(0, target - energyOwn) - Math.max(0, target - energyBest));
  }
  return regrets;
}

/** The fewest vehicles, in document order, that leave the others regrets of at most `mostLeft` (money) together. */
export function leavingAtMost(regrets: Float64Array, mostLeft: number): Int32Array {
  const sorted = regrets.slice().sort();
  let [left, below] = [0, 0];
  while (below < sorted.length && left + (sorted[below] as number) <= mostLeft) {
    left += sorted[below] as number;
    below += 1;
  }
  return atLeast(regrets, sorted[below] ?? Number.POSITIVE_INFINITY, sorted.length - below);
}

/** The vehicles with the largest regrets, in document order: so many, or all that have any. */
export function mostRegretful(regrets: Float64Array, most: number): Int32Array {
  const sorted = regrets.slice().sort();
  const least = sorted[Math.max(0, sorted.length - most)] ?? Number.POSITIVE_INFINITY;
  return atLeast(regrets, Math.max(least, Number.MIN_VALUE), most);
}

function atLeast(regrets: Float64Array, least: number, most: number): Int32Array {
  const chosen = new Int32Array(Math.min(most, regrets.length));
  let count = 0;
  for (let i = 0; i < regrets.length && count < chosen.length; i += 1) {
    if ((regrets[i] as number) < least) continue;
    chosen[count] = i;
    count += 1;
  }
  return chosen.subarray(0, count);
}
