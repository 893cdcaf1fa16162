import { DateTime } from 'luxon';
import type { BaselineRules } from '../../domain/delivery.js';
import { dayTypeOf } from '../bidding/availability-sample.js';

/** Calendar days that are searched for like days. */
export const LIKE_DAY_SEARCH_DAYS = 60;

/** An earlier local day of the same type, and the same wall-clock time on it. */
export interface LikeDay {
  /** Written `2026-01-19`. */
  readonly day: string;
  /** Add to an instant of the order's day to get the same wall-clock time on this day. */
  readonly shiftMs: number;
  /** Local midnight to local midnight: 23, 24 or 25 hours. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Days before the one that holds `startMs`, newest first, whose type (weekday, weekend or holiday) is the same.
 * The shift goes by the wall clock of `startMs`, so a clock change in between moves no load.
 */
export function likeDaysBefore(
  startMs: number,
  { timeZone, holidays }: Pick<BaselineRules, 'timeZone' | 'holidays'>,
): LikeDay[] {
  const free = new Set(holidays);
  const start = DateTime.fromMillis(startMs, { zone: timeZone });
  const type = dayTypeOf(isoDay(start), free);
  const days: LikeDay[] = [];
  for (let back = 1; back <= LIKE_DAY_SEARCH_DAYS; back++) {
    const then = start.minus({ days: back });
    if (dayTypeOf(isoDay(then), free) !== type) continue;
    days.push({
      day: isoDay(then),
      shiftMs: then.toMillis() - startMs,
      fromMs: then.startOf('day').toMillis(),
      toMs: then.startOf('day').plus({ days: 1 }).toMillis(),
    });
  }
  return days;
}

function isoDay(at: DateTime): string {
  return at.toFormat('yyyy-MM-dd');
}
