import type { EvseId, SiteId } from '../../domain/ids.js';
import type { FleetSnapshot } from '../../ports/use-cases.js';
import type { SessionGoal } from '../planning/goals.js';
import { plannedNetKwAt } from '../planning/plan-slots.js';
import { priceAt } from '../planning/price-horizon.js';
import type { EngineState } from '../state.js';

/** Energy margin at which a battery counts as at its floor or ceiling, kWh. */
const EDGE_KWH = 0.05;

/** The fleet at `nowMs` from the last meter readings, the sessions' goals and the plan in force. */
export function fleetSnapshot(
  state: EngineState,
  goals: readonly SessionGoal[],
  nowMs: number,
  stationsOnline: number,
): FleetSnapshot {
  let importKw = 0;
  let exportKw = 0;
  const sites = new Map<SiteId, { importKw: number; exportKw: number }>();
  const evses: { evseId: EvseId; importKw: number; exportKw: number }[] = [];
  for (const session of state.sessions.values()) {
    const { books, evseId, siteId } = session;
    importKw += books.importKw;
    exportKw += books.exportKw;
    evses.push({ evseId, importKw: books.importKw, exportKw: books.exportKw });
    if (siteId !== undefined) {
      const site = sites.get(siteId) ?? { importKw: 0, exportKw: 0 };
      sites.set(siteId, {
        importKw: site.importKw + books.importKw,
        exportKw: site.exportKw + books.exportKw,
      });
    }
  }
  const price = priceAt(state.prices, nowMs);
  const flex = flexibilityOf(goals);
  return {
    atMs: nowMs,
    stationsOnline,
    stationsKnown: state.stations.size,
    sessionsActive: state.sessions.size,
    importKw,
    exportKw,
    netKw: importKw - exportKw,
    importKwhTotal: state.importWhTotal / 1000,
    exportKwhTotal: state.exportWhTotal / 1000,
    storedKwh: goals.reduce((sum, goal) => sum + goal.storedKwh, 0),
    ...flex,
    plannedNetKw: state.plan === undefined ? null : (plannedNetKwAt(state.plan, nowMs) ?? null),
    importPerKwh: price?.importPerKwh ?? null,
    exportPerKwh: price?.exportPerKwh ?? null,
    currency: price?.currency ?? null,
    sites: [...sites].map(([siteId, powers]) => ({ siteId, ...powers })),
    evses: evses.sort((a, b) => (a.evseId < b.evseId ? -1 : 1)),
  };
}

/**
 * How far the cars that can be steered could move the fleet's net power at once, kW ≥ 0: up = towards export (charging
 * stops, discharge to the limit where energy is above the floor), down = towards import.
 */
export function flexibilityOf(goals: readonly SessionGoal[]): { flexUpKw: number; flexDownKw: number } {
  let flexUpKw = 0;
  let flexDownKw = 0;
  for (const goal of goals) {
    if (goal.unsteered !== undefined) continue;
    const { books } = goal.session;
    const netKw = books.importKw - books.exportKw;
    const lowestKw = goal.storedKwh > goal.minEnergyKwh + EDGE_KWH ? -goal.maxDischargeKw : 0;
    const highestKw = goal.storedKwh < goal.maxEnergyKwh - EDGE_KWH ? goal.maxChargeKw : 0;
    flexUpKw += Math.max(0, netKw - lowestKw);
    flexDownKw += Math.max(0, highestKw - netKw);
  }
  return { flexUpKw, flexDownKw };
}
