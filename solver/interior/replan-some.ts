import type { CouplingRows } from '../coordination/coupling-rows.js';
import { type FleetModel, selectVehicles } from '../fleet-model.js';
import type { BackedPlan } from './backed-plan.js';
import { activityOfOthers } from './backed-plan.js';
import { InteriorPoint } from './interior-point.js';
import { readSchedule } from './read-point.js';
import type { KnownPrices } from './row-prices.js';
import type { ShareLayout } from './share-layout.js';

/** Iterations after which some vehicles alone get no further. */
const MOST_ITERATIONS = 40;
const SHORTEST_STEP = 1e-4;

export interface PartialReplan {
  readonly model: FleetModel;
  readonly rows: CouplingRows;
  readonly layout: ShareLayout;
  readonly held: BackedPlan;
  readonly prices: KnownPrices;
  /** The vehicles that are planned again. */
  readonly chosen: readonly number[];
  /** Products to start with. */
  readonly aim: number;
  /** Distances from the optimum, currency: where plans begin to be worth making, and where nothing is left to gain. */
  readonly lookBelow: number;
  readonly endBelow: number;
  readonly ended: () => boolean;
  /** Takes a plan and says whether it is good enough. */
  readonly consider: (plan: BackedPlan) => boolean;
}

/**
 * Plans some vehicles again among the others, which stay as they are: the interior point with the others' part of the
 * rows given. Hands every plan worth a look to `consider`.
 */
export function replanSome(task: PartialReplan): void {
  const { model, rows, layout, held, chosen, prices } = task;
  const moves = new Uint8Array(model.vehicleCount);
  for (const i of chosen) moves[i] = 1;
  const some = selectVehicles(model, chosen);
  const others = { ...activityOfOthers(model, rows, layout, held, moves), prices };
  const point = new InteriorPoint(some, rows, layout, { aim: task.aim, others });
  const good = (): boolean => {
    const change = Float64Array.from(held.change);
    const kw = Float64Array.from(held.shares.kw);
    const schedule = readSchedule(point);
    const { index, local } = point.vehicles;
    chosen.forEach((i, k) => {
      const length = (model.offset[i + 1] as number) - (model.offset[i] as number);
      const from = some.offset[k] as number;
      change.set(schedule.subarray(from, from + length), model.offset[i] as number);
      for (let t = model.firstSlot[i] as number; t < (model.endSlot[i] as number); t += 1) {
        const first = index.localAt(k, t) + 1;
        const count = (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
        kw.set(local.subarray(first, first + count), held.shares.at(i, t));
      }
    });
    return task.consider({ change, shares: { kw, at: held.shares.at } });
  };
  for (let k = 0; k < MOST_ITERATIONS && !task.ended(); k += 1) {
    if (!(point.iterate(task.ended) > SHORTEST_STEP && Number.isFinite(point.gap))) return;
    if (point.gap < task.lookBelow && good()) return;
    if (point.gap < task.endBelow) return;
  }
}
