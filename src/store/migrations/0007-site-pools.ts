import { type Kysely, type Migration, sql } from 'kysely';

/** The pool that a site is traded with. */
export const sitePools: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table sites add column pool text`.execute(db);
  },
};
