import type { ProblemDocument } from '../../../solver/index.js';
import { awardedKwOf, type Bid } from '../../domain/bid.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import type { SiteId } from '../../domain/ids.js';
import type { PriceBasis, ZoneBasis } from '../../domain/plan.js';
import type { Session } from '../../domain/session.js';
import { scopeAsks } from '../dispatch/scopes.js';
import { type SitePrices, sitePricesOver } from '../prices/site-prices.js';
import type { EngineSettings } from '../settings.js';
import { capabilityOf, type EngineState, sessionsAtEvses } from '../state.js';
import { type AwardConstraints, awardConstraints, reserveScopesOf } from './award-reserves.js';
import { goalOf, type SessionGoal } from './goals.js';
import type { Horizon, HorizonPrices } from './price-horizon.js';
import { buildProblem, deviationPerKwhOf, horizonFor } from './problem.js';
import { scopeParts } from './scope-parts.js';
import type { ScopePart } from './solve-scopes.js';
import { unsteeredNow, withSeenPowers } from './steering.js';
import { storedNowKwh } from './stored-energy.js';
import {
  ignoringKw,
  offlineKw,
  steadyKw,
  type UnsteeredLoad,
  type UnsteeredSession,
  unsteeredLoad,
} from './unsteered-load.js';

/** Everything that one plan is made from, as the working memory has it. */
export interface PreparedPlan {
  /** Of the sessions that are steered. */
  readonly goals: readonly SessionGoal[];
  /** Of those that follow nothing at present: they are told to charge. */
  readonly ignoring: readonly SessionGoal[];
  /** All that are not steered, and what they are expected to do. */
  readonly unsteeredSessions: readonly UnsteeredSession[];
  readonly orders: readonly DispatchOrder[];
  readonly startMs: number;
  readonly prices: HorizonPrices;
  readonly priceBasis: PriceBasis;
  readonly unsteered: UnsteeredLoad;
  readonly problem: ProblemDocument;
  /** Groups that are planned one after the other; empty = the whole fleet at once. */
  readonly parts: readonly ScopePart[];
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
  if (goal === undefined) return undefined;
  const unsteered = unsteeredNow(state, session, nowMs);
  const atSite = site?.importLimitKw === undefined ? goal : { ...goal, isSiteLimited: true };
  const seen = withSeenPowers(atSite, state, nowMs);
  return unsteered === undefined ? seen : { ...seen, unsteered };
}

/** The goals of all sessions, by transaction id: the order of vehicles must not depend on that of messages. */
export function goalsNow(state: EngineState, settings: EngineSettings, nowMs: number): SessionGoal[] {
  const found: SessionGoal[] = [];
  for (const session of sessionsAtEvses(state)) {
    const goal = goalNow(state, settings, session, nowMs);
    if (goal !== undefined) found.push(goal);
  }
  return found.sort((a, b) => (a.session.transactionId < b.session.transactionId ? -1 : 1));
}

/** Orders that ask for something from `nowMs` on. */
export function standingOrders(state: EngineState, nowMs: number): DispatchOrder[] {
  return [...state.orders.values()].filter((order) => order.endMs > nowMs && order.state !== 'cancelled');
}

