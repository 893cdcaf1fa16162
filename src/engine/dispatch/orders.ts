import type { DispatchOrder } from '../../domain/dispatch.js';
import { EbbflowError } from '../../domain/errors.js';
import { asDispatchId, type DispatchId, type EvseId } from '../../domain/ids.js';
import type { PlanCause } from '../../domain/plan.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { EnergyPiece } from '../../domain/reading.js';
import { holding } from '../../ports/clock.js';
import type { Caller, DispatchRequest, DispatchView } from '../../ports/use-cases.js';
import type { EngineContext } from '../context.js';
import { createTurns } from '../in-turn.js';
import { booksCutAt } from '../metering/cut-books.js';
import { INTERVAL_MINUTES, LONGEST_METER_GAP } from '../metering/intervals.js';
import { slotStartMs } from '../planning/plan-slots.js';
import { MEMORY_MS } from '../state.js';
import { askedKwhOf, askedSteps, checkRequest, isDelivered, isWithinCaps } from './order-request.js';
import { scopeMembers, scopeOf, uncontrolledKwIn } from './scope-members.js';
import { accountTo, profileCorrectionKwh, sharesOf } from './shares.js';

/** Answers come by the thousand and are looked at together. */
const ANSWERS_MS = 100;
/** The solver's time limit, and its way to the stations, lie well within this. */
const SOON_MS = MS_PER_MINUTE;
/** Meter readings may come this long after the order's end. */
const SETTLE_MS = 2 * INTERVAL_MINUTES * MS_PER_MINUTE;

/** Orders of traders on the fleet's net power, from acceptance to the proof of delivery. */
export interface Orders {
  create(
    request: DispatchRequest,
    idempotencyKey: string,
    caller: Caller,
  ): Promise<{ view: DispatchView; existing: boolean }>;
  cancel(dispatchId: DispatchId): Promise<DispatchView>;
  view(order: DispatchOrder): Promise<DispatchView>;
  get(dispatchId: DispatchId): Promise<DispatchOrder | undefined>;
  /** The order as it would be, checked, not kept. */
  draft(request: DispatchRequest, createdBy: string): DispatchOrder;
  /** Books the past of running orders; called just before the plan changes. */
  account(): void;
  /** Books the change of one EVSE's profile in force; called just before it. */
  accountChange(evseId: EvseId, after: DesiredProfile | undefined): void;
  /** A station gave its word; an order that waits for the last one moves on. */
  answered(): void;
  /** Moves every order on as far as facts allow; called at the orders' edges. */
  advance(): void;
  /** A plan that was made with these orders is in force. */
  planned(orders: readonly DispatchOrder[]): void;
  /** Sets the timers of orders that are not over; called once after the start. */
  resume(): void;
  stop(): void;
}

