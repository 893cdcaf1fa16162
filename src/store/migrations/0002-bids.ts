import { type Kysely, type Migration, sql } from 'kysely';

export const bids: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table bids (
    bid_id text primary key,
    product_id text not null,
    start_at timestamptz not null,
    end_at timestamptz not null,
    awarded_kw double precision,
    bid jsonb not null
  )`,
  `create index bids_by_end on bids (end_at)`,
];
