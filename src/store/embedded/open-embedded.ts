import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EbbflowError } from '../../domain/errors.js';
import type { Logger } from '../../ports/logger.js';
import type { PoolLike } from '../pool.js';
import { EmbeddedPool } from './embedded-pool.js';
import { type FolderLock, lockFolder } from './folder-lock.js';
import { startHousekeeping } from './housekeeping.js';

/**
 * Opens the embedded database in `dataDir` (created when absent), alone.
 * It survives the death of the process, not the loss of power: nothing below it calls fsync.
 */
export async function openEmbedded(
  dataDir: string,
  searchPath: string,
  logger: Logger,
): Promise<{ pool: PoolLike; close(): Promise<void> }> {
  const folder = resolve(dataDir);
  const lock = await takeFolder(folder);
  const pool = new EmbeddedPool({ dataDir: join(folder, 'database'), searchPath }, logger);
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    await lock.release();
    throw error;
  }
  const stopHousekeeping = startHousekeeping(pool, logger);
  return {
    pool,
    async close() {
      await stopHousekeeping();
      await pool.end();
      await lock.release();
    },
  };
}

async function takeFolder(folder: string): Promise<FolderLock> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await lockFolder(folder);
  } catch (error) {
    if (error instanceof EbbflowError) throw error;
    const what = error instanceof Error ? error.message : String(error);
    throw new EbbflowError('STORE_UNAVAILABLE', `The data directory ${folder} cannot be used: ${what}`, {
      cause: error,
    });
  }
}
