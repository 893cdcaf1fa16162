import type { FleetModel } from '../fleet-model.js';
import type { Stiffness } from './vehicle-sweeps.js';

/**
 * How much a price rises when all vehicles of the fleet together draw their full power more, relative to the mean
 * price level; tried from 0.3 to 4 on commitment-coupled fleets of 20 to 100,000 vehicles, 1 was best at most sizes.
 */
const FLEET_FACTOR = 1;
/** The same for a site; 0.12 to 0.25 were best on sites of 20 vehicles at price levels near 0.2. */
const SITE_FACTOR = 0.2;
/** Price level, currency per kWh, to which the factors above were tuned. */
const TUNED_LEVEL = 0.2;

/** Curvature of the smoothed rows, (23), scaled to the fleet, its sites and the level of the prices. */
export function createStiffness(model: FleetModel, siteCount: number, softPerKwh: number): Stiffness {
  let level = softPerKwh;
  for (let t = 0; t < model.slotCount; t += 1) {
    level +=
      (Math.abs(model.importPerKwh[t] as number) + Math.abs(model.exportPerKwh[t] as number)) /
      2 /
      model.slotCount;
  }
  const scale = Math.max(level, 1e-3) / TUNED_LEVEL;
  let fleetKw = 0;
  const siteKw = new Float64Array(siteCount);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const kw = (model.chargeKwh[i] as number) / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const site = model.siteIndex[i] as number;
    fleetKw += kw;
    if (site >= 0) siteKw[site] = (siteKw[site] as number) + kw;
  }
  return {
    fleet: (FLEET_FACTOR * scale) / Math.max(fleetKw, 1),
    site: siteKw.map((kw) => (SITE_FACTOR * scale) / Math.max(kw, 1)),
  };
}
