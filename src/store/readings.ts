import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { asTransactionId, type EvseId, type TransactionId } from '../domain/ids.js';
import type { Reading } from '../domain/reading.js';
import type { ReceivedReading } from '../ports/store.js';
import { withoutNulls } from './absent-columns.js';
import { timestampOf } from './instants.js';
import type { Tables } from './tables.js';

/** Readings of one EVSE, of one transaction event or idle. */
export interface ReadingsOfEvse {
  readonly evseId: EvseId;
  readonly transactionId?: TransactionId;
  readonly seqNo?: number;
  readonly readings: readonly Reading[];
}

/** Inserts all readings with one statement. The partitions must exist (reading-months.ts). */
export async function insertReadings(
  transaction: Transaction<Tables> | Kysely<Tables>,
  groups: readonly ReadingsOfEvse[],
): Promise<void> {
  const records = groups.flatMap((group) => group.readings.map((reading) => readingRecord(group, reading)));
  if (records.length === 0) return;
  await sql`insert into readings (at, evse_id, transaction_id, seq_no, context, import_register_wh,
      export_register_wh, import_kw, export_kw, soc_fraction, remarks, import_interval_wh,
      export_interval_wh)
    select * from json_to_recordset(${JSON.stringify(records)}::json) as record(at timestamptz, evse_id text,
      transaction_id text, seq_no integer, context text, import_register_wh float8, export_register_wh float8,
      import_kw float8, export_kw float8, soc_fraction float8, remarks jsonb,
      import_interval_wh float8, export_interval_wh float8)`.execute(transaction);
}

function readingRecord(group: ReadingsOfEvse, reading: Reading): Record<keyof Tables['readings'], unknown> {
  return {
    at: timestampOf(reading.atMs),
    evse_id: group.evseId,
    transaction_id: group.transactionId,
    seq_no: group.seqNo,
    context: reading.context,
    import_register_wh: reading.importRegisterWh,
    export_register_wh: reading.exportRegisterWh,
    import_kw: reading.importKw,
    export_kw: reading.exportKw,
    soc_fraction: reading.socFraction,
    remarks: reading.remarks,
    import_interval_wh: reading.importIntervalWh,
    export_interval_wh: reading.exportIntervalWh,
  };
}

/** Readings of one session in time order; those of the same instant in the order of their events. */
export async function readingsOfSession(
  db: Kysely<Tables>,
  transactionId: TransactionId,
): Promise<Reading[]> {
  const rows = await db
    .selectFrom('readings')
    .selectAll()
    .where('transaction_id', '=', transactionId)
    .orderBy('at')
    .orderBy('seq_no')
    .execute();
  return rows.map(readingOf);
}

/** Readings of transactions taken in [fromMs, toMs], with the receipt of their event. */
export async function receivedReadings(
  db: Kysely<Tables>,
  query: { fromMs: number; toMs: number },
): Promise<ReceivedReading[]> {
  const { rows } = await sql<Selectable<Tables['readings']> & { received_at: number }>`
    select readings.*, transaction_events.received_at
    from readings join transaction_events using (transaction_id, seq_no)
    where readings.at >= ${timestampOf(query.fromMs)}::timestamptz
      and readings.at <= ${timestampOf(query.toMs)}::timestamptz
    order by transaction_id collate "C", readings.at, seq_no`.execute(db);
  return rows.flatMap((row) =>
    row.transaction_id === null || row.seq_no === null
      ? []
      : [
          {
            transactionId: asTransactionId(row.transaction_id),
            seqNo: row.seq_no,
            receivedAtMs: row.received_at,
            reading: readingOf(row),
          },
        ],
  );
}

function readingOf(row: Selectable<Tables['readings']>): Reading {
  return withoutNulls<Reading>({
    atMs: row.at,
    context: row.context,
    importRegisterWh: row.import_register_wh,
    exportRegisterWh: row.export_register_wh,
    importIntervalWh: row.import_interval_wh,
    exportIntervalWh: row.export_interval_wh,
    importKw: row.import_kw,
    exportKw: row.export_kw,
    socFraction: row.soc_fraction,
    remarks: row.remarks,
  });
}
