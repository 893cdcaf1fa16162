import { assertNever } from '../../domain/assert.js';
import type { BaselineRules, DeliveryBaseline } from '../../domain/delivery.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import { meanKw, meterBeforeMeterAfterKw } from './book-power.js';
import { type DayRecord, netKwAt, type OrderSpan, spanOn, stepMiddles } from './day-record.js';

/** A baseline of one day, in the day's own time, kW; with the days and the adjustment behind it. */
export interface DayBaseline {
  readonly kwAt: (atMs: number) => number;
  readonly days: readonly string[];
  readonly adjustmentKw: number;
  readonly adjustmentFactor: number;
}

export interface BaselineFacts {
  /** The order's time on its own day. */
  readonly span: OrderSpan;
  readonly day: DayRecord;
  /** Clean like days before `day`, newest first. */
  readonly earlier: readonly DayRecord[];
  readonly rules: BaselineRules;
}

/**
 * The baseline that a method gives for a day, whether or not an order was on it: so that one and the same
 * formula makes the money and is judged on days without an order. undefined when the facts do not carry it.
 */
export function baselineOfDay(baseline: DeliveryBaseline, facts: BaselineFacts): DayBaseline | undefined {
  const { day, span } = facts;
  switch (baseline) {
    case 'zero':
    case 'zero-for-discharge':
      return plain(() => 0);
    case 'nominated-plan':
      return day.planned.length === 0 ? undefined : plain((atMs) => plannedKwAt(day, atMs));
    case 'meter-before-meter-after': {
      const kw = meterBeforeMeterAfterKw(day.books, spanOn(day, span), true);
      return plain(() => kw);
    }
    case 'high-x-of-y':
      return highXOfY(facts);
    case 'control-group': {
      const { controlBooks } = day;
      return controlBooks === undefined ? undefined : plain((atMs) => netKwAt(controlBooks, atMs));
    }
    default:
      return assertNever(baseline);
  }
}

/**
 * High X of Y (markets' day matching): mean of the X days with the highest mean power over the span of the last
 * Y clean like days, moved to the level of the day as metered before the span, within the cap.
 */
function highXOfY({ day, earlier, span, rules }: BaselineFacts): DayBaseline | undefined {
  const last = earlier.slice(0, rules.ofDays);
  if (last.length < rules.ofDays) return undefined;
  const chosen = last
    .map((other) => ({ other, meanKw: meanOver(other, spanOn(other, span)) }))
    .sort((a, b) => b.meanKw - a.meanKw || (a.other.day < b.other.day ? 1 : -1))
    .slice(0, rules.highest)
    .map(({ other }) => other);
  const rawKwAt = (atMs: number) =>
    mean(chosen.map((other) => netKwAt(other.books, atMs - day.shiftMs + other.shiftMs)));
  const days = chosen.map((other) => other.day).sort((a, b) => (a < b ? 1 : -1));
  const before: OrderSpan = {
    startMs: span.startMs - rules.adjustmentFromMinutes * MS_PER_MINUTE,
    endMs: span.startMs - rules.adjustmentToMinutes * MS_PER_MINUTE,
  };
  const meteredKw = meanOver(day, spanOn(day, before));
  const usualKw = mean(chosen.map((other) => meanOver(other, spanOn(other, before))));
  if (rules.adjustment === 'none') return { kwAt: rawKwAt, days, adjustmentKw: 0, adjustmentFactor: 1 };
  if (rules.adjustment === 'multiplicative') {
    // A ratio means nothing where the usual level is zero or of the other sign.
    const ratio = meteredKw / usualKw;
    const factor = Number.isFinite(ratio) && ratio > 0 ? ratio : 1;
    const cap = rules.adjustmentCapFraction;
    const adjustmentFactor = Math.min(1 + cap, Math.max(1 - cap, factor));
    return { kwAt: (atMs) => adjustmentFactor * rawKwAt(atMs), days, adjustmentKw: 0, adjustmentFactor };
  }
  const levelKw = mean(stepMiddles(spanOn(day, span)).map((atMs) => Math.abs(rawKwAt(atMs))));
  const capKw = rules.adjustmentCapFraction * levelKw;
  const adjustmentKw = Math.min(capKw, Math.max(-capKw, meteredKw - usualKw));
  return { kwAt: (atMs) => rawKwAt(atMs) + adjustmentKw, days, adjustmentKw, adjustmentFactor: 1 };
}

function plain(kwAt: (atMs: number) => number): DayBaseline {
  return { kwAt, days: [], adjustmentKw: 0, adjustmentFactor: 1 };
}

function plannedKwAt({ planned }: DayRecord, atMs: number): number {
  const slot = planned.find(
    ({ startMs, slotMinutes }) => startMs <= atMs && atMs < startMs + slotMinutes * MS_PER_MINUTE,
  );
  return slot?.netKw ?? 0;
}

function meanOver({ books }: DayRecord, { startMs, endMs }: OrderSpan): number {
  return meanKw(books, startMs, endMs);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
