import { type Kysely, sql } from 'kysely';
import type { SessionStore } from '../ports/store.js';
import { createBatcher } from './batcher.js';
import { instant } from './instants.js';
import { intervalsBetween, poolBooksBetween, totalOfIntervals } from './interval-books.js';
import { coverageBetween, readingsAt } from './meter-coverage.js';
import { createReadingMonths } from './reading-months.js';
import { insertReadings, type ReadingsOfEvse, readingsOfSession, receivedReadings } from './readings.js';
import { createSessionJournal } from './session-journal.js';
import { sessionOf } from './session-rows.js';
import type { Tables } from './tables.js';

const MAX_IDLE_GROUPS_PER_TRANSACTION = 500;
const MAX_WAITING_IDLE_GROUPS = 50_000;

/** `drain` resolves when every write that was asked for is settled. */
export function createSessionStore(db: Kysely<Tables>): SessionStore & { drain(): Promise<void> } {
  const months = createReadingMonths(db);
  const journal = createSessionJournal(db, months);
  const idleReadings = createBatcher<ReadingsOfEvse, undefined>({
    maxItems: MAX_IDLE_GROUPS_PER_TRANSACTION,
    maxWaiting: MAX_WAITING_IDLE_GROUPS,
    write: async (groups) => {
      await months.ensure(groups.flatMap((group) => group.readings.map((reading) => reading.atMs)));
      await insertReadings(db, groups);
      return groups.map(() => undefined);
    },
  });

  return {
    recordEvent: (record) => journal.add({ kind: 'event', record }),
    async save(session) {
      await journal.add({ kind: 'session', session });
    },
    async get(transactionId) {
      const row = await db
        .selectFrom('sessions')
        .selectAll()
        .where('transaction_id', '=', transactionId)
        .executeTakeFirst();
      return row === undefined ? undefined : sessionOf(row);
    },
    async active() {
      const rows = await db
        .selectFrom('sessions')
        .selectAll()
        .where('state', '=', 'active')
        .orderBy('started_at')
        .orderBy('transaction_id')
        .execute();
      return rows.map(sessionOf);
    },
    async list({ fromMs, toMs, state, limit }) {
      let select = db.selectFrom('sessions').selectAll();
      if (toMs !== undefined) select = select.where('started_at', '<', instant(toMs));
      if (fromMs !== undefined) {
        const from = instant(fromMs);
        select = select.where((is) => is.or([is('ended_at', 'is', null), is('ended_at', '>', from)]));
      }
      if (state !== undefined) select = select.where('state', '=', state);
      const rows = await select
        .orderBy('started_at', 'desc')
        .orderBy('transaction_id')
        .limit(limit)
        .execute();
      return rows.map(sessionOf);
    },
    readings: (transactionId) => readingsOfSession(db, transactionId),
    async eventNumbers(transactionId) {
      const rows = await db
        .selectFrom('transaction_events')
        .select('seq_no')
        .where('transaction_id', '=', transactionId)
        .orderBy('seq_no')
        .execute();
      return rows.map((row) => row.seq_no);
    },
    async signedValues(transactionId) {
      const rows = await db
        .selectFrom('transaction_events')
        .select('event')
        .where('transaction_id', '=', transactionId)
        .where(sql<boolean>`event ? 'signedValues'`)
        .orderBy('seq_no')
        .execute();
      return rows.flatMap(({ event }) => event.signedValues ?? []);
    },
    async recordIdleReadings(evseId, readings) {
      if (readings.length > 0) await idleReadings.add({ evseId, readings });
    },
    intervals: (query) => intervalsBetween(db, query),
    poolBooks: (query) => poolBooksBetween(db, query),
    coverage: (query) => coverageBetween(db, query),
    readingsAt: (query) => readingsAt(db, query),
    receivedReadings: (query) => receivedReadings(db, query),
    totals: () => totalOfIntervals(db),
    async drain() {
      await Promise.all([journal.drain(), idleReadings.drain()]);
    },
  };
}
