import { type Kysely, type Migration, sql } from 'kysely';

/** Security events and grid-code events of a station, the newest ones. */
export const stationNotices: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table stations add column notices jsonb`.execute(db);
  },
};
