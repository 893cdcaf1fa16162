import {
  type BaselineBasis,
  type BaselineComparison,
  type BaselineRules,
  DEFAULT_BASELINE_RULES,
  DELIVERY_BASELINES,
  type DeliveryBaseline,
  type DeliveryReport,
} from '../../domain/delivery.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import { EbbflowError, invalidInput } from '../../domain/errors.js';
import type { DispatchId, TransactionId } from '../../domain/ids.js';
import type { MarketProduct } from '../../domain/market-product.js';
import type { EnergyPiece } from '../../domain/reading.js';
import type { DeliveryQuestion } from '../../ports/use-cases.js';
import type { EngineContext } from '../context.js';
import type { Orders } from '../dispatch/orders.js';
import { scopeMembers } from '../dispatch/scope-members.js';
import { booksCutAt } from '../metering/cut-books.js';
import { LONGEST_METER_GAP } from '../metering/intervals.js';
import { baselineKpis } from './baseline-kpis.js';
import { baselineOfDay } from './baseline-methods.js';
import { createDayRecords, type DayRecords } from './day-records.js';
import {
  deliveryCuts,
  deliveryReport,
  deliverySteps,
  deliveryWindow,
  type MeteredSession,
  TOLERANCE,
  usualBaseline,
} from './delivery-report.js';
import type { Covered } from './meter-coverage.js';

/** Sessions that a delivery report looks at. */
const MOST_REPORTED_SESSIONS = 100_000;
/** A reading this near to an edge is one at the edge: of a station that was asked for it over a slow line. */
const AS_GOOD_AS_AT_MS = 2_000;

/** Proof of what orders delivered. */
export interface Deliveries {
  /** undefined when there is no such order. */
  report(dispatchId: DispatchId, question?: DeliveryQuestion): Promise<DeliveryReport | undefined>;
  /** Every method side by side; undefined when there is no such order. */
  baselines(
    dispatchId: DispatchId,
    rules?: Partial<BaselineRules>,
  ): Promise<BaselineComparison[] | undefined>;
}

/** What the report of one order rests on, read once for all methods. */
interface OrderFacts {
  readonly order: DispatchOrder;
  readonly nowMs: number;
  readonly provisional: boolean;
  readonly pieces: readonly EnergyPiece[];
  readonly sessions: readonly MeteredSession[];
}

