import type { RowPrices } from '../coordination/vehicle-sweeps.js';
import { windowSlots } from '../fleet-model.js';
import type { Multipliers } from '../multipliers.js';
import type { SharePrices } from '../reserve-bound.js';
import type { InteriorPoint } from './interior-point.js';
import { readEnergyValues } from './read-energy-values.js';
import { CHARGE_ONLY, DISCHARGE_ONLY } from './slot-bounds.js';

/** Charged and discharged in one slot at once, kWh, above which it is not for want of accuracy. */
const BURNT_KWH = 0.02;

/** Prices of the rows, and of the energies between slots, at the present point. */
export function readMultipliers(point: InteriorPoint): {
  readonly prices: RowPrices;
  readonly all: Multipliers;
} {
  const { slotCount, rowStart, netRow, products, shareStart, productOf, upCount } = point.layout;
  const hours = point.model.slotHours;
  const prices: RowPrices = {
    fleet: new Float64Array(slotCount),
    site: point.prices.site.map((price) => price / hours),
  };
  const reserves: (SharePrices & { upPerKwPerHour: Float64Array; downPerKwPerHour: Float64Array })[] =
    products.map(({ document }) => ({
      upPerKwPerHour: new Float64Array(document.endSlot - document.fromSlot),
      downPerKwPerHour: new Float64Array(document.endSlot - document.fromSlot),
    }));
  for (let t = 0; t < slotCount; t += 1) {
    if (netRow[t] === 1) prices.fleet[t] = (point.prices.rows[rowStart[t] as number] as number) / hours;
    const from = shareStart[t] as number;
    for (let j = from; j < (shareStart[t + 1] as number); j += 1) {
      const product = productOf[j] as number;
      const isUp = j < from + (upCount[t] as number);
      const list = isUp ? reserves[product]?.upPerKwPerHour : reserves[product]?.downPerKwPerHour;
      const place = t - (products[product]?.document.fromSlot ?? 0);
      if (list !== undefined) list[place] = (point.sold.earns[j] as number) / hours;
    }
  }
  const energyPerKwh = new Float64Array(windowSlots(point.model));
  for (let i = 0; i < point.model.vehicleCount; i += 1)
    readEnergyValues(point.model, point.layout, point.vehicles, i, point.prices, energyPerKwh);
  const ofReserve = new Map(products.map(({ reserve }, r) => [reserve, reserves[r]]));
  const most = products.reduce((last, { reserve }) => Math.max(last, reserve + 1), 0);
  return {
    prices,
    all: {
      fleetPerKwh: prices.fleet,
      sitePerKwh: Array.from({ length: point.rows.siteCount }, (_, s) =>
        prices.site.subarray(s * slotCount, (s + 1) * slotCount),
      ),
      reserves: Array.from({ length: most }, (_, reserve) => ofReserve.get(reserve)),
      energyPerKwh,
    },
  };
}

/**
 * The one way that every slot goes in which the present point burns energy by going both; undefined when none does.
 * Flat as in FleetModel.
 */
export function readBurningWays(point: InteriorPoint): Uint8Array | undefined {
  const model = point.model;
  const ways = new Uint8Array(windowSlots(model));
  let any = false;
  for (let i = 0; i < model.vehicleCount; i += 1) {
    let before = model.startKwh[i] as number;
    for (let t = model.firstSlot[i] as number; t < (model.endSlot[i] as number); t += 1) {
      const at = (model.offset[i] as number) + t - (model.firstSlot[i] as number);
      const charged = point.vehicles.local[point.vehicles.index.localAt(i, t)] as number;
      const after = point.vehicles.energy[at] as number;
      if (Math.min(charged, charged - after + before) > BURNT_KWH) {
        ways[at] = after >= before ? CHARGE_ONLY : DISCHARGE_ONLY;
        any = true;
      }
      before = after;
    }
  }
  return any ? ways : undefined;
}

/** The present point as changes of stored energy that keep every vehicle's own bounds, flat as in FleetModel. */
export function readSchedule(point: InteriorPoint): Float64Array {
  const model = point.model;
  const change = new Float64Array(windowSlots(model));
  for (let i = 0; i < model.vehicleCount; i += 1) {
    let before = model.startKwh[i] as number;
    for (let at = model.offset[i] as number; at < (model.offset[i + 1] as number); at += 1) {
      const least = Math.max(before - (model.dischargeKwh[i] as number), model.floorKwh[i] as number);
      const most = Math.min(before + (model.chargeKwh[i] as number), model.ceilingKwh[i] as number);
      const after = Math.min(Math.max(point.vehicles.energy[at] as number, least), most);
      change[at] = after - before;
      before = after;
    }
  }
  return change;
}