/** The next plan's input. `extra` are orders that are not placed yet, for a preview. */
export function preparePlan(
  state: EngineState,
  settings: EngineSettings,
  nowMs: number,
  extra: readonly DispatchOrder[] = [],
): PreparedPlan {
  const allGoals = goalsNow(state, settings, nowMs);
  const goals = allGoals.filter((goal) => goal.unsteered === undefined);
  const orders = [...standingOrders(state, nowMs), ...extra];
  const horizon = horizonFor(allGoals, orders, nowMs, settings);
  const pricesAt = sitePricesOver(state, horizon);
  const { main, elsewhere } = pricesOfGoals(goals, pricesAt);
  const prices = main.prices;
  const unsteeredSessions = expectedSessions(state, settings, allGoals, horizon, nowMs);
  const unsteered = unsteeredLoad(unsteeredSessions, horizon.slots);
  const sites = [...state.sites.values()];
  const awarded = [...state.bids.values()].filter((bid) => awardedKwOf(bid) > 0 && bid.endMs > nowMs);
  const awards = awardConstraints(awarded, orders, horizon, settings);
  const asks = scopeAsks(orders, horizon);
  const problem = buildProblem({ goals, horizon, prices, sites, asks, unsteered, settings, awards });
  const deviationPerKwh = deviationPerKwhOf({ awards, settings });
  const reserveScopes = reserveScopesOf(awarded, problem.reserves);
  const parts = scopeParts({
    problem,
    asks,
    goals,
    unsteeredSessions,
    deviationPerKwh,
    reserveScopes,
    ...(elsewhere.size === 0 ? {} : { pricesAt }),
  });
  const priceBasis: PriceBasis = {
    ...zoneBasisOf(main),
    kind: settings.priceKind,
    ...(elsewhere.size === 0
      ? {}
      : { elsewhere: [...elsewhere].map(([group, siteIds]) => ({ ...zoneBasisOf(group), siteIds })) }),
  };
  return {
    goals,
    ignoring: allGoals.filter((goal) => goal.unsteered?.why === 'ignoring'),
    unsteeredSessions,
    orders,
    startMs: horizon.startMs,
    prices,
    priceBasis,
    unsteered,
    problem,
    parts,
    awarded,
    awards,
  };
}

/**
 * The prices that stand for the plan: those of EVSEs on no site where one of them is planned or nothing is, else
 * those of most sessions. `elsewhere` are the others, with the sites at which they hold.
 */
function pricesOfGoals(
  goals: readonly SessionGoal[],
  pricesAt: (siteId: SiteId | undefined) => SitePrices,
): { main: SitePrices; elsewhere: ReadonlyMap<SitePrices, readonly SiteId[]> } {
  const usual = pricesAt(undefined);
  const groups = new Map<SitePrices, { count: number; siteIds: Set<SiteId> }>();
  for (const { session } of goals) {
    const prices = pricesAt(session.siteId);
    const group = groups.get(prices) ?? { count: 0, siteIds: new Set() };
    group.count += 1;
    if (session.siteId !== undefined) group.siteIds.add(session.siteId);
    groups.set(prices, group);
  }
  const most = [...groups].sort(([, a], [, b]) => b.count - a.count)[0];
  const main = groups.has(usual) || most === undefined ? usual : most[0];
  groups.delete(main);
  return {
    main,
    elsewhere: new Map([...groups].map(([prices, { siteIds }]) => [prices, [...siteIds].sort()])),
  };
}

function zoneBasisOf({ zone, source, prices, tariffIds }: SitePrices): ZoneBasis {
  return { zone, source, bridges: prices.bridges ?? [], ...(tariffIds.length === 0 ? {} : { tariffIds }) };
}

/** Sessions without a goal draw what they draw; those out of reach, or that follow nothing, what is to be expected. */
function expectedSessions(
  state: EngineState,
  settings: EngineSettings,
  goals: readonly SessionGoal[],
  horizon: Horizon,
  nowMs: number,
): UnsteeredSession[] {
  const goalById = new Map(goals.map((goal) => [goal.session.transactionId, goal]));
  const found: UnsteeredSession[] = [];
  for (const session of sessionsAtEvses(state)) {
    const goal = goalById.get(session.transactionId);
    if (goal === undefined) {
      found.push({ session, netKw: steadyKw(session, horizon.slots) });
      continue;
    }
    const { unsteered } = goal;
    if (unsteered === undefined) continue;
    const facts = { horizon, nowMs, efficiency: settings };
    if (unsteered.why === 'offline') {
      const { evseId, stationId } = session;
      const netKw = offlineKw(goal, {
        ...facts,
        inForce: state.inForce.get(evseId),
        capability: capabilityOf(state, stationId, evseId, nowMs),
        sinceMs: unsteered.sinceMs,
      });
      const reason =
        'The station is out of reach: its last profile runs out, then it charges by its default.';
      found.push({ session, netKw, reason });
    } else {
      const reason = `The station follows nothing (${unsteered.reason}): it is left alone for a while.`;
      const mayTakeKw = goal.storedKwh < goal.maxEnergyKwh ? (goal.ratedChargeKw ?? goal.maxChargeKw) : 0;
      found.push({ session, netKw: ignoringKw(goal, facts), reason, mayTakeKw });
    }
  }
  return found.sort((a, b) => (a.session.transactionId < b.session.transactionId ? -1 : 1));
}
