import { invalidInput } from '../domain/errors.js';

/** RFC 3339 with a time zone; seconds may have a fraction. The calendar is checked by {@link parseInstantMs}. */
const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;

/** Epoch milliseconds of an RFC 3339 instant. Throws INVALID_INPUT naming `path`. */
export function parseInstantMs(path: string, text: string): number {
  const match = RFC_3339.exec(text);
  const instantMs = match ? Date.parse(text) : Number.NaN;
  // Date.parse turns 30 February into 2 March; a day that does not exist is a mistake, not a wish.
  if (
    !match ||
    Number.isNaN(instantMs) ||
    !isCalendarDay(Number(match[1]), Number(match[2]), Number(match[3]))
  )
    throw invalidInput(path, 'must be an RFC 3339 instant such as 2026-01-20T11:00:00Z');
  return instantMs;
}

/** RFC 3339 in UTC, e.g. `2026-01-20T11:00:00Z`; milliseconds only where there are any. */
export function formatInstant(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z');
}

/** {@link formatInstant}, or null where there is no instant. */
export function formatInstantOrNull(epochMs: number | null | undefined): string | null {
  return epochMs === null || epochMs === undefined ? null : formatInstant(epochMs);
}

/** A half-open time span [fromMs, toMs) asked for by `from` and `to`, each with a default, bounded in length. */
export function parseSpan(
  query: { from?: string; to?: string },
  bounds: { defaultToMs: number; defaultSpanMs: number; maxSpanDays: number },
): { fromMs: number; toMs: number } {
  const toMs = query.to === undefined ? undefined : parseInstantMs('to', query.to);
  const fromMs =
    query.from === undefined
      ? (toMs ?? bounds.defaultToMs) - bounds.defaultSpanMs
      : parseInstantMs('from', query.from);
  const endMs = toMs ?? Math.max(bounds.defaultToMs, fromMs + bounds.defaultSpanMs);
  if (endMs <= fromMs) throw invalidInput('to', 'must be after from');
  if (endMs - fromMs > bounds.maxSpanDays * MS_PER_DAY)
    throw invalidInput('to', `must be at most ${bounds.maxSpanDays} days after from`);
  return { fromMs, toMs: endMs };
}

export const MS_PER_DAY = 86_400_000;

function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}
