import type { ProblemDocument } from '../../../solver/index.js';
import type { Bid } from '../../domain/bid.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import type { SiteId } from '../../domain/ids.js';
import type { Session } from '../../domain/session.js';
import type { EngineSettings } from '../settings.js';
import { capabilityOf, type EngineState } from '../state.js';
import { type AwardConstraints, awardConstraints } from './award-reserves.js';
import { goalOf, type SessionGoal } from './goals.js';
import { type HorizonPrices, pricesOver } from './price-horizon.js';
import { buildProblem, horizonFor, type UncontrolledLoad } from './problem.js';
import { storedNowKwh } from './stored-energy.js';

/** Everything that one plan is made from, as the working memory has it. */
export interface PreparedPlan {
  readonly goals: readonly SessionGoal[];
  readonly orders: readonly DispatchOrder[];
  readonly startMs: number;
  readonly prices: HorizonPrices;
  readonly uncontrolled: UncontrolledLoad;
  readonly problem: ProblemDocument;
  /** Awards whose block is not over, and what they add to the problem. */
  readonly awarded: readonly Bid[];
  readonly awards: AwardConstraints;
}

/** The goal of one session as the next plan would see it; undefined when it has no needs. */
export function goalNow(
  state: EngineState,
  settings: EngineSettings,
  session: Session,
  nowMs: number,
): SessionGoal | undefined {
  const storedKwh = storedNowKwh(session, state.inForce.get(session.evseId), nowMs, settings);
  if (storedKwh === undefined) return undefined;
  const capability = capabilityOf(state, session.stationId, session.evseId, nowMs);
  const goal = goalOf(session, capability, storedKwh, nowMs, settings);
  const site = session.siteId === undefined ? undefined : state.sites.get(session.siteId);
  if (goal === undefined || site?.importLimitKw === undefined) return goal;
  return { ...goal, isSiteLimited: true };
}

/** The goals of all sessions, by transaction id: the order of vehicles must not depend on that of messages. */
export function goalsNow(state: EngineState, settings: EngineSettings, nowMs: number): SessionGoal[] {
  const found: SessionGoal[] = [];
  for (const session of state.sessions.values()) {
    const goal = goalNow(state, settings, session, nowMs);
    if (goal !== undefined) found.push(goal);
  }
  return found.sort((a, b) => (a.session.transactionId < b.session.transactionId ? -1 : 1));
}

/** The next plan's input. `extra` are orders that are not placed yet, for a preview. */
export function preparePlan(
  state: EngineState,
  settings: EngineSettings,
  nowMs: number,
  extra: readonly DispatchOrder[] = [],
): PreparedPlan {
  const goals = goalsNow(state, settings, nowMs);
  const orders = [...state.orders.values(), ...extra].filter(
    (order) => order.endMs > nowMs && order.state !== 'cancelled',
  );
  const horizon = horizonFor(goals, orders, nowMs, settings);
  const prices = pricesOver(horizon, state.prices);
  const uncontrolled = uncontrolledLoad(state, goals);
  const sites = [...state.sites.values()];
  const awarded = [...state.bids.values()].filter((bid) => bid.award !== undefined && bid.endMs > nowMs);
  const awards = awardConstraints(awarded, orders, horizon, settings);
  const problem = buildProblem({ goals, horizon, prices, sites, orders, uncontrolled, settings, awards });
  return { goals, orders, startMs: horizon.startMs, prices, uncontrolled, problem, awarded, awards };
}

/** Sessions without a goal draw what they draw; the plan can only count with it. */
function uncontrolledLoad(state: EngineState, goals: readonly SessionGoal[]): UncontrolledLoad {
  const steeredIds = new Set(goals.map((goal) => goal.session.transactionId));
  const importKwBySite = new Map<SiteId, number>();
  let netKw = 0;
  for (const session of state.sessions.values()) {
    if (steeredIds.has(session.transactionId)) continue;
    const { importKw, exportKw } = session.books;
    netKw += importKw - exportKw;
    if (session.siteId !== undefined) {
      importKwBySite.set(session.siteId, (importKwBySite.get(session.siteId) ?? 0) + importKw);
    }
  }
  return { netKw, importKwBySite };
}
