import { type Kysely, type Migration, sql } from 'kysely';

/** The bidding zone whose prices hold at a site. */
export const sitePriceZones: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table sites add column price_zone text`.execute(db);
  },
};
