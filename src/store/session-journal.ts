import { type Kysely, sql, type Transaction } from 'kysely';
import type { TransactionId } from '../domain/ids.js';
import type { Session } from '../domain/session.js';
import type { EventRecord } from '../ports/store.js';
import { type Batcher, createBatcher } from './batcher.js';
import { timestampOf } from './instants.js';
import { IntervalChanges } from './interval-books.js';
import type { ReadingMonths } from './reading-months.js';
import { insertReadings } from './readings.js';
import { SESSION_COLUMNS, SESSION_RECORD, sessionRecord } from './session-rows.js';
import type { Tables } from './tables.js';
import { transact } from './transaction.js';

const MAX_ENTRIES_PER_TRANSACTION = 500;
const MAX_WAITING_ENTRIES = 50_000;

/** One write of a session: by a transaction event, or as it is. */
export type JournalEntry =
  | { readonly kind: 'event'; readonly record: EventRecord }
  | { readonly kind: 'session'; readonly session: Session };

/**
 * All writes of sessions in one line, in the order of the calls, many per transaction. An event's row, its
 * readings, its session and its intervals are committed together or not at all.
 */
export function createSessionJournal(
  db: Kysely<Tables>,
  months: ReadingMonths,
): Batcher<JournalEntry, { duplicate: boolean }> {
  return createBatcher({
    maxItems: MAX_ENTRIES_PER_TRANSACTION,
    maxWaiting: MAX_WAITING_ENTRIES,
    write: async (entries) => {
      await months.ensure(instantsOf(entries));
      return transact(db, (transaction) => writeEntries(transaction, entries));
    },
  });
}

function* instantsOf(entries: readonly JournalEntry[]): Iterable<number> {
  for (const entry of entries) {
    if (entry.kind === 'event') for (const reading of entry.record.event.readings) yield reading.atMs;
  }
}

async function writeEntries(
  transaction: Transaction<Tables>,
  entries: readonly JournalEntry[],
): Promise<{ duplicate: boolean }[]> {
  const inserted = await insertEvents(transaction, entries);
  const sessions = new Map<TransactionId, Session>();
  const intervals = new IntervalChanges();
  const records: EventRecord[] = [];
  const outcomes = entries.map((entry) => {
    if (entry.kind === 'session') {
      sessions.set(entry.session.transactionId, entry.session);
      return { duplicate: false };
    }
    const { record } = entry;
    // The first of several equal numbers in one batch is the one that was inserted.
    if (!inserted.delete(eventKey(record.event.transactionId, record.event.seqNo)))
      return { duplicate: true };
    records.push(record);
    sessions.set(record.session.transactionId, record.session);
    if (record.replaceIntervals) intervals.replace(record.session.transactionId, record.intervals);
    else intervals.add(record.session.transactionId, record.intervals);
    return { duplicate: false };
  });
  await upsertSessions(transaction, [...sessions.values()]);
  await insertReadings(
    transaction,
    records.map(({ session, event }) => ({
      evseId: session.evseId,
      transactionId: event.transactionId,
      seqNo: event.seqNo,
      readings: event.readings,
    })),
  );
  await intervals.write(transaction);
  return outcomes;
}

/** Keys of the events that were not on record. */
async function insertEvents(
  transaction: Transaction<Tables>,
  entries: readonly JournalEntry[],
): Promise<Set<string>> {
  const records = entries.flatMap((entry) => (entry.kind === 'event' ? [eventRecord(entry.record)] : []));
  if (records.length === 0) return new Set();
  const { rows } = await sql<{ transaction_id: string; seq_no: number }>`
    insert into transaction_events (transaction_id, seq_no, kind, at, received_at, event)
    select * from json_to_recordset(${JSON.stringify(records)}::json) as record(transaction_id text,
      seq_no integer, kind text, at timestamptz, received_at timestamptz, event jsonb)
    on conflict (transaction_id, seq_no) do nothing
    returning transaction_id, seq_no`.execute(transaction);
  return new Set(rows.map((row) => eventKey(row.transaction_id, row.seq_no)));
}

function eventRecord({
  event,
  receivedAtMs,
}: EventRecord): Record<keyof Tables['transaction_events'], unknown> {
  const { readings: _, ...eventWithoutReadings } = event;
  return {
    transaction_id: event.transactionId,
    seq_no: event.seqNo,
    kind: event.kind,
    at: timestampOf(event.atMs),
    received_at: timestampOf(receivedAtMs),
    event: eventWithoutReadings,
  };
}

async function upsertSessions(transaction: Transaction<Tables>, sessions: readonly Session[]): Promise<void> {
  if (sessions.length === 0) return;
  const columns = sql.join(SESSION_COLUMNS.map((column) => sql.ref(column)));
  const updates = sql.join(
    SESSION_COLUMNS.slice(1).map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`),
  );
  await sql`insert into sessions (${columns})
    select ${columns} from json_to_recordset(${JSON.stringify(sessions.map(sessionRecord))}::json)
      as record(${sql.raw(SESSION_RECORD)})
    on conflict (transaction_id) do update set ${updates}`.execute(transaction);
}

function eventKey(transactionId: string, seqNo: number): string {
  return `${seqNo} ${transactionId}`;
}
