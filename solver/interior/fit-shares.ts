import { type FleetModel, windowSlots } from '../fleet-model.js';
import { netKwOf, type ReserveSchedule } from '../schedule.js';
import type { ShareLayout } from './share-layout.js';

/** Less than this, kW, is not sold. */
const NOTHING_KW = 1e-9;

/** Shares that every vehicle would like to hold; those of vehicle i in slot t begin at `at(i, t)`. */
export interface WishedShares {
  readonly kw: Float64Array;
  readonly at: (i: number, t: number) => number;
}

/** Shares of an earlier plan as wishes; it holds none of a reserve that is not there. */
export function wishedBefore(
  model: FleetModel,
  layout: ShareLayout,
  reserves: readonly (ReserveSchedule | undefined)[],
): WishedShares {
  const { shareStart, upCount, products, productOf } = layout;
  const vehicleAt = new Int32Array(model.vehicleCount + 1);
  const startOf = (i: number, t: number): number =>
    (vehicleAt[i] as number) +
    (shareStart[t] as number) -
    (shareStart[model.firstSlot[i] as number] as number);
  for (let i = 0; i < model.vehicleCount; i += 1) vehicleAt[i + 1] = startOf(i, model.endSlot[i] as number);
  const kw = new Float64Array(vehicleAt[model.vehicleCount] as number);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const first = model.firstSlot[i] as number;
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const from = shareStart[t] as number;
      for (let j = from; j < (shareStart[t + 1] as number); j += 1) {
        const held = reserves[products[productOf[j] as number]?.reserve ?? -1];
        const list = j < from + (upCount[t] as number) ? held?.upKw : held?.downKw;
        kw[startOf(i, t) + j - from] = list?.[(model.offset[i] as number) + t - first] ?? 0;
      }
    }
  }
  return { kw, at: startOf };
}

/**
 * Shares as each vehicle's power and stored energy at both edges back them, (7): the wishes of a slot and direction
 * scaled together, up or down.
 */
export function backShares(
  model: FleetModel,
  layout: ShareLayout,
  change: Float64Array,
  wished: WishedShares,
): WishedShares {
  const { shareStart, upCount } = layout;
  const kw = new Float64Array(wished.kw.length);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const first = model.firstSlot[i] as number;
    let before = model.startKwh[i] as number;
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const moved = change[(model.offset[i] as number) + t - first] as number;
      const after = before + moved;
      const from = shareStart[t] as number;
      const down = from + (upCount[t] as number);
      const end = shareStart[t + 1] as number;
      const wishesAt = wished.at(i, t) - from;
      const slot = { i, moved, before, after };
      const upPart = backedPart(model, layout, slot, wished.kw, wishesAt, from, down, true);
      const downPart = backedPart(model, layout, slot, wished.kw, wishesAt, down, end, false);
      for (let j = from; j < end; j += 1)
        kw[wishesAt + j] = (wished.kw[wishesAt + j] as number) * (j < down ? upPart : downPart);
      before = after;
    }
  }
  return { kw, at: wished.at };
}

/**
 * Reserves that a schedule and its backed shares allow. Of each product as much is sold as the weakest slot of its
 * block holds, and the other slots' shares are scaled to that, (5). By index of the problem's reserves.
 */
export function fitShares(
  model: FleetModel,
  layout: ShareLayout,
  reserveCount: number,
  change: Float64Array,
  wished: WishedShares,
): ReserveSchedule[] {
  const { shareStart, upCount, slotCount, productOf, products } = layout;
  const backed = backShares(model, layout, change, wished);
  const sums = new Float64Array(shareStart[slotCount] as number);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    for (let t = model.firstSlot[i] as number; t < (model.endSlot[i] as number); t += 1) {
      const from = shareStart[t] as number;
      const at = backed.at(i, t) - from;
      for (let j = from; j < (shareStart[t + 1] as number); j += 1)
        sums[j] = (sums[j] as number) + (backed.kw[at + j] as number);
    }
  }
  const soldKw = Float64Array.from(products, ({ mostKw }) => mostKw);
  productOf.forEach((product, j) => {
    soldKw[product] = Math.min(soldKw[product] as number, sums[j] as number);
  });
  soldKw.forEach((kw, product) => {
    if (kw < NOTHING_KW) soldKw[product] = 0;
  });
  const held = products.map(() => ({
    up: new Float64Array(windowSlots(model)),
    down: new Float64Array(windowSlots(model)),
  }));
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const first = model.firstSlot[i] as number;
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const from = shareStart[t] as number;
      const share = backed.at(i, t) - from;
      for (let j = from; j < (shareStart[t + 1] as number); j += 1) {
        const product = productOf[j] as number;
        const kw = soldKw[product] as number;
        const lists = held[product] as (typeof held)[number];
        const list = j < from + (upCount[t] as number) ? lists.up : lists.down;
        list[(model.offset[i] as number) + t - first] =
          kw === 0 ? 0 : ((backed.kw[share + j] as number) * kw) / (sums[j] as number);
      }
    }
  }
  const none = new Float64Array(windowSlots(model));
  return Array.from({ length: reserveCount }, (_, reserve) => {
    const r = products.findIndex((product) => product.reserve === reserve);
    return { kw: soldKw[r] ?? 0, upKw: held[r]?.up ?? none, downKw: held[r]?.down ?? none };
  });
}

/** By how much the wishes `from` to `end` of one direction can be multiplied, which may be more than one. */
function backedPart(
  model: FleetModel,
  layout: ShareLayout,
  { i, moved, before, after }: { i: number; moved: number; before: number; after: number },
  wished: Float64Array,
  wishesAt: number,
  from: number,
  end: number,
  isUp: boolean,
): number {
  let power = 0;
  let kwh = 0;
  for (let j = from; j < end; j += 1) {
    const kw = wished[wishesAt + j] as number;
    power += kw * (layout.powerFactor[j] as number);
    kwh += kw * (layout.sustainHours[j] as number);
  }
  if (power < NOTHING_KW) return 0;
  const netKw = netKwOf(model, i, moved);
  const headroomKw = isUp
    ? netKw - netKwOf(model, i, -(model.dischargeKwh[i] as number))
    : netKwOf(model, i, model.chargeKwh[i] as number) - netKw;
  const headroomKwh = isUp
    ? (Math.min(before, after) - (model.floorKwh[i] as number)) * (model.dischargeEfficiency[i] as number)
    : ((model.ceilingKwh[i] as number) - Math.max(before, after)) / (model.chargeEfficiency[i] as number);
  const byPower = Math.max(0, headroomKw) / power;
  return kwh > 0 ? Math.min(byPower, Math.max(0, headroomKwh) / kwh) : byPower;
}
