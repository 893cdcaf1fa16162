import { type Kysely, type Migration, sql } from 'kysely';

/** Needs that came before their transaction: answered, so they must outlive the process. */
export const earlyNeeds: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table stations add column early_needs jsonb`.execute(db);
  },
};
