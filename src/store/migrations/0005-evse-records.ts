import { type Kysely, type Migration, sql } from 'kysely';

/** What experience says of each EVSE: how it answered the dialects, and whether it did what it was told. */
export const evseRecords: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table evse_records (evse_id text primary key, record jsonb not null)
      with (fillfactor = 70)`.execute(db);
  },
};
