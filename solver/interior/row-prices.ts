import type { CouplingRows } from '../coordination/coupling-rows.js';
import type { RowPrices } from '../coordination/vehicle-sweeps.js';
import type { Multipliers } from '../multipliers.js';
import type { ShareLayout } from './share-layout.js';

/** Prices of the rows that tie vehicles together, or a change of them. */
export interface PriceStep {
  /** Price per kW of each row. */
  readonly rows: Float64Array;
  /** Price per kW of net power by site and slot, site-major; empty without sites. */
  readonly site: Float64Array;
}

/** Prices of rows from an earlier plan. */
export interface KnownPrices extends RowPrices {
  /** What a kW earns in its slot, by share of the layout. */
  readonly earns: Float64Array;
}

/** Multipliers as prices of the layout's rows; zero where they have none. */
export function knownPrices(
  rows: CouplingRows,
  layout: ShareLayout,
  multipliers: Multipliers,
  slotHours: number,
): KnownPrices {
  const { slotCount, shareStart, upCount, productOf, products } = layout;
  const { fleetPerKwh, sitePerKwh, reserves = [] } = multipliers;
  const site = new Float64Array(rows.siteCount * slotCount);
  sitePerKwh.forEach((perKwh, s) => {
    for (let t = 0; t < slotCount; t += 1) site[s * slotCount + t] = perKwh?.[t] ?? 0;
  });
  const earns = new Float64Array(productOf.length);
  for (let t = 0; t < slotCount; t += 1) {
    const from = shareStart[t] as number;
    for (let j = from; j < (shareStart[t + 1] as number); j += 1) {
      const { reserve, document } = products[productOf[j] as number] as (typeof products)[number];
      const held = reserves[reserve];
      const list = j < from + (upCount[t] as number) ? held?.upPerKwPerHour : held?.downPerKwPerHour;
      earns[j] = (list?.[t - document.fromSlot] ?? 0) * slotHours;
    }
  }
  return { fleet: Float64Array.from({ length: slotCount }, (_, t) => fleetPerKwh[t] ?? 0), site, earns };
}

/** The same per kW and by row. */
export function priceStepOf(layout: ShareLayout, prices: KnownPrices, slotHours: number): PriceStep {
  const { slotCount, rowStart, netRow, shareStart } = layout;
  const rows = new Float64Array(rowStart[slotCount] as number);
  for (let t = 0; t < slotCount; t += 1) {
    let row = rowStart[t] as number;
    if (netRow[t] === 1) rows[row++] = (prices.fleet[t] as number) * slotHours;
    for (let j = shareStart[t] as number; j < (shareStart[t + 1] as number); j += 1)
      rows[row++] = -(prices.earns[j] as number);
  }
  return { rows, site: prices.site.map((price) => price * slotHours) };
}
