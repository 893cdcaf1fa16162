import type { FleetModel } from '../fleet-model.js';

/** Vehicles that share columns in the master problem, called parts there. */
export interface VehicleGroups {
  /** Part of each vehicle. */
  readonly groupOf: Int32Array;
  readonly count: number;
  /** Site whose limits tie the part to the site's other parts, −1 for none. */
  readonly siteOf: Int32Array;
}

/** Parts in all that a master problem may have before it gets slow. */
const MOST_PARTS = 100;
/** Of vehicles without a site; tried 20 to 80 on fleets of 1,000: fewer make poor columns, more a slow master. */
const PLAIN_PARTS = 40;
/** Up to this many vehicles each are a part of their own. */
const MOST_SINGLE = 60;

/** Some parts per site; vehicles without one in even shares of the document order. */
export function assignGroups(model: FleetModel, siteCount: number): VehicleGroups {
  const members: number[][] = Array.from({ length: siteCount }, () => []);
  const loose: number[] = [];
  for (let i = 0; i < model.vehicleCount; i += 1) (members[model.siteIndex[i] as number] ?? loose).push(i);
  const groupOf = new Int32Array(model.vehicleCount);
  const siteOf: number[] = [];
  const split = (list: readonly number[], parts: number, site: number): void => {
    const from = siteOf.length;
    list.forEach((i, k) => {
      groupOf[i] = from + Math.floor((k * parts) / list.length);
    });
    for (let part = 0; part < parts; part += 1) siteOf.push(site);
  };
  const perSite = Math.max(1, Math.floor(MOST_PARTS / Math.max(1, siteCount)));
  members.forEach((list, site) => {
    split(list, Math.min(list.length, perSite), site);
  });
  split(loose, loose.length <= MOST_SINGLE ? loose.length : PLAIN_PARTS, -1);
  return { groupOf, count: siteOf.length, siteOf: Int32Array.from(siteOf) };
}
