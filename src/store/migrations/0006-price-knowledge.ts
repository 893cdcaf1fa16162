import { type Kysely, type Migration, sql } from 'kysely';

/** Prices of several markets side by side, where each came from, and what was known before it was revised. */
export const priceKnowledge: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table prices add column kind text not null default 'day-ahead',
      add column source text, add column revision double precision`.execute(db);
    await sql`alter table prices drop constraint prices_pkey, add primary key (kind, zone, start_at)`.execute(
      db,
    );
    await sql`create table superseded_prices (
      kind text not null,
      zone text not null,
      start_at timestamptz not null,
      end_at timestamptz not null,
      slot_minutes double precision not null,
      currency text not null,
      import_per_kwh double precision not null,
      export_per_kwh double precision not null,
      source text,
      revision double precision,
      known_at timestamptz not null,
      superseded_at timestamptz not null
    )`.execute(db);
    await sql`create index superseded_prices_by_start on superseded_prices (kind, zone, start_at)`.execute(
      db,
    );
  },
};
