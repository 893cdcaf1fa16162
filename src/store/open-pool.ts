import type { Logger } from '../ports/logger.js';
import { openEmbedded } from './embedded/open-embedded.js';
import type { PoolLike } from './pool.js';
import { createPostgresPool, SEARCH_PATH } from './postgres-pool.js';

/** Where the data are: a PostgreSQL server, or, without `databaseUrl`, the embedded database in `dataDir`. */
export interface StoreLocation {
  readonly databaseUrl?: string;
  readonly dataDir: string;
  /** Of the planner's lease: the server refuses writes of the engine's tables with one that is out of date. */
  readonly plannerToken?: number;
}

/** Connects; `close` ends the connections (and frees the data directory). */
export async function openPool(
  { databaseUrl, dataDir, plannerToken }: StoreLocation,
  logger: Logger,
): Promise<{ pool: PoolLike; close(): Promise<void> }> {
  if (databaseUrl === undefined) return openEmbedded(dataDir, SEARCH_PATH, logger);
  const pool = createPostgresPool(databaseUrl, logger, plannerToken);
  return { pool, close: () => pool.end() };
}
