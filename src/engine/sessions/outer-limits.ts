import type { EvseId, StationId } from '../../domain/ids.js';
import type { EngineSettings } from '../settings.js';
import { describedCapabilityOf, type EngineState, evsesOf, evsesOfSite } from '../state.js';

/**
 * The most that a station may import, whatever it is told, kW: what its EVSEs are rated for together, and
 * never more than its site's grid connection. Undefined while neither is known.
 */
export function stationMaxKw(state: EngineState, stationId: StationId): number | undefined {
  const ratings = evsesOf(state, stationId).map(
    (evseId) => describedCapabilityOf(state, stationId, evseId).maxChargeKw,
  );
  const isRated = ratings.every((ratingKw) => ratingKw !== undefined);
  const ratedKw = isRated ? ratings.reduce((sum, ratingKw) => sum + (ratingKw ?? 0), 0) : undefined;
  const siteKw = siteOf(state, stationId)?.importLimitKw;
  const knownKw = [ratedKw, siteKw].filter((kw) => kw !== undefined);
  return knownKw.length === 0 ? undefined : Math.min(...knownKw);
}

/**
 * Phases that the station's import is spread over: three, but for fewer EVSEs of one phase each. What a limit of
 * the whole station in A stands for.
 */
export function stationPhases(state: EngineState, stationId: StationId): 1 | 2 | 3 {
  const phases = evsesOf(state, stationId).map(
    (evseId) => describedCapabilityOf(state, stationId, evseId).phases ?? 3,
  );
  const used = phases.reduce((sum, one) => sum + one, 0);
  return used === 1 || used === 2 ? used : 3;
}

/**
 * What an EVSE charges with at most when no plan of ours is in force, kW: its rating, and on a site with a
 * limited grid connection its equal share of that, so that all together cannot overload it when we are silent.
 */
export function fallbackKw(
  state: EngineState,
  settings: EngineSettings,
  stationId: StationId,
  evseId: EvseId,
): number {
  const ratedKw = describedCapabilityOf(state, stationId, evseId).maxChargeKw ?? settings.defaultChargeKw;
  const site = siteOf(state, stationId);
  if (site?.importLimitKw === undefined) return ratedKw;
  return Math.min(ratedKw, site.importLimitKw / Math.max(1, evsesOfSite(state, site.siteId).length));
}

function siteOf(state: EngineState, stationId: StationId) {
  const siteId = state.stations.get(stationId)?.station.siteId;
  return siteId === undefined ? undefined : state.sites.get(siteId);
}
