import { type Kysely, type Migration, sql } from 'kysely';

/** What plans were short of awards, per quarter-hour; written by the planner alone (0011). */
export const awardShortages: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create table award_shortages (
      bid_id text not null,
      start_at timestamptz not null,
      missing_kw double precision not null,
      primary key (bid_id, start_at)
    )`.execute(db);
    await sql`create trigger planner_fence before insert or update or delete on award_shortages
      for each statement execute function planner_fence()`.execute(db);
  },
};