export function createDeliveries(
  context: EngineContext & { readonly products?: readonly MarketProduct[] },
  parts: { readonly orders: Pick<Orders, 'get'> },
): Deliveries {
  const { clock, store, state, settings } = context;
  const longestGapMs = LONGEST_METER_GAP * settings.meterIntervalS * 1000;

  function rulesOf(changes: Partial<BaselineRules> = {}): BaselineRules {
    const timeZone = context.products?.find(({ zone }) => zone === state.priceZone)?.timeZone;
    const rules = { ...DEFAULT_BASELINE_RULES, ...(timeZone === undefined ? {} : { timeZone }), ...changes };
    if (rules.highest > rules.ofDays)
      throw invalidInput('highest', `must be at most ofDays (${rules.ofDays})`);
    if (rules.adjustmentToMinutes >= rules.adjustmentFromMinutes) {
      throw invalidInput('adjustmentToMinutes', 'must be less than adjustmentFromMinutes');
    }
    return rules;
  }

  const recordsOf = (order: DispatchOrder, rules: Partial<BaselineRules> | undefined): DayRecords =>
    createDayRecords(store, order, rulesOf(rules), longestGapMs, scopeMembers(order.scope, state));

  async function factsOf(order: DispatchOrder): Promise<OrderFacts> {
    const nowMs = clock.nowMs();
    const window = deliveryWindow(order);
    const { startMs: fromMs, endMs: toMs } = order;
    const isMember = scopeMembers(order.scope, state);
    const all = await store.sessions.list({ fromMs, toMs, limit: MOST_REPORTED_SESSIONS });
    const found = all.filter(({ evseId }) => isMember(evseId));
    const covered = new Map<TransactionId, Covered[]>();
    for (const { transactionId, ...stretch } of await store.sessions.coverage({
      fromMs,
      toMs,
      longestGapMs,
    })) {
      covered.set(transactionId, [...(covered.get(transactionId) ?? []), stretch]);
    }
    const readAt = new Map<TransactionId, Set<number>>();
    const instants = deliverySteps(order, nowMs).flatMap((step) => [step.fromMs, step.toMs]);
    for (const { transactionId, instantMs } of await store.sessions.readingsAt({
      instants: [...new Set(instants)],
      withinMs: AS_GOOD_AS_AT_MS,
    })) {
      readAt.set(transactionId, (readAt.get(transactionId) ?? new Set()).add(instantMs));
    }
    const pieces = await booksCutAt(store.sessions, window, deliveryCuts(order), longestGapMs);
    return {
      order,
      nowMs,
      provisional: nowMs < window.toMs,
      pieces: pieces.filter(({ evseId }) => isMember(evseId)),
      sessions: found.map(({ transactionId, evseId, startedAtMs, endedAtMs }) => ({
        evseId,
        startMs: startedAtMs,
        endMs: endedAtMs ?? Number.POSITIVE_INFINITY,
        covered: covered.get(transactionId) ?? [],
        readAt: readAt.get(transactionId) ?? new Set(),
      })),
    };
  }

  async function reportBy(
    facts: OrderFacts,
    baseline: DeliveryBaseline,
    records: DayRecords,
  ): Promise<DeliveryReport> {
    const { order, ...metered } = facts;
    if (baseline !== 'high-x-of-y' && baseline !== 'control-group') {
      return deliveryReport(order, { ...metered, baseline });
    }
    const { rules } = records;
    const days = baseline === 'high-x-of-y' ? await records.likeDays(rules.ofDays) : [];
    const day = await records.orderDay({ withControls: baseline === 'control-group' });
    const made = baselineOfDay(baseline, { span: records.span, day, earlier: days, rules });
    if (made === undefined) {
      throw unusable(
        `${baseline} needs ${rules.ofDays} like days without an order and with meters; there are ${days.length}`,
      );
    }
    const basis: BaselineBasis = {
      rules,
      days: made.days,
      excludedDays: baseline === 'high-x-of-y' ? records.excluded() : [],
      adjustmentKw: made.adjustmentKw,
      adjustmentFactor: made.adjustmentFactor,
      controls: baseline === 'control-group' ? records.standIns() : [],
    };
    return deliveryReport(order, { ...metered, baseline, computed: { kwAt: made.kwAt, basis } });
  }

  async function compare(
    facts: OrderFacts,
    baseline: DeliveryBaseline,
    records: DayRecords,
  ): Promise<BaselineComparison> {
    try {
      const { creditedKwh, deliveryRatio } = await reportBy(facts, baseline, records);
      const withControls = baseline === 'control-group';
      const { judgedDays, ofDays } = records.rules;
      const days = await records.likeDays(judgedDays + ofDays, { withControls });
      const orderDay = await records.orderDay({ withControls });
      const { span, rules } = records;
      const kpis = baselineKpis(baseline, { span, rules, orderDay, days, toleranceFraction: TOLERANCE });
      return { baseline, unavailable: null, creditedKwh, deliveryRatio, kpis };
    } catch (error) {
      // A method that does not fit this order is an answer here, beside those that do.
      if (!(error instanceof EbbflowError) || error.code !== 'INVALID_INPUT') throw error;
      return { baseline, unavailable: error.message, creditedKwh: null, deliveryRatio: null, kpis: null };
    }
  }

  return {
    async report(dispatchId, { baseline, rules } = {}) {
      const order = await parts.orders.get(dispatchId);
      if (order === undefined) return undefined;
      const records = recordsOf(order, rules);
      return reportBy(await factsOf(order), baseline ?? usualBaseline(order), records);
    },
    async baselines(dispatchId, rules) {
      const order = await parts.orders.get(dispatchId);
      if (order === undefined) return undefined;
      const records = recordsOf(order, rules);
      const facts = await factsOf(order);
      const comparisons: BaselineComparison[] = [];
      for (const baseline of DELIVERY_BASELINES) comparisons.push(await compare(facts, baseline, records));
      return comparisons;
    },
  };
}

function unusable(message: string): EbbflowError {
  return invalidInput('baseline', message);
}
