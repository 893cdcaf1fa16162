import { type Kysely, sql } from 'kysely';
import { type LedgerEntry, subjectIdOf } from '../domain/ledger.js';
import type { LedgerStore } from '../ports/store.js';
import { instant, timestampOf } from './instants.js';
import { appendLinks } from './proof-store.js';
import type { Tables } from './tables.js';
import { transact } from './transaction.js';

/** Rows of one insert: five parameters each stay below PostgreSQL's limit of 65,535. */
const MOST_ROWS = 10_000;

export function createLedgerStore(db: Kysely<Tables>): LedgerStore {
  return {
    book: (subjectIds, build, seal) =>
      transact(db, async (transaction) => {
        // One run at a time: two that see the same books would book the same twice. Readers are not in the way.
        await sql`lock table ledger_entries in share row exclusive mode`.execute(transaction);
        const rows = await transaction
          .selectFrom('ledger_entries')
          .select('entry')
          .where('transaction_id', '=', sql<string>`any(${[...subjectIds]}::text[])`)
          .orderBy('seq')
          .execute();
        const entries = build(rows.map(({ entry }) => entryOf(entry)));
        for (let first = 0; first < entries.length; first += MOST_ROWS) {
          const values = entries.slice(first, first + MOST_ROWS).map((entry) => ({
            run_id: entry.runId,
            transaction_id: subjectIdOf(entry),
            start_at: timestampOf(entry.startMs),
            entry: JSON.stringify(entry),
          }));
          await transaction.insertInto('ledger_entries').values(values).execute();
        }
        if (entries.length > 0) await appendLinks(transaction, (last) => [seal(entries, last)]);
        return entries;
      }),
    async entries({ fromMs, toMs }) {
      const rows = await db
        .selectFrom('ledger_entries')
        .select('entry')
        .where('start_at', '>=', instant(fromMs))
        .where('start_at', '<', instant(toMs))
        .orderBy('seq')
        .execute();
      return rows.map(({ entry }) => entryOf(entry));
    },
    async unsealedRuns() {
      const { rows } = await sql<{ run_id: string }>`
        select run_id from ledger_entries
        where not exists (select from proof_links where kind = 'settlement' and subject = run_id)
        group by run_id
        order by min(seq)`.execute(db);
      return rows.map((row) => row.run_id);
    },
    async ofRun(runId) {
      const rows = await db
        .selectFrom('ledger_entries')
        .select('entry')
        .where('run_id', '=', runId)
        .orderBy('seq')
        .execute();
      return rows.map(({ entry }) => entryOf(entry));
    },
    async saveDocument(kind, document, atMs) {
      await db
        .insertInto('settlement_documents')
        .values({ kind, id: document.id, at: timestampOf(atMs), document: JSON.stringify(document) })
        .execute();
    },
    async documents(kind) {
      const { rows } = await sql<{ document: string }>`
        select distinct on (id) document
        from settlement_documents
        where kind = ${kind}
        order by id, seq desc`.execute(db);
      return rows.map(({ document }) => JSON.parse(document)).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };
}

function entryOf(text: string): LedgerEntry {
  return JSON.parse(text) as LedgerEntry;
}
