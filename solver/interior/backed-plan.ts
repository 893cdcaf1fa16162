import type { CouplingRows } from '../coordination/coupling-rows.js';
import type { FleetModel } from '../fleet-model.js';
import { netKwOf } from '../schedule.js';
import type { WishedShares } from './fit-shares.js';
import type { KnownPrices } from './row-prices.js';
import type { ShareLayout } from './share-layout.js';

/** A schedule and the shares that it backs. */
export interface BackedPlan {
  /** Change of stored energy, flat as in FleetModel. */
  readonly change: Float64Array;
  readonly shares: WishedShares;
}

/** What each vehicle costs in a plan at given prices of the rows, its shares paid for; currency. */
export function pricedCosts(
  model: FleetModel,
  layout: ShareLayout,
  { change, shares }: BackedPlan,
  prices: KnownPrices,
): Float64Array {
  const { shareStart, slotCount } = layout;
  const costs = new Float64Array(model.vehicleCount);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const first = model.firstSlot[i] as number;
    const site = model.siteIndex[i] as number;
    let energy = model.startKwh[i] as number;
    let cost = 0;
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const moved = change[(model.offset[i] as number) + t - first] as number;
      energy += moved;
      const own =
        moved > 0
          ? (model.importPerKwh[t] as number)
          : (model.exportPerKwh[t] as number) - (model.wearPerKwh[i] as number);
      const added = site < 0 ? 0 : (prices.site[site * slotCount + t] as number);
      cost += netKwOf(model, i, moved) * model.slotHours * (own + added + (prices.fleet[t] as number));
      const from = shareStart[t] as number;
      const at = shares.at(i, t) - from;
      for (let j = from; j < (shareStart[t + 1] as number); j += 1)
        cost -= (prices.earns[j] as number) * (shares.kw[at + j] as number);
    }
    costs[i] = cost + model.penaltyPerKwh * Math.max(0, (model.targetKwh[i] as number) - energy);
  }
  return costs;
}

/** What those vehicles whose entry of `moves` is 0 do to the rows: kW by row of the layout, and by site and slot. */
export function activityOfOthers(
  model: FleetModel,
  rows: CouplingRows,
  layout: ShareLayout,
  { change, shares }: BackedPlan,
  moves: Uint8Array,
): { readonly activity: Float64Array; readonly siteActivity: Float64Array } {
  const { rowStart, netRow, shareStart, slotCount } = layout;
  const activity = new Float64Array(rowStart[slotCount] as number);
  const siteActivity = new Float64Array(rows.siteCount * slotCount);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    if (moves[i] === 1) continue;
    const first = model.firstSlot[i] as number;
    const site = model.siteIndex[i] as number;
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const netKw = netKwOf(model, i, change[(model.offset[i] as number) + t - first] as number);
      let row = rowStart[t] as number;
      if (netRow[t] === 1) {
        activity[row] = (activity[row] as number) + netKw;
        row += 1;
      }
      if (site >= 0)
        siteActivity[site * slotCount + t] = (siteActivity[site * slotCount + t] as number) + netKw;
      const at = shares.at(i, t);
      const count = (shareStart[t + 1] as number) - (shareStart[t] as number);
      for (let j = 0; j < count; j += 1)
        activity[row + j] = (activity[row + j] as number) + (shares.kw[at + j] as number);
    }
  }
  return { activity, siteActivity };
}
