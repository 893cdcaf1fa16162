import type { ProblemDocument, SiteDocument, VehicleDocument } from '../../../solver/index.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import { energyKwhOf, MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { Site } from '../../domain/station.js';
import type { EngineSettings } from '../settings.js';
import type { AwardConstraints } from './award-reserves.js';
import type { SessionGoal } from './goals.js';
import type { Horizon, HorizonPrices } from './price-horizon.js';
import type { UnsteeredLoad } from './unsteered-load.js';

export interface PlanningInput {
  readonly goals: readonly SessionGoal[];
  readonly horizon: Horizon;
  readonly prices: HorizonPrices;
  readonly sites: readonly Site[];
  readonly orders: readonly DispatchOrder[];
  readonly unsteered: UnsteeredLoad;
  readonly settings: EngineSettings;
  /** Absent: nothing is sold. */
  readonly awards?: AwardConstraints;
}

/** The horizon that covers all goals: whole slots from the one that contains `nowMs`. */
export function horizonFor(
  goals: readonly SessionGoal[],
  orders: readonly DispatchOrder[],
  nowMs: number,
  settings: EngineSettings,
): Horizon {
  const slotMs = settings.planSlotMinutes * MS_PER_MINUTE;
  const startMs = Math.floor(nowMs / slotMs) * slotMs;
  const limitMs = startMs + settings.maxHorizonHours * MS_PER_HOUR;
  let endMs = startMs + slotMs;
  for (const goal of goals) endMs = Math.max(endMs, goal.planUntilMs);
  for (const order of orders) endMs = Math.max(endMs, order.endMs);
  const slots = Math.ceil((Math.min(endMs, limitMs) - startMs) / slotMs);
  return { startMs, slotMinutes: settings.planSlotMinutes, slots };
}

/** The problem document (contracts: version 1) of the fleet as it stands. Vehicles carry their transaction ids. */
export function buildProblem(input: PlanningInput): ProblemDocument {
  const { horizon, prices, settings, sites, unsteered } = input;
  const siteIds = new Set<string>(sites.map((site) => site.siteId));
  const commitment = committedNetKw(input);
  return {
    version: 1,
    horizon: {
      start: new Date(horizon.startMs).toISOString(),
      slotMinutes: horizon.slotMinutes,
      slots: horizon.slots,
    },
    currency: prices.currency,
    prices: { importPerKwh: prices.importPerKwh, exportPerKwh: prices.exportPerKwh },
    shortfallPenaltyPerKwh: input.awards?.shortfallPenaltyPerKwh ?? settings.shortfallPenaltyPerKwh,
    vehicles: input.goals.map((goal) => vehicleOf(goal, horizon, siteIds, settings)),
    sites: sites.map((site) => siteOf(site, unsteered, horizon)),
    ...(commitment === undefined ? {} : { commitment }),
    reserves: input.awards?.reserves ?? [],
  };
}

/** A site's connection less what the load that nobody steers may take of it, each direction by itself. */
function siteOf(site: Site, { bySite }: UnsteeredLoad, { slots }: Horizon): SiteDocument {
  const { siteId, importLimitKw, exportLimitKw } = site;
  const load = bySite.get(siteId);
  const left = (limitKw: number, usedKw: readonly number[] = []): number | number[] => {
    const leftKw = Array.from({ length: slots }, (_, slot) => Math.max(0, limitKw - (usedKw[slot] ?? 0)));
    return leftKw.every((kw) => kw === leftKw[0]) ? (leftKw[0] ?? limitKw) : leftKw;
  };
  return {
    id: siteId,
    ...(importLimitKw === undefined ? {} : { importLimitKw: left(importLimitKw, load?.importKw) }),
    ...(exportLimitKw === undefined ? {} : { exportLimitKw: left(exportLimitKw, load?.exportKw) }),
  };
}

function vehicleOf(
  goal: SessionGoal,
  horizon: Horizon,
  siteIds: ReadonlySet<string>,
  settings: EngineSettings,
): VehicleDocument {
  const { session } = goal;
  const slotMs = horizon.slotMinutes * MS_PER_MINUTE;
  // A window that ends inside a slot loses that slot, except when it is the only one.
  const endSlot = Math.min(
    horizon.slots,
    Math.max(1, Math.floor((goal.planUntilMs - horizon.startMs) / slotMs)),
  );
  // Who charges at once has a window as long as full power takes, so only whole slots of it can be asked.
  const fullPowerKwh =
    goal.storedKwh + endSlot * energyKwhOf(goal.maxChargeKw, slotMs) * settings.chargeEfficiency;
  return {
    id: session.transactionId,
    ...(session.siteId !== undefined && siteIds.has(session.siteId) ? { siteId: session.siteId } : {}),
    firstSlot: 0,
    endSlot,
    energyKwh: goal.storedKwh,
    minEnergyKwh: goal.minEnergyKwh,
    maxEnergyKwh: goal.maxEnergyKwh,
    targetEnergyKwh:
      goal.chargeNow === undefined ? goal.targetEnergyKwh : Math.min(goal.targetEnergyKwh, fullPowerKwh),
    maxChargeKw: goal.maxChargeKw,
    maxDischargeKw: goal.maxDischargeKw,
    chargeEfficiency: settings.chargeEfficiency,
    dischargeEfficiency: settings.dischargeEfficiency,
    wearPerKwh: settings.wearPerKwh,
  };
}

/**
 * What dispatch orders ask of the steerable part of the fleet, per slot. A slot belongs to an order when
 * the order covers its middle; where orders overlap the newest wins.
 */
function committedNetKw(input: PlanningInput): ProblemDocument['commitment'] {
  const { horizon, orders, unsteered, settings } = input;
  const slotMs = horizon.slotMinutes * MS_PER_MINUTE;
  const netKw = new Array<number | null>(horizon.slots).fill(null);
  const deviationPerKwh = input.awards?.dispatchDeviationPerKwh ?? settings.dispatchDeviationPerKwh;
  let isAny = false;
  for (const order of [...orders].sort((a, b) => a.createdAtMs - b.createdAtMs)) {
    for (let slot = 0; slot < horizon.slots; slot++) {
      const middleMs = horizon.startMs + (slot + 0.5) * slotMs;
      if (middleMs < order.startMs || middleMs >= order.endMs) continue;
      const askedKw = askedNetKwAt(order, middleMs);
      if (askedKw === undefined) continue;
      netKw[slot] = askedKw - (unsteered.netKw[slot] ?? 0);
      isAny = true;
    }
  }
  return isAny ? { netKw, deviationPerKwh } : undefined;
}

/** Net power that an order asks of the whole fleet at an instant, kW; undefined outside its time. */
export function askedNetKwAt(order: DispatchOrder, atMs: number): number | undefined {
  if (atMs < order.startMs || atMs >= order.endMs) return undefined;
  if (order.targetNetKw !== undefined) return order.targetNetKw;
  let askedKw: number | undefined;
  for (const step of order.askedNetKw) {
    if (step.startMs > atMs) break;
    askedKw = step.netKw;
  }
  return askedKw;
}
