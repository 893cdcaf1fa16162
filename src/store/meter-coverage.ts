import { type Kysely, sql } from 'kysely';
import { asTransactionId } from '../domain/ids.js';
import type { MeterCoverage, ReadingAt } from '../ports/store.js';
import { timestampOf } from './instants.js';
import type { Tables } from './tables.js';

/**
 * Stretches of neighbouring register readings, found in the database: a day of a fleet has more readings than
 * anybody wants to carry over. Gaps and islands: a reading far from the one before begins a new stretch.
 */
export async function coverageBetween(
  db: Kysely<Tables>,
  query: { fromMs: number; toMs: number; longestGapMs: number },
): Promise<MeterCoverage[]> {
  const from = timestampOf(query.fromMs - query.longestGapMs);
  const to = timestampOf(query.toMs + query.longestGapMs);
  const gap = `${query.longestGapMs} milliseconds`;
  const { rows } = await sql<{ transaction_id: string; from_at: number; to_at: number }>`
    with spoken as (
      select transaction_id, at,
        at - lag(at) over (partition by transaction_id order by at) > ${gap}::interval as is_far
      from readings
      where transaction_id is not null and at >= ${from}::timestamptz and at <= ${to}::timestamptz
        and (import_register_wh is not null or export_register_wh is not null)
    ), islands as (
      select transaction_id, at,
        count(*) filter (where is_far) over (partition by transaction_id order by at) as island
      from spoken
    )
    select transaction_id, min(at) as from_at, max(at) as to_at
    from islands
    group by transaction_id, island
    having max(at) > min(at)
    order by transaction_id collate "C", from_at`.execute(db);
  return rows.map((row) => ({
    transactionId: asTransactionId(row.transaction_id),
    fromMs: row.from_at,
    toMs: row.to_at,
  }));
}

/** Transactions with a register reading near each of the instants. */
export async function readingsAt(
  db: Kysely<Tables>,
  { instants, withinMs }: { instants: readonly number[]; withinMs: number },
): Promise<ReadingAt[]> {
  if (instants.length === 0) return [];
  const near = `${withinMs} milliseconds`;
  const from = timestampOf(Math.min(...instants) - withinMs);
  const to = timestampOf(Math.max(...instants) + withinMs);
  const { rows } = await sql<{ transaction_id: string; instant: number }>`
    select distinct transaction_id, edge.at as instant
    from unnest(${instants.map(timestampOf)}::timestamptz[]) as edge(at)
      join readings on readings.at between edge.at - ${near}::interval and edge.at + ${near}::interval
    where transaction_id is not null and readings.at between ${from}::timestamptz and ${to}::timestamptz
      and (import_register_wh is not null or export_register_wh is not null)
    order by transaction_id, instant`.execute(db);
  return rows.map((row) => ({ transactionId: asTransactionId(row.transaction_id), instantMs: row.instant }));
}
