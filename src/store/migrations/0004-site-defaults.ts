import { type Kysely, type Migration, sql } from 'kysely';

/** What a site assumes of cars that state no needs, in its wall clock, and of which drivers it knows more. */
export const siteDefaults: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table sites add column time_zone text, add column ev_defaults jsonb,
      add column drivers jsonb`.execute(db);
  },
};
