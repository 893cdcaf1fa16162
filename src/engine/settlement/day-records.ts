import type { BaselineRules, ExcludedDay } from '../../domain/delivery.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import { invalidInput } from '../../domain/errors.js';
import type { EvseId, TransactionId } from '../../domain/ids.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { Session } from '../../domain/session.js';
import type { Store } from '../../ports/store.js';
import { meets, sitesOf } from '../dispatch/scopes.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import { BESIDE_MS, meanKw } from './book-power.js';
import { controlBooksOf, matchControls } from './control-group.js';
import type { DayRecord, OrderSpan } from './day-record.js';
import { LIKE_DAY_SEARCH_DAYS, type LikeDay, likeDaysBefore } from './like-days.js';
import { type Covered, coveredShare } from './meter-coverage.js';

const STEP_MS = INTERVAL_MINUTES * MS_PER_MINUTE;
const MOST_SESSIONS = 100_000;
/** A day is no reference when meters were silent for more than this share of its plugged-in time. */
const MOST_SILENT_FRACTION = 0.05;
/** kWh below which nothing was asked of an EVSE. */
const NOTHING_KWH = 1e-6;

/** The order's own day and the like days before it, read once and kept while a question is answered. */
export interface DayRecords {
  readonly span: OrderSpan;
  readonly rules: BaselineRules;
  orderDay(options?: { withControls?: boolean }): Promise<DayRecord>;
  /** At most `count` clean like days, newest first. */
  likeDays(count: number, options?: { withControls?: boolean }): Promise<DayRecord[]>;
  /** Like days that were looked at and left out. */
  excluded(): ExcludedDay[];
  /** The control group, once a day was asked for with it. */
  standIns(): readonly { readonly evseId: EvseId; readonly standsFor: number }[];
}

interface ControlGroup {
  readonly controls: readonly EvseId[];
  readonly standIns: readonly { readonly evseId: EvseId; readonly standsFor: number }[];
}

/**
 * Reads the days that an order's baseline rests on: the books of its scope's EVSEs alone. A day with an order of its own, with silent meters, or
 * with nothing on record is left out and named. INVALID_INPUT when the control group is too small.
 */
