import { Kysely, Migrator } from 'kysely';
import { EbbflowError } from '../domain/errors.js';
import type { Logger } from '../ports/logger.js';
import { ALL_MIGRATIONS } from './migrations/all-migrations.js';
import { openPool, type StoreLocation } from './open-pool.js';
import type { PoolLike } from './pool.js';
import { poolDialect } from './pool-dialect.js';

const SCHEMA = 'ebbflow';

/**
 * Brings the database to this version's tables and closes it; for `ebbflow migrate`.
 * Returns the names of the migrations that were missing, in order.
 */
export async function migrate(location: StoreLocation & { logger: Logger }): Promise<string[]> {
  const { pool, close } = await openPool(location, location.logger);
  try {
    return await migratePool(pool);
  } finally {
    await close();
  }
}

/**
 * Applies the missing migrations in one transaction, behind an advisory lock of the database (Kysely's
 * PostgreSQL adapter), so that any number of nodes may start at once.
 */
export async function migratePool(pool: PoolLike): Promise<string[]> {
  const db = new Kysely<unknown>({ dialect: poolDialect(pool) });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...ALL_MIGRATIONS }) },
    migrationTableSchema: SCHEMA,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error instanceof EbbflowError) throw error;
  if (error !== undefined) {
    throw new EbbflowError('INTERNAL', `The database cannot be migrated: ${String(error)}`, { cause: error });
  }
  return (results ?? []).map((result) => result.migrationName);
}
