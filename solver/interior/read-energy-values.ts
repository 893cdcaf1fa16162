import type { FleetModel } from '../fleet-model.js';
import type { PriceStep } from './row-prices.js';
import type { ShareLayout } from './share-layout.js';
import { lacksDown, lacksUp, SLOT_BOUNDS } from './slot-bounds.js';
import type { VehiclePoint } from './vehicle-point.js';

/**
 * What a stored kWh of vehicle `i` is worth after each slot of its window, (30): what the next slot gives for it by
 * its own multipliers, and after the last one what it saves of a shortfall. Flat as in FleetModel.
 */
export function readEnergyValues(
  model: FleetModel,
  layout: ShareLayout,
  point: VehiclePoint,
  i: number,
  prices: PriceStep,
  values: Float64Array,
): void {
  const first = model.firstSlot[i] as number;
  const end = model.endSlot[i] as number;
  const site = model.siteIndex[i] as number;
  const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
  if (first === end) return;
  for (let t = first + 1; t < end; t += 1) {
    const at = (model.offset[i] as number) + t - first;
    const z = (j: number): number => point.dual[SLOT_BOUNDS * at + j] as number;
    let net = layout.netRow[t] === 1 ? (prices.rows[layout.rowStart[t] as number] as number) : 0;
    if (site >= 0) net += prices.site[site * layout.slotCount + t] as number;
    const sell =
      ((model.exportPerKwh[t] as number) - (model.wearPerKwh[i] as number)) *
      (model.dischargeEfficiency[i] as number);
    const upHeld = lacksUp(layout, t) ? 0 : 1;
    const downHeld = lacksDown(layout, t) ? 0 : 1;
    values[at - 1] =
      sell +
      net * perOut +
      z(2) -
      z(3) -
      perOut * (upHeld * z(6) - downHeld * z(9)) +
      upHeld * z(7) -
      downHeld * z(10);
  }
  values[(model.offset[i + 1] as number) - 1] = point.shortDual[2 * i + 1] as number;
}
