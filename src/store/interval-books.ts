import { type Kysely, sql, type Transaction } from 'kysely';
import { asEvseId, asTransactionId, type EvseId, type TransactionId } from '../domain/ids.js';
import type { IntervalEnergy } from '../domain/reading.js';
import type { PoolEnergy } from '../ports/store.js';
import { instant, timestampOf } from './instants.js';
import type { Tables } from './tables.js';

/** Changes of interval books, gathered in order over the events of one batch. */
export class IntervalChanges {
  readonly #replaced = new Set<TransactionId>();
  readonly #sums = new Map<TransactionId, Map<number, IntervalEnergy>>();

  add(transactionId: TransactionId, intervals: readonly IntervalEnergy[]): void {
    const sums = this.#sums.get(transactionId) ?? new Map<number, IntervalEnergy>();
    this.#sums.set(transactionId, sums);
    for (const interval of intervals) {
      const sum = sums.get(interval.startMs);
      sums.set(interval.startMs, {
        ...interval,
        importWh: interval.importWh + (sum?.importWh ?? 0),
        exportWh: interval.exportWh + (sum?.exportWh ?? 0),
      });
    }
  }

  /** These are all intervals of the session; what was there before goes. */
  replace(transactionId: TransactionId, intervals: readonly IntervalEnergy[]): void {
    this.#replaced.add(transactionId);
    this.#sums.delete(transactionId);
    this.add(transactionId, intervals);
  }

  async write(transaction: Transaction<Tables>): Promise<void> {
    if (this.#replaced.size > 0) {
      await transaction
        .deleteFrom('session_intervals')
        .where('transaction_id', 'in', [...this.#replaced])
        .execute();
    }
    const records = [...this.#sums.values()].flatMap((sums) => [...sums.values()].map(intervalRecord));
    if (records.length === 0) return;
    await sql`insert into session_intervals as book (transaction_id, start_at, evse_id, import_wh, export_wh)
      select * from json_to_recordset(${JSON.stringify(records)}::json)
        as record(transaction_id text, start_at timestamptz, evse_id text, import_wh float8, export_wh float8)
      on conflict (transaction_id, start_at) do update set
        import_wh = book.import_wh + excluded.import_wh,
        export_wh = book.export_wh + excluded.export_wh`.execute(transaction);
  }
}

function intervalRecord(interval: IntervalEnergy): Record<keyof Tables['session_intervals'], unknown> {
  return {
    transaction_id: interval.transactionId,
    start_at: timestampOf(interval.startMs),
    evse_id: interval.evseId,
    import_wh: interval.importWh,
    export_wh: interval.exportWh,
  };
}

/** Intervals that start in [fromMs, toMs), by time, then transaction. */
export async function intervalsBetween(
  db: Kysely<Tables>,
  query: { fromMs: number; toMs: number; transactionId?: TransactionId },
): Promise<IntervalEnergy[]> {
  let select = db
    .selectFrom('session_intervals')
    .selectAll()
    .where('start_at', '>=', instant(query.fromMs))
    .where('start_at', '<', instant(query.toMs));
  if (query.transactionId !== undefined) select = select.where('transaction_id', '=', query.transactionId);
  const rows = await select.orderBy('start_at').orderBy('transaction_id').execute();
  return rows.map((row) => ({
    transactionId: asTransactionId(row.transaction_id),
    evseId: asEvseId(row.evse_id),
    startMs: row.start_at,
    importWh: row.import_wh,
    exportWh: row.export_wh,
  }));
}

/** Interval books added up over all sessions, or those at some EVSEs, by time. */
export async function poolBooksBetween(
  db: Kysely<Tables>,
  query: { fromMs: number; toMs: number; evseIds?: readonly EvseId[] },
): Promise<PoolEnergy[]> {
  const atEvses = query.evseIds === undefined ? sql`true` : sql`evse_id = any(${[...query.evseIds]}::text[])`;
  const { rows } = await sql<{
    start_at: number;
    import_wh: number;
    export_wh: number;
    discharge_wh: number;
  }>`
    select start_at, sum(import_wh) as import_wh, sum(export_wh) as export_wh,
      sum(greatest(export_wh - import_wh, 0)) as discharge_wh
    from session_intervals
    where start_at >= ${timestampOf(query.fromMs)}::timestamptz and start_at < ${timestampOf(query.toMs)}::timestamptz
      and ${atEvses}
    group by start_at
    order by start_at`.execute(db);
  return rows.map((row) => ({
    startMs: row.start_at,
    importWh: row.import_wh,
    exportWh: row.export_wh,
    dischargeWh: row.discharge_wh,
  }));
}

/** Sum of all interval books, Wh. Reads the whole table: for the start, not for a loop. */
export async function totalOfIntervals(db: Kysely<Tables>): Promise<{ importWh: number; exportWh: number }> {
  const { rows } = await sql<{ import_wh: number; export_wh: number }>`
    select coalesce(sum(import_wh), 0) as import_wh, coalesce(sum(export_wh), 0) as export_wh
    from session_intervals`.execute(db);
  return { importWh: rows[0]?.import_wh ?? 0, exportWh: rows[0]?.export_wh ?? 0 };
}
