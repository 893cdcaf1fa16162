import { type RawBuilder, sql } from 'kysely';

/**
 * Instants are `timestamptz` columns, so that SQL tools and dashboards read them as they are, and epoch
 * milliseconds in the engine. Every connection speaks UTC; both drivers parse with {@link msOfTimestamp}.
 */

/** Epoch milliseconds → the text of a timestamptz value. */
export function timestampOf(ms: number): string {
  return new Date(ms).toISOString();
}

/** An instant to compare a timestamptz column with. */
export function instant(ms: number): RawBuilder<number> {
  return sql<number>`${timestampOf(ms)}::timestamptz`;
}

/** The server's text of a timestamptz in UTC (`2026-01-20 11:00:00.5+00`) → epoch milliseconds. */
export function msOfTimestamp(text: string): number {
  const zone = text.endsWith('+00') ? 'Z' : '';
  const bare = zone === 'Z' ? text.slice(0, -3) : text;
  return Date.parse(`${bare.slice(0, 10)}T${bare.slice(11)}${zone}`);
}
