import {
  type LimitKw,
  limitAt,
  type ProblemDocument,
  type SiteDocument,
  type VehicleDocument,
} from '../../../solver/index.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import { energyKwhOf, MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { Site } from '../../domain/station.js';
import type { ScopeAsk } from '../dispatch/scopes.js';
import type { EngineSettings } from '../settings.js';
import type { AwardConstraints } from './award-reserves.js';
import type { SessionGoal } from './goals.js';
import type { Horizon, HorizonPrices } from './price-horizon.js';
import { capsOf, commitmentOf } from './scope-parts.js';
import type { UnsteeredLoad } from './unsteered-load.js';

export interface PlanningInput {
  readonly goals: readonly SessionGoal[];
  readonly horizon: Horizon;
  readonly prices: HorizonPrices;
  readonly sites: readonly Site[];
  /** What orders ask, scope by scope. */
  readonly asks: readonly ScopeAsk[];
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
  const fleetAsk = input.asks.find((ask) => ask.siteIds === undefined);
  const commitment = commitmentOf(fleetAsk, unsteered.netKw, deviationPerKwhOf(input));
  const fleet = capsOf(fleetAsk, unsteered.netKw);
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
    sites: sites.map((site) => siteOf(site, input)),
    ...(fleet === undefined ? {} : { fleet }),
    ...(commitment === undefined ? {} : { commitment }),
    reserves: input.awards?.reserves ?? [],
  };
}

/**
 * A site's connection less what the load that nobody steers may take of it, each direction by itself, or what
 * orders on this site alone cap, whichever is tighter.
 */
function siteOf(
  site: Site,
  { asks, unsteered: { bySite }, horizon: { slots } }: PlanningInput,
): SiteDocument {
  const { siteId, importLimitKw, exportLimitKw } = site;
  const load = bySite.get(siteId);
  const left = (limitKw: number, usedKw: readonly number[] = []): number | number[] => {
    const leftKw = Array.from({ length: slots }, (_, slot) => Math.max(0, limitKw - (usedKw[slot] ?? 0)));
    return leftKw.every((kw) => kw === leftKw[0]) ? (leftKw[0] ?? limitKw) : leftKw;
  };
  const loadKw = Array.from(
    { length: slots },
    (_, slot) => (load?.importKw[slot] ?? 0) - (load?.exportKw[slot] ?? 0),
  );
  const caps = capsOf(
    asks.find(({ siteIds }) => siteIds?.size === 1 && siteIds.has(siteId)),
    loadKw,
  );
  const most = tighter(
    importLimitKw === undefined ? undefined : left(importLimitKw, load?.importKw),
    caps?.importLimitKw,
  );
  const least = tighter(
    exportLimitKw === undefined ? undefined : left(exportLimitKw, load?.exportKw),
    caps?.exportLimitKw,
  );
  return {
    id: siteId,
    ...(most === undefined ? {} : { importLimitKw: most }),
    ...(least === undefined ? {} : { exportLimitKw: least }),
  };
}

function tighter(limitKw: LimitKw | undefined, capKw: readonly number[] | undefined): LimitKw | undefined {
  return capKw === undefined ? limitKw : capKw.map((kw, slot) => Math.min(kw, limitAt(limitKw, slot)));
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

/** What a kWh of deviation from an order costs a plan. */
export function deviationPerKwhOf({ awards, settings }: Pick<PlanningInput, 'awards' | 'settings'>): number {
  return awards?.dispatchDeviationPerKwh ?? settings.dispatchDeviationPerKwh;
}