export function createDayRecords(
  store: Store,
  order: DispatchOrder,
  rules: BaselineRules,
  longestGapMs: number,
  isMember: (evseId: EvseId) => boolean,
): DayRecords {
  const span: OrderSpan = {
    startMs: order.startMs,
    endMs: Math.min(order.endMs, order.cancelledAtMs ?? order.endMs),
  };
  const reachMs = Math.max(MS_PER_HOUR, BESIDE_MS, rules.adjustmentFromMinutes * MS_PER_MINUTE) + STEP_MS;
  const candidates = likeDaysBefore(span.startMs, rules);
  const clean: { like: LikeDay; record: DayRecord }[] = [];
  const excluded: ExcludedDay[] = [];
  let looked = 0;
  let group: ControlGroup | undefined;
  let others: Promise<DispatchOrder[]> | undefined;
  let ownDay: DayRecord | undefined;

  /** The time of a day that any method looks at. */
  const windowOn = (shiftMs: number) => ({
    fromMs: span.startMs + shiftMs - reachMs,
    toMs: span.endMs + shiftMs + BESIDE_MS + STEP_MS,
  });

  /** Sessions of the order's scope. */
  async function sessionsIn(window: { fromMs: number; toMs: number }): Promise<Session[]> {
    const all = await store.sessions.list({ ...window, limit: MOST_SESSIONS });
    return all.filter(({ evseId }) => isMember(evseId));
  }

  async function read(day: string, shiftMs: number): Promise<DayRecord> {
    const window = windowOn(shiftMs);
    const { fromMs, toMs } = window;
    if (order.scope === undefined) {
      const books = await store.sessions.poolBooks(window);
      return { day, shiftMs, books, planned: await store.plans.plannedNetKw(fromMs, toMs) };
    }
    const evseIds = [...new Set((await sessionsIn(window)).map(({ evseId }) => evseId))];
    const books = await store.sessions.poolBooks({ ...window, evseIds });
    return { day, shiftMs, books, planned: await store.plans.plannedKwOf(evseIds, fromMs, toMs) };
  }

  async function faultOf(like: LikeDay): Promise<ExcludedDay['reason'] | undefined> {
    others ??= store.dispatches.list({
      fromMs: span.startMs - (LIKE_DAY_SEARCH_DAYS + 2) * 24 * MS_PER_HOUR,
      toMs: span.startMs,
    });
    const isEventDay = (await others).some(
      (other) =>
        other.dispatchId !== order.dispatchId &&
        meets(sitesOf(order), sitesOf(other)) &&
        other.startMs < like.toMs &&
        Math.min(other.endMs, other.cancelledAtMs ?? other.endMs) > Math.max(like.fromMs, other.startMs),
    );
    if (isEventDay) return 'order';
    const window = windowOn(like.shiftMs);
    const sessions = await sessionsIn(window);
    if (sessions.length === 0) return 'no-record';
    const covered = new Map<TransactionId, Covered[]>();
    for (const { transactionId, ...stretch } of await store.sessions.coverage({ ...window, longestGapMs })) {
      covered.set(transactionId, [...(covered.get(transactionId) ?? []), stretch]);
    }
    let pluggedMs = 0;
    let silentMs = 0;
    for (const { transactionId, startedAtMs, endedAtMs } of sessions) {
      const fromMs = Math.max(window.fromMs, startedAtMs);
      const toMs = Math.min(window.toMs, endedAtMs ?? window.toMs);
      if (toMs <= fromMs) continue;
      pluggedMs += toMs - fromMs;
      silentMs += (toMs - fromMs) * (1 - coveredShare(covered.get(transactionId) ?? [], fromMs, toMs));
    }
    return silentMs > MOST_SILENT_FRACTION * pluggedMs ? 'silent-meter' : undefined;
  }

  /** EVSEs that were metered around the order and of which it asked nothing stand for the others. */
  async function controlGroup(): Promise<ControlGroup> {
    if (group !== undefined) return group;
    const asked = new Set(
      (order.accounted?.shares ?? [])
        .filter(({ askedKwh }) => Math.abs(askedKwh) > NOTHING_KWH)
        .map(({ evseId }) => evseId),
    );
    const intervals = await store.sessions.intervals(windowOn(0));
    const sessions = await sessionsIn({ fromMs: span.startMs, toMs: span.endMs });
    const matched = [...new Set(sessions.map(({ evseId }) => evseId))].map((evseId) => ({
      evseId,
      beforeKw: meanKw(
        intervals.filter((interval) => interval.evseId === evseId),
        span.startMs - MS_PER_HOUR,
        span.startMs,
      ),
    }));
    const controls = matched.filter(({ evseId }) => !asked.has(evseId));
    if (controls.length < rules.leastControls) {
      throw invalidInput(
        'baseline',
        `control-group needs ${rules.leastControls} EVSEs of which nothing was asked; there are ${controls.length}`,
      );
    }
    const dispatched = matched.filter(({ evseId }) => asked.has(evseId));
    group = {
      controls: controls.map(({ evseId }) => evseId),
      standIns: matchControls(dispatched, controls, rules.neighbours),
    };
    return group;
  }

  async function withControlBooks(record: DayRecord): Promise<DayRecord> {
    const { controls, standIns } = await controlGroup();
    const intervals = await store.sessions.intervals(windowOn(record.shiftMs));
    return { ...record, controlBooks: controlBooksOf(intervals, controls, standIns) };
  }

  return {
    span,
    rules,
    async orderDay({ withControls = false } = {}) {
      ownDay ??= await read('', 0);
      return withControls ? withControlBooks(ownDay) : ownDay;
    },
    async likeDays(count, { withControls = false } = {}) {
      for (; clean.length < count && looked < candidates.length; looked++) {
        const like = candidates[looked];
        if (like === undefined) break;
        const reason = await faultOf(like);
        if (reason === undefined) clean.push({ like, record: await read(like.day, like.shiftMs) });
        else excluded.push({ day: like.day, reason });
      }
      const records = clean.slice(0, count).map(({ record }) => record);
      if (!withControls) return records;
      const controlled: DayRecord[] = [];
      for (const record of records) controlled.push(await withControlBooks(record));
      return controlled;
    },
    excluded: () => [...excluded],
    standIns: () => group?.standIns ?? [],
  };
}
