import { type Kysely, type Migration, sql } from 'kysely';

/** What the operator decides about a station's profile dialect, what its EVSEs refused, and who else limits it. */
export const stationDialects: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table stations add column dialect_setting jsonb, add column dialect_demotions jsonb,
      add column external_limits jsonb`.execute(db);
  },
};
