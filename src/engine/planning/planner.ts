import type { DispatchOrder } from '../../domain/dispatch.js';
import { asPlanId, type BidId } from '../../domain/ids.js';
import type { Plan, PlanCause } from '../../domain/plan.js';
import { profilePowerKwAt } from '../../domain/profile.js';
import type { Session } from '../../domain/session.js';
import { holding } from '../../ports/clock.js';
import type { EngineContext } from '../context.js';
import { type ProfileContent, periodsLimit, profileContent } from '../dispatch/desired-profile.js';
import { unsteeredProfile } from '../dispatch/unsteered-profile.js';
import { createTurns } from '../in-turn.js';
import { capabilityOf } from '../state.js';
import { HELD_TOLERANCE, shortagesNow } from './award-reserves.js';
import type { SessionGoal } from './goals.js';
import { documentOf, madePlan, summaryOf } from './made-plan.js';
import { orderSpans } from './order-spans.js';
import { slotStartMs } from './plan-slots.js';
import { goalNow, goalsNow, type PreparedPlan, preparePlan, standingOrders } from './planning-input.js';
import { type ScopedResult, solveScopes, type WarmStarts } from './solve-scopes.js';

/** A plan that failed is tried again after this time, should nothing else ask for one before. */
const RETRY_MS = 15_000;

/** Half of the time in which an EV wants its profile. */
const LATE_AFTER_MS = 30_000;

/** Keeps the fleet planned: on a fixed beat and whenever something changed. One plan at a time. */
export interface Planner {
  /** Asks for a plan soon; causes that come together make one plan. */
  request(cause: PlanCause): void;
  /**
   * Shares out over the cars at once what orders ask that the plan in force does not know, up to the dead-man
   * time from now, beside a solve that may be under way; the next plan does it properly.
   */
  bridge(): void;
  start(): void;
  stop(): Promise<void>;
  /** The goals of all sessions as the next plan would see them. */
  goals(nowMs: number): SessionGoal[];
  /** The goal of one session; undefined when it has no needs. */
  goal(session: Session, nowMs: number): SessionGoal | undefined;
  /** Solves as the next plan would, with `extra` orders beside the placed ones, without any effect. */
  tryOut(extra: readonly DispatchOrder[]): Promise<{ prepared: PreparedPlan; result: ScopedResult }>;
  /** No plan comes out at the moment, or the one in work takes long: who waits for one waits in vain. */
  isLate(): boolean;
  /** Whether plans come out; not ok before the first. */
  health(): { ok: boolean; detail: string };
}

