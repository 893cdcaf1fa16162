import { type Kysely, type Migration, sql } from 'kysely';

/**
 * Who plans, and the fence that keeps a planner out that has been replaced: each statement on what the engine
 * writes checks that its connection's token (setting `ebbflow.planner_token`; empty: one node alone) is the
 * lease's. The check's key lock and the change of a token, which is part of the key, exclude each other: when a
 * new token is out, no write of the old one is under way any more. Renewing changes no key and waits for nobody.
 */
export const plannerLease: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
    for (const table of FENCED) {
      await sql
        .raw(
          `create trigger planner_fence before insert or update or delete on ${table}
           for each statement execute function planner_fence()`,
        )
        .execute(db);
    }
  },
};

/** What the engine alone writes and rebuilds its memory from. */
const FENCED = [
  'stations',
  'sites',
  'sessions',
  'transaction_events',
  'session_intervals',
  'plans',
  'desired_profiles',
  'acknowledged_profiles',
  'evse_records',
  'prices',
  'dispatches',
  'bids',
] as const;

const STATEMENTS = [
  `create table leases (
    name text not null unique,
    token bigint not null,
    holder text not null,
    expires_at timestamptz not null,
    primary key (name, token)
  )`,
  `create function planner_fence() returns trigger language plpgsql as $body$
  declare
    own text := coalesce(current_setting('ebbflow.planner_token', true), '');
  begin
    if own = '' then
      return null;
    end if;
    perform 1 from ebbflow.leases where name = 'planner' and token = own::bigint for key share;
    if not found then
      raise exception 'another node plans: the token % is out of date', own using errcode = '25E01';
    end if;
    return null;
  end
  $body$`,
];
