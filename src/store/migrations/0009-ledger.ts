import { type Kysely, type Migration, sql } from 'kysely';

export const ledger: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table ledger_entries (
    seq bigint generated always as identity primary key,
    run_id text not null,
    transaction_id text not null,
    start_at timestamptz not null,
    entry text not null
  )`,
  `create index ledger_entries_by_start on ledger_entries (start_at)`,
  `create index ledger_entries_by_transaction on ledger_entries (transaction_id)`,
  `create index ledger_entries_by_run on ledger_entries (run_id)`,
  `create table settlement_documents (
    seq bigint generated always as identity primary key,
    kind text not null,
    id text not null,
    at timestamptz not null,
    document text not null
  )`,
  `create index settlement_documents_by_id on settlement_documents (kind, id, seq)`,
  ...['ledger_entries', 'settlement_documents'].map(
    (table) => `create trigger ${table}_append_only before update or delete or truncate on ${table}
      for each statement execute function refuse_change()`,
  ),
];
