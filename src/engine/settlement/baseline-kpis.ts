import type { BaselineKpis, DeliveryBaseline } from '../../domain/delivery.js';
import { MS_PER_HOUR } from '../../domain/power.js';
import { type BaselineFacts, baselineOfDay } from './baseline-methods.js';
import { type DayRecord, fedInKwAt, netKwAt, type OrderSpan, spanOn, stepMiddles } from './day-record.js';

/** kW below which a mean power is none. */
const NOTHING_KW = 1e-6;

/**
 * A method judged on days without an order: the baseline it would have given for the order's time of day
 * against what was metered then. `days` are the clean like days before the order, newest first; the first
 * `judgedDays` of them for which the method has its facts count.
 */
export function baselineKpis(
  baseline: DeliveryBaseline,
  facts: Omit<BaselineFacts, 'day' | 'earlier'> & {
    readonly orderDay: DayRecord;
    readonly days: readonly DayRecord[];
    readonly toleranceFraction: number;
  },
): BaselineKpis {
  const { span, rules, days, orderDay, toleranceFraction } = facts;
  const before: OrderSpan = { startMs: span.startMs - MS_PER_HOUR, endMs: span.startMs };
  const errors: { errorKw: number; meteredKw: number }[] = [];
  const errorsBefore: number[] = [];
  const judged: string[] = [];
  const errorsOf = (day: DayRecord, earlier: readonly DayRecord[], over: OrderSpan) => {
    const made = baselineOfDay(baseline, { span, rules, day, earlier });
    if (made === undefined) return undefined;
    return stepMiddles(spanOn(day, over)).map((atMs) => {
      const meteredKw =
        baseline === 'zero-for-discharge' ? fedInKwAt(day.books, atMs) : netKwAt(day.books, atMs);
      return { errorKw: made.kwAt(atMs) - meteredKw, meteredKw };
    });
  };
  days.forEach((day, index) => {
    if (judged.length >= rules.judgedDays) return;
    const earlier = days.slice(index + 1);
    const during = errorsOf(day, earlier, span);
    if (during === undefined) return;
    judged.push(day.day);
    errors.push(...during);
    errorsBefore.push(...(errorsOf(day, earlier, before) ?? []).map(({ errorKw }) => errorKw));
  });
  const beforeOrder = errorsOf(orderDay, days, before)?.map(({ errorKw }) => errorKw) ?? [];
  const rmseKw = root(mean(errors.map(({ errorKw }) => errorKw ** 2)));
  const meanMeteredKw = mean(errors.map(({ meteredKw }) => meteredKw));
  return {
    baseline,
    days: judged,
    steps: errors.length,
    biasKw: mean(errors.map(({ errorKw }) => errorKw)),
    maeKw: mean(errors.map(({ errorKw }) => Math.abs(errorKw))),
    rmseKw,
    rrmse:
      rmseKw === null || meanMeteredKw === null || Math.abs(meanMeteredKw) < NOTHING_KW
        ? null
        : rmseKw / Math.abs(meanMeteredKw),
    withinTolerance: mean(
      errors.map(({ errorKw, meteredKw }) =>
        Math.abs(errorKw) <= toleranceFraction * Math.abs(meteredKw) + NOTHING_KW ? 1 : 0,
      ),
    ),
    biasBeforeOrderKw: mean(beforeOrder),
    usualBiasBeforeKw: mean(errorsBefore),
  };
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function root(value: number | null): number | null {
  return value === null ? null : Math.sqrt(value);
}
