import { type Kysely, type Migration, sql } from 'kysely';

/** Energies per interval, of stations that tell no register. */
export const intervalReadings: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table readings add column import_interval_wh double precision,
      add column export_interval_wh double precision`.execute(db);
  },
};