export function createPlanner(
  context: EngineContext,
  parts: {
    beforeChange: () => void;
    publish: (contents: readonly ProfileContent[], causes: readonly PlanCause[]) => Promise<unknown>;
    /** A plan is in force and its profiles are on their way; `orders` are those that it was made with. */
    planned: (orders: readonly DispatchOrder[]) => void;
  },
): Planner {
  const { clock, store, state, settings, metrics, logger, announcer, secrets, stopwatchMs } = context;
  const causes = new Set<PlanCause>();
  const abort = new AbortController();
  let warm: WarmStarts | undefined;
  let running: Promise<void> | undefined;
  let cancelTick: (() => void) | undefined;
  let cancelRetry: (() => void) | undefined;
  let isScheduled = false;
  let isStopped = false;
  const shortBids = new Set<BidId>();
  /** The orders that the plan in force was made with. */
  let plannedOrders: readonly DispatchOrder[] = [];
  /** What changes the plan in force and tells stations of it, one after the other. */
  const inTurn = createTurns<'in-force'>();
  let isPriceMissing = false;
  let lastFailure: string | undefined;
  let startedAtMs = 0;

  async function plan(because: readonly PlanCause[]): Promise<void> {
    const nowMs = clock.nowMs();
    const prepared = preparePlan(state, settings, nowMs);
    const startedMs = stopwatchMs();
    const result = await solveScopes(prepared.problem, prepared.parts, {
      gap: settings.solverGap,
      timeLimitMs: settings.solverTimeLimitMs,
      signal: abort.signal,
      previous: state.plan === undefined ? undefined : documentOf(state.plan, prepared),
      ...(warm === undefined ? {} : { warm }),
    });
    metrics.observeSeconds('solve_seconds', (stopwatchMs() - startedMs) / 1000);
    metrics.count('plans_total', { status: result.plan.status });
    warm = result.warm;
    const solved = madePlan(prepared, result, {
      planId: asPlanId(secrets.newId()),
      createdAtMs: nowMs,
      causes: because,
    });
    await inTurn('in-force', async () => {
      // Orders may have come while the solver worked.
      const made = withSpans(solved, prepared, prepared.orders, planEndMs(solved));
      await store.plans.save(made);
      parts.beforeChange();
      state.plan = made;
      plannedOrders = prepared.orders;
      announcer.publish({ kind: 'plan', plan: summaryOf(made) });
      tellShortages(made, nowMs);
      tellMissingPrice(made, nowMs);
      await parts.publish(profilesOf(made, prepared, clock.nowMs()), because);
      await store.bids.noteShortages(shortagesNow(prepared.awarded, prepared.startMs, made.reserves ?? []));
    });
    parts.planned(prepared.orders);
    lastFailure = undefined;
  }

  /** The plan with the orders that stand now kept to at their exact times. */
  function withSpans(
    plan: Plan,
    prepared: PreparedPlan,
    planned: readonly DispatchOrder[],
    untilMs: number,
  ): Plan {
    const nowMs = clock.nowMs();
    const orders = standingOrders(state, nowMs);
    if (orders.length === 0) return plan;
    const powerNowKw = ({ session }: SessionGoal): number => {
      const profile = state.inForce.get(session.evseId);
      return profile === undefined ? 0 : (profilePowerKwAt(profile, nowMs) ?? 0);
    };
    const efficiency = settings;
    const spans = orderSpans({ plan, prepared, planned, orders, nowMs, untilMs, efficiency, powerNowKw });
    const { spans: _, ...slots } = plan;
    return spans.length === 0 ? slots : { ...slots, spans };
  }

  async function bridgeNow(): Promise<void> {
    const before = state.plan;
    if (before === undefined || isStopped) return;
    const nowMs = clock.nowMs();
    const prepared = preparePlan(state, settings, nowMs);
    const untilMs = Math.min(planEndMs(before), nowMs + settings.deadManS * 1000);
    const bridged = withSpans(before, prepared, plannedOrders, untilMs);
    if (bridged.spans === undefined) return;
    parts.beforeChange();
    state.plan = bridged;
    const causes: PlanCause[] = ['dispatch'];
    await parts.publish(profilesOf({ ...bridged, causes }, { ...prepared, ignoring: [] }, nowMs), causes);
  }

  /** One alarm when an award that is due now is not held, until it is held again. */
  function tellShortages(made: Plan, nowMs: number): void {
    for (const reserve of made.reserves ?? []) {
      if (reserve.fromSlot > 0) continue;
      const { bidId, awardedKw, heldKw } = reserve;
      if (heldKw >= awardedKw * (1 - HELD_TOLERANCE)) {
        shortBids.delete(bidId);
        continue;
      }
      if (shortBids.has(bidId)) continue;
      shortBids.add(bidId);
      const text = `bid ${bidId}: ${heldKw.toFixed(1)} of ${awardedKw} kW awarded are held ready`;
      announcer.alarm({ atMs: nowMs, code: 'award-not-held', text });
    }
  }

  /** One alarm when prices end before now, until they are there again. Without sessions nothing hangs on it. */
  function tellMissingPrice(made: Plan, nowMs: number): void {
    const { priceBasis } = made;
    const bases = priceBasis === undefined ? [] : [priceBasis, ...(priceBasis.elsewhere ?? [])];
    const missing = bases.flatMap((basis) => {
      const rule = basis.bridges.find(({ fromSlot }) => fromSlot === 0)?.rule;
      // Before the first price ever nobody waits for one; a site that names a zone does.
      return rule === undefined || (rule === 'none' && basis === priceBasis) ? [] : [{ ...basis, rule }];
    });
    const [first] = made.sessions.length === 0 ? [] : missing;
    if (first !== undefined && !isPriceMissing) {
      const text = `no price of ${first.zone} is published for now; plans use: ${first.rule}`;
      announcer.alarm({ atMs: nowMs, code: 'price-missing', text });
    }
    isPriceMissing = first !== undefined;
  }

  /** Of the plan's sessions that are there. */
  function profilesOf(made: Plan, { goals, ignoring }: PreparedPlan, nowMs: number): ProfileContent[] {
    const { deadManS, chargeEfficiency } = settings;
    const goalById = new Map(goals.map((goal) => [goal.session.transactionId, goal]));
    const steered = made.sessions.flatMap((planned) => {
      const goal = goalById.get(planned.transactionId);
      if (goal === undefined) return [];
      const { session } = goal;
      const capability = capabilityOf(state, session.stationId, session.evseId, nowMs);
      const maxPeriods = periodsLimit(capability, session.needs);
      return [profileContent(made, planned, goal, { nowMs, deadManS, maxPeriods, chargeEfficiency })];
    });
    return [...steered, ...ignoring.map((goal) => unsteeredProfile(made, goal, { nowMs, deadManS }))];
  }

  async function runOnce(): Promise<void> {
    const because = [...causes];
    causes.clear();
    startedAtMs = clock.nowMs();
    try {
      await holding(clock, () => plan(because));
    } catch (error) {
      if (isStopped) return;
      const failure = error instanceof Error ? error.message : String(error);
      logger.error({ err: error }, 'planning failed; the last plan stays in force');
      if (failure !== lastFailure) {
        announcer.alarm({ atMs: clock.nowMs(), code: 'planning-failed', text: failure });
      }
      lastFailure = failure;
      cancelRetry?.();
      cancelRetry = clock.after(RETRY_MS, () => {
        for (const cause of because) causes.add(cause);
        if (running === undefined) schedule(0);
      });
    }
  }

  function schedule(delayMs: number): void {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    clock.after(delayMs, () => {
      isScheduled = false;
      if (isStopped || causes.size === 0 || running !== undefined) return;
      running = runOnce().finally(() => {
        running = undefined;
        if (causes.size > 0) schedule(0);
      });
    });
  }

  function request(cause: PlanCause): void {
    causes.add(cause);
    if (running === undefined) schedule(settings.coalesceMs);
  }

  /** The beat is never slower than a third of the dead-man time, or discharge would end between two plans. */
  function tick(): void {
    const intervalMs = Math.min(settings.planIntervalS, settings.deadManS / 3) * 1000;
    const nowMs = clock.nowMs();
    const nextMs = (Math.floor(nowMs / intervalMs) + 1) * intervalMs;
    cancelTick = clock.after(nextMs - nowMs, () => {
      causes.add('interval');
      if (running === undefined) schedule(0);
      tick();
    });
  }

  return {
    request,
    bridge() {
      holding(clock, () => inTurn('in-force', bridgeNow)).catch((error: unknown) => {
        logger.warn({ err: error }, 'order not shared out at once; it waits for the plan');
      });
    },
    goals: (nowMs) => goalsNow(state, settings, nowMs),
    goal: (session, nowMs) => goalNow(state, settings, session, nowMs),
    start() {
      request('start');
      tick();
    },
    async stop() {
      isStopped = true;
      cancelTick?.();
      cancelRetry?.();
      abort.abort();
      await running;
    },
    async tryOut(extra) {
      const prepared = preparePlan(state, settings, clock.nowMs(), extra);
      const result = await solveScopes(prepared.problem, prepared.parts, {
        gap: settings.solverGap,
        timeLimitMs: settings.solverTimeLimitMs,
        signal: abort.signal,
        ...(warm === undefined ? {} : { warm }),
      });
      return { prepared, result };
    },
    isLate: () =>
      lastFailure !== undefined || (running !== undefined && clock.nowMs() - startedAtMs > LATE_AFTER_MS),
    health() {
      if (lastFailure !== undefined) return { ok: false, detail: `last plan failed: ${lastFailure}` };
      return state.plan === undefined
        ? { ok: false, detail: 'no plan yet' }
        : { ok: true, detail: `last plan at ${new Date(state.plan.createdAtMs).toISOString()}` };
    },
  };
}

function planEndMs(plan: Plan): number {
  return slotStartMs(plan, plan.netKw.length);
}
