import { ChainKernel } from './chain-kernel.js';
import { createFleetModel } from './fleet-model.js';
import { holdShares, sharesHeld } from './hold-shares.js';
import type { VehiclePlan } from './plan.js';
import { limitAt, type ProblemDocument, type VehicleDocument } from './problem.js';
import { netKwOf } from './schedule.js';
import type { WarmStart } from './warm-start.js';

/** Plans single vehicles against a plan in force. */
export interface Replanner {
  /**
   * The vehicle's best schedule at the prices in force, within what the other vehicles leave of the site's and the
   * fleet's limits; takes the place of the schedule that the vehicle had. No other schedule changes. Shares of reserves
   * that the vehicle held stay as they are, or as large as it can still back; a new vehicle holds none.
   */
  replan(vehicle: VehicleDocument): VehiclePlan;
}

/** Limits are aimed at from this far inside, kW. */
const LIMIT_MARGIN_KW = 1e-8;

/**
 * Starts from a solved problem and what its solve returned as `warm`. Linear in vehicles once; a `replan` then costs
 * some microseconds per slot whatever the size of the fleet. Vehicles may be new to the problem; their site may not.
 */
export function createReplanner(problem: ProblemDocument, warm: WarmStart): Replanner {
  const slots = problem.horizon.slots;
  const kernel = new ChainKernel(slots);
  const fleetKw = Float64Array.from(warm.plan.fleet.netKw);
  const siteById = new Map(problem.sites.map((site) => [site.id, site]));
  const siteKw = new Map(problem.sites.map(({ id }) => [id, new Float64Array(slots)]));
  const pricesOfSite = new Map(warm.sites.map(({ id, perKwh }) => [id, perKwh]));
  const held = new Map<string, { vehicle: VehicleDocument; plan: Pick<VehiclePlan, 'netKw' | 'reserves'> }>();

  const addLoad = (vehicle: VehicleDocument, netKw: readonly number[], sign: 1 | -1): void => {
    const site = vehicle.siteId === undefined ? undefined : siteKw.get(vehicle.siteId);
    netKw.forEach((kw, k) => {
      const t = vehicle.firstSlot + k;
      fleetKw[t] = (fleetKw[t] as number) + sign * kw;
      if (site !== undefined) site[t] = (site[t] as number) + sign * kw;
    });
  };
  problem.vehicles.forEach((vehicle, i) => {
    const plan = warm.plan.vehicles[i] ?? { netKw: [] };
    const { netKw } = plan;
    held.set(vehicle.id, { vehicle, plan });
    const site = vehicle.siteId === undefined ? undefined : siteKw.get(vehicle.siteId);
    netKw.forEach((kw, k) => {
      const t = vehicle.firstSlot + k;
      if (site !== undefined) site[t] = (site[t] as number) + kw;
    });
  });

  return {
    replan(vehicle) {
      const earlier = held.get(vehicle.id);
      if (earlier !== undefined) addLoad(earlier.vehicle, earlier.plan.netKw, -1);
      const site = vehicle.siteId === undefined ? undefined : siteById.get(vehicle.siteId);
      const model = createFleetModel({
        ...problem,
        vehicles: [vehicle],
        sites: site === undefined ? [] : [site],
      });
      const added = pricesOfSite.get(vehicle.siteId ?? '');
      const importPerKwh = model.importPerKwh.map((price, t) => price + priceAt(warm, added, t));
      const exportPerKwh = model.exportPerKwh.map((price, t) => price + priceAt(warm, added, t));
      const length = vehicle.endSlot - vehicle.firstSlot;
      const mostIn = new Float64Array(length);
      const mostOut = new Float64Array(length);
      for (let k = 0; k < length; k += 1) {
        const t = vehicle.firstSlot + k;
        const siteNow = siteKw.get(vehicle.siteId ?? '')?.[t] ?? 0;
        const fleetNow = fleetKw[t] as number;
        const importKw = Math.min(
          vehicle.maxChargeKw,
          limitAt(problem.fleet?.importLimitKw, t) - fleetNow - LIMIT_MARGIN_KW,
          limitAt(site?.importLimitKw, t) - siteNow - LIMIT_MARGIN_KW,
        );
        const exportKw = Math.min(
          vehicle.maxDischargeKw,
          limitAt(problem.fleet?.exportLimitKw, t) + fleetNow - LIMIT_MARGIN_KW,
          limitAt(site?.exportLimitKw, t) + siteNow - LIMIT_MARGIN_KW,
        );
        mostIn[k] = Math.max(0, importKw) * model.slotHours * vehicle.chargeEfficiency;
        mostOut[k] = (Math.max(0, exportKw) * model.slotHours) / vehicle.dischargeEfficiency;
      }
      const prices = { importPerKwh, exportPerKwh };
      const shares = sharesHeld(problem, vehicle, earlier);
      const holds = Object.values(shares).some(({ upKw, downKw }) =>
        [...upKw, ...downKw].some((kw) => kw > 0),
      );
      const keeping = holds
        ? holdShares(problem, model, vehicle, shares, prices, mostIn, mostOut)
        : undefined;
      const change = keeping?.change ?? new Float64Array(length);
      if (keeping === undefined)
        kernel.solveCapped(model, 0, importPerKwh, exportPerKwh, mostIn, mostOut, true, change, 0);
      const netKw = Array.from(change, (moved) => netKwOf(model, 0, moved));
      const energy = change.reduce((sum, moved) => sum + moved, vehicle.energyKwh);
      const plan: VehiclePlan = {
        id: vehicle.id,
        netKw,
        shortfallKwh: Math.max(0, vehicle.targetEnergyKwh - energy),
        ...(problem.reserves.length === 0 ? {} : { reserves: keeping?.reserves ?? shares }),
      };
      addLoad(vehicle, netKw, 1);
      held.set(vehicle.id, { vehicle, plan });
      return plan;
    },
  };
}

function priceAt({ fleetPerKwh }: WarmStart, sitePerKwh: readonly number[] | undefined, t: number): number {
  return (fleetPerKwh[t] ?? 0) + (sitePerKwh?.[t] ?? 0);
}
