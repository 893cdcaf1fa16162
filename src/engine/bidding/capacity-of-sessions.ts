import type { MarketProduct } from '../../domain/market-product.js';
import type { Session } from '../../domain/session.js';
import type { EvseCapability, Site } from '../../domain/station.js';
import { goalOf } from '../planning/goals.js';
import type { EngineSettings } from '../settings.js';
import type { SiteLimitsKw } from './pool-capacity.js';
import type { CapacitySession } from './session-capacity.js';

/**
 * A session of the books as its capacity counts: with the powers, floor, ceiling and target that the planner
 * would have used. One without needs or departure, or opted out, holds nothing ready but belongs to the pool.
 * The end is that of the books; an active session is still there.
 */
export function capacitySessionOf(
  session: Session,
  capability: EvseCapability,
  settings: EngineSettings,
): CapacitySession {
  const common = {
    place: session.evseId,
    ...(session.siteId === undefined ? {} : { siteId: session.siteId }),
    startMs: session.startedAtMs,
    endMs: session.endedAtMs ?? Number.POSITIVE_INFINITY,
  };
  const storedKwh = session.window?.energyAtStatedKwh ?? 0;
  const goal = goalOf(session, capability, storedKwh, session.startedAtMs, settings);
  if (goal === undefined || goal.chargeNow !== undefined) {
    return {
      ...common,
      energyAtStartKwh: 0,
      minEnergyKwh: 0,
      maxEnergyKwh: 0,
      targetEnergyKwh: 0,
      maxChargeKw: 0,
      maxDischargeKw: 0,
    };
  }
  return {
    ...common,
    energyAtStartKwh: storedKwh,
    minEnergyKwh: goal.minEnergyKwh,
    maxEnergyKwh: goal.maxEnergyKwh,
    targetEnergyKwh: goal.targetEnergyKwh,
    maxChargeKw: goal.maxChargeKw,
    maxDischargeKw: goal.maxDischargeKw,
  };
}

/** What the sites' connections let a product hold, kW sold: export for up, import for down, the less of both. */
export function siteLimitsOf(sites: Iterable<Site>, product: MarketProduct): SiteLimitsKw {
  const limits = new Map<string, number>();
  for (const site of sites) {
    const upKw = product.direction === 'down' ? undefined : site.exportLimitKw;
    const downKw = product.direction === 'up' ? undefined : site.importLimitKw;
    if (upKw === undefined && downKw === undefined) continue;
    limits.set(site.siteId, Math.min(upKw ?? Infinity, downKw ?? Infinity) / product.powerFactor);
  }
  return limits;
}