export function createOrders(
  context: EngineContext,
  parts: {
    requestPlan: (cause: PlanCause) => void;
    /** Asks an order's meters for a reading at one of its edges, which is now. */
    readAtEdge: (order: DispatchOrder) => void;
    /** An order begins before the next plan can be relied on to be there. */
    bridge: () => void;
    unanswered: () => EvseId[];
  },
): Orders {
  const { clock, store, state, settings, secrets, announcer, logger } = context;
  const savedToMs = new Map<DispatchId, number | undefined>();
  /** Changes of profiles since each order's last booking. */
  const corrections = new Map<DispatchId, Map<EvseId, number>>();
  const timers = new Set<() => void>();
  let plannedIds: ReadonlySet<DispatchId> = new Set();
  let cancelAnswers: (() => void) | undefined;
  /** States change one after the other: an order that was cancelled must not be delivered afterwards. */
  const inTurn = createTurns<'orders'>();

  function draft(request: DispatchRequest, createdBy: string): DispatchOrder {
    checkRequest(request, clock.nowMs(), settings.dispatchNoticeS);
    const { siteId: _siteId, pool: _pool, ...asked } = request;
    const scope = scopeOf(request, state);
    const part = scope && {
      isMember: scopeMembers(scope, state),
      uncontrolledKw: uncontrolledKwIn({ scope }, state),
    };
    return {
      ...asked,
      ...(scope === undefined ? {} : { scope }),
      dispatchId: asDispatchId(secrets.newId()),
      createdAtMs: clock.nowMs(),
      createdBy,
      state: 'accepted',
      askedNetKw: askedSteps(request, state.plan, part),
    };
  }

  /** What {@link account} books while the store writes is kept: only `change` is put on the newest value. */
  async function save(
    order: DispatchOrder,
    change: Pick<DispatchOrder, 'state' | 'cancelledAtMs'>,
  ): Promise<DispatchOrder> {
    const { dispatchId } = order;
    const changed = { ...(state.orders.get(dispatchId) ?? order), ...change };
    await store.dispatches.save(changed);
    savedToMs.set(dispatchId, changed.accounted?.toMs);
    const saved = { ...(state.orders.get(dispatchId) ?? changed), ...change };
    state.orders.set(dispatchId, saved);
    announcer.publish({ kind: 'dispatch', order: saved });
    return saved;
  }

  function watch(order: DispatchOrder): void {
    const nowMs = clock.nowMs();
    for (const edgeMs of [order.startMs, order.endMs, order.endMs + SETTLE_MS]) {
      if (edgeMs < nowMs) continue;
      const cancel = clock.after(edgeMs - nowMs, () => {
        timers.delete(cancel);
        if (edgeMs <= order.endMs) readAtEdge(order.dispatchId);
        advance();
      });
      timers.add(cancel);
    }
  }

  function readAtEdge(dispatchId: DispatchId): void {
    const order = state.orders.get(dispatchId);
    if (order !== undefined && order.state !== 'cancelled') parts.readAtEdge(order);
  }

  function answered(): void {
    if (cancelAnswers !== undefined) return;
    if (![...state.orders.values()].some((order) => order.state === 'accepted')) return;
    cancelAnswers = clock.after(ANSWERS_MS, () => {
      cancelAnswers = undefined;
      advance();
    });
  }

  function advance(): void {
    inTurn('orders', () => holding(clock, advanceAll)).catch((error: unknown) => {
      logger.error({ err: error }, 'dispatch orders not advanced');
    });
  }

  function account(): void {
    const nowMs = clock.nowMs();
    for (const order of state.orders.values()) {
      if (order.state === 'cancelled' || order.startMs >= nowMs) continue;
      const ofOrder = corrections.get(order.dispatchId);
      const accounted = accountTo(
        order,
        nowMs,
        state.plan,
        state.inForce.values(),
        ofOrder,
        scopeMembers(order.scope, state),
      );
      if (accounted === order) continue;
      corrections.delete(order.dispatchId);
      state.orders.set(order.dispatchId, accounted);
    }
  }

  function accountChange(evseId: EvseId, after: DesiredProfile | undefined): void {
    const nowMs = clock.nowMs();
    for (const order of state.orders.values()) {
      if (order.state === 'cancelled' || order.startMs >= nowMs) continue;
      const kwh = profileCorrectionKwh(order, nowMs, state.inForce.get(evseId), after);
      if (kwh === 0) continue;
      const ofOrder = corrections.get(order.dispatchId) ?? new Map<EvseId, number>();
      ofOrder.set(evseId, (ofOrder.get(evseId) ?? 0) + kwh);
      corrections.set(order.dispatchId, ofOrder);
    }
  }

  async function advanceAll(): Promise<void> {
    account();
    for (const before of [...state.orders.values()]) {
      const next = await nextState(before);
      const order = state.orders.get(before.dispatchId) ?? before;
      if (next !== order.state || order.accounted?.toMs !== savedToMs.get(order.dispatchId)) {
        await save(order, { state: next });
      }
      if (clock.nowMs() > order.endMs + MEMORY_MS) {
        state.orders.delete(order.dispatchId);
        corrections.delete(order.dispatchId);
        savedToMs.delete(order.dispatchId);
      }
    }
  }

  async function nextState(order: DispatchOrder): Promise<DispatchOrder['state']> {
    const nowMs = clock.nowMs();
    switch (order.state) {
      case 'accepted':
        if (nowMs >= order.startMs) return 'delivering';
        return plannedIds.has(order.dispatchId) && isAnswered(order) ? 'dispatched' : 'accepted';
      case 'dispatched':
        return nowMs >= order.startMs ? 'delivering' : 'dispatched';
      case 'delivering': {
        if (nowMs < order.endMs + SETTLE_MS) return 'delivering';
        return (await isFulfilled(order)) ? 'delivered' : 'partial';
      }
      default:
        return order.state;
    }
  }

  /** A release asks for nothing that could be missed; a cap is held against every interval of the meters. */
  async function isFulfilled(order: DispatchOrder): Promise<boolean> {
    if (order.release === true) return true;
    if (order.importCapKw === undefined && order.exportCapKw === undefined) {
      const { askedKwh, meteredKwh } = await view(order);
      return isDelivered(order, askedKwh, meteredKwh);
    }
    const isMember = scopeMembers(order.scope, state);
    const parts = new Map<number, { netKwh: number; lengthMs: number }>();
    for (const { evseId, startMs, endMs, importWh, exportWh } of await meteredOver(order, order.endMs)) {
      if (startMs < order.startMs || endMs > order.endMs || !isMember(evseId)) continue;
      const known = parts.get(startMs)?.netKwh ?? 0;
      parts.set(startMs, { netKwh: known + (importWh - exportWh) / 1000, lengthMs: endMs - startMs });
    }
    return isWithinCaps(order, [...parts.values()]);
  }

  /** Every EVSE that the plan uses in the order's time has given its word on its newest profile. */
  function isAnswered(order: DispatchOrder): boolean {
    const { plan } = state;
    if (plan === undefined) return false;
    const isMember = scopeMembers(order.scope, state);
    const silent = new Set(parts.unanswered().filter(isMember));
    return !plan.sessions.some(
      ({ evseId, firstSlot, netKw }) =>
        silent.has(evseId) &&
        slotStartMs(plan, firstSlot) < order.endMs &&
        slotStartMs(plan, firstSlot + netKw.length) > order.startMs,
    );
  }

  /** Interval books that meet [order.startMs, toMs), cut at both ends by what the meters read there. */
  async function meteredOver(order: DispatchOrder, toMs: number): Promise<EnergyPiece[]> {
    const { startMs } = order;
    if (toMs <= startMs) return [];
    const window = { fromMs: startMs - INTERVAL_MINUTES * MS_PER_MINUTE, toMs };
    return booksCutAt(
      store.sessions,
      window,
      [startMs, toMs],
      LONGEST_METER_GAP * settings.meterIntervalS * 1000,
    );
  }

  async function view(order: DispatchOrder): Promise<DispatchView> {
    const fromMs = order.startMs;
    const toMs = Math.min(order.endMs, order.cancelledAtMs ?? order.endMs);
    const metered = await meteredOver(order, toMs);
    const { plan } = state;
    const inForce = [...state.inForce.values()];
    const ofOrder = corrections.get(order.dispatchId);
    const shares = sharesOf(order, {
      nowMs: clock.nowMs(),
      toMs,
      metered,
      plan,
      inForce,
      isMember: scopeMembers(order.scope, state),
      ...(ofOrder === undefined ? {} : { corrections: ofOrder }),
    });
    const isQuantity = order.targetNetKw !== undefined || order.deltaKw !== undefined;
    return {
      order,
      // A cap or a release asks for no quantity of its own: what the plan asks of the cars stands there.
      askedKwh: isQuantity
        ? sumWh([askedKwhOf(order, fromMs, toMs)])
        : sumWh(shares.map((share) => share.askedKwh)),
      acknowledgedKwh: sumWh(shares.map((share) => share.acknowledgedKwh)),
      meteredKwh: sumWh(shares.map((share) => share.meteredKwh)),
      shares,
    };
  }

  async function cancel(dispatchId: DispatchId): Promise<DispatchView> {
    account();
    const order = state.orders.get(dispatchId) ?? (await store.dispatches.get(dispatchId));
    if (order === undefined) throw new EbbflowError('NOT_FOUND', `dispatch ${dispatchId}`);
    if (order.state === 'delivered' || order.state === 'partial') {
      throw new EbbflowError('CONFLICT', `state: the order is already ${order.state}`);
    }
    if (order.state === 'cancelled') return view(order);
    if (order.startMs < clock.nowMs()) parts.readAtEdge(order);
    const cancelled = await save(order, { state: 'cancelled', cancelledAtMs: clock.nowMs() });
    parts.requestPlan('dispatch');
    return view(cancelled);
  }

  return {
    draft,
    account,
    accountChange,
    answered,
    advance,
    view,
    cancel: (dispatchId) => inTurn('orders', () => cancel(dispatchId)),
    async get(dispatchId) {
      return state.orders.get(dispatchId) ?? (await store.dispatches.get(dispatchId));
    },
    async create(request, idempotencyKey, caller) {
      const requestHash = secrets.digest(
        JSON.stringify([
          request.startMs,
          request.endMs,
          request.targetNetKw ?? null,
          request.deltaKw ?? null,
          request.reason,
          ...scopeAndCaps(request),
        ]),
      );
      // A repeated request gets its order, even when it could not be placed any more.
      const known = await store.dispatches.findByKey(idempotencyKey);
      const order = known?.order ?? draft(request, caller.keyId);
      const written =
        known === undefined
          ? await store.dispatches.insert(order, idempotencyKey, requestHash)
          : { ...known, existing: true };
      if (written.requestHash !== requestHash) {
        throw new EbbflowError('IDEMPOTENCY_MISMATCH', 'Idempotency-Key: was used for another dispatch', {
          faults: [{ path: 'Idempotency-Key', message: 'was used for another dispatch' }],
        });
      }
      const { dispatchId } = written.order;
      if (written.existing) {
        return { view: await view(state.orders.get(dispatchId) ?? written.order), existing: true };
      }
      state.orders.set(dispatchId, order);
      announcer.publish({ kind: 'dispatch', order });
      watch(order);
      if (order.startMs < clock.nowMs()) parts.readAtEdge(order);
      if (order.startMs <= clock.nowMs() + SOON_MS) parts.bridge();
      parts.requestPlan('dispatch');
      return { view: await view(order), existing: false };
    },
    planned(orders) {
      plannedIds = new Set(orders.map((order) => order.dispatchId));
      advance();
    },
    resume() {
      for (const order of state.orders.values()) {
        savedToMs.set(order.dispatchId, order.accounted?.toMs);
        watch(order);
      }
      advance();
    },
    stop() {
      cancelAnswers?.();
      for (const cancelTimer of timers) cancelTimer();
      timers.clear();
    },
  };
}

/** Sum in kWh of energies that count in whole Wh. */
function sumWh(valuesKwh: readonly number[]): number {
  return valuesKwh.reduce((totalWh, kwh) => totalWh + Math.round(kwh * 1000), 0) / 1000;
}

/** Only what is given, so that requests from before there were scopes and caps keep their digest. */
function scopeAndCaps({ siteId, pool, importCapKw, exportCapKw, release }: DispatchRequest): unknown[] {
  const given = { siteId, pool, importCapKw, exportCapKw, release };
  return Object.values(given).some((value) => value !== undefined) ? [given] : [];
}
