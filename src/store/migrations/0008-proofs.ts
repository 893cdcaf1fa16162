import { type Kysely, type Migration, sql } from 'kysely';

export const proofs: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  // Text, not jsonb: the hash is over these very bytes.
  `create table proof_links (
    seq bigint primary key,
    kind text not null,
    subject text not null,
    at timestamptz not null,
    body text not null,
    body_hash text not null,
    previous_hash text not null unique,
    hash text not null unique
  )`,
  `create index proof_links_by_subject on proof_links (subject, kind, seq)`,
  `create table proof_profiles (
    evse_id text not null,
    revision bigint not null,
    at timestamptz not null,
    valid_to timestamptz not null,
    acknowledged text not null,
    primary key (evse_id, revision, at)
  )`,
  `create index proof_profiles_by_time on proof_profiles (at)`,
  `create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception 'rows of % are only ever added', tg_table_name;
    end
  $$`,
  ...['proof_links', 'proof_profiles'].map(
    (table) => `create trigger ${table}_append_only before update or delete or truncate on ${table}
      for each statement execute function refuse_change()`,
  ),
];
