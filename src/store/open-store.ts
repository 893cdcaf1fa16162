import { Kysely, sql } from 'kysely';
import type { Logger } from '../ports/logger.js';
import type { Store } from '../ports/store.js';
import { createApiKeyStore } from './api-key-store.js';
import { createBidStore } from './bid-store.js';
import { createDispatchStore } from './dispatch-store.js';
import { createLedgerStore } from './ledger-store.js';
import { migratePool } from './migrate.js';
import { openPool, type StoreLocation } from './open-pool.js';
import { createPlanStore } from './plan-store.js';
import type { PoolLike } from './pool.js';
import { poolDialect } from './pool-dialect.js';
import { createPriceStore } from './price-store.js';
import { createProfileStore } from './profile-store.js';
import { createProofStore } from './proof-store.js';
import { createSessionStore } from './session-store.js';
import { createSiteStore } from './site-store.js';
import { createStationStore } from './station-store.js';
import type { Tables } from './tables.js';

export interface OpenStore {
  readonly store: Store;
  /** The same database for the queue; close the queue before the store. */
  readonly pool: PoolLike;
  /** The same as `store.close()`. */
  close(): Promise<void>;
}

/**
 * Opens the store on a PostgreSQL server (15 or newer), or embedded in `dataDir`, and migrates it.
 * @throws EbbflowError STORE_UNAVAILABLE when the server does not answer, DATA_DIR_LOCKED when another process
 *   uses the directory
 */
export async function openStore(location: StoreLocation & { logger: Logger }): Promise<OpenStore> {
  const { pool, close: closePool } = await openPool(location, location.logger);
  try {
    const applied = await migratePool(pool);
    if (applied.length > 0) location.logger.info({ applied }, 'database migrated');
  } catch (error) {
    await closePool();
    throw error;
  }
  const db = new Kysely<Tables>({ dialect: poolDialect(pool) });
  const sessions = createSessionStore(db);
  const profiles = createProfileStore(db);
  const proofs = createProofStore(db);
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await Promise.all([sessions.drain(), profiles.drain(), proofs.drain()]);
    await closePool();
  }

  const store: Store = {
    stations: createStationStore(db),
    sites: createSiteStore(db),
    sessions,
    plans: createPlanStore(db),
    profiles,
    prices: createPriceStore(db),
    dispatches: createDispatchStore(db),
    bids: createBidStore(db),
    proofs,
    ledger: createLedgerStore(db),
    apiKeys: createApiKeyStore(db),
    async ping() {
      await sql`select 1`.execute(db);
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
  return { store, pool, close: () => store.close() };
}
