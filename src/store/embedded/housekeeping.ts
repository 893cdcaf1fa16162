import type { Logger } from '../../ports/logger.js';
import type { PoolLike } from '../pool.js';

/** The embedded database has no background processes: no autovacuum, no checkpointer. */
const HOUSEKEEPING_INTERVAL_MS = 15_000;
/** autovacuum's own rule (PostgreSQL documentation, 19.10) with a higher floor. */
const DEAD_ROWS = `n_dead_tup > 1000 + 0.2 * n_live_tup`;
/** Write-ahead log that may gather before it is folded into the tables; it is also what a start replays. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;

/** Vacuums bloated tables and bounds the write-ahead log, on a timer. The result stops it. */
export function startHousekeeping(pool: PoolLike, logger: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = keepHouse(pool).catch((error: unknown) =>
      logger.warn({ error: error instanceof Error ? error.message : String(error) }, 'housekeeping failed'),
    );
  }, HOUSEKEEPING_INTERVAL_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** One round, TOAST tables included. Each table is its own statement, so that others get their turn in between. */
export async function keepHouse(pool: PoolLike): Promise<void> {
  const bloated = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, relname) as name from pg_stat_all_tables where ${DEAD_ROWS}`,
  );
  for (const { name } of bloated.rows) await pool.query(`vacuum (analyze) ${name}`);
  const log = await pool.query<{ bytes: string }>(
    `select pg_current_wal_insert_lsn() - redo_lsn as bytes from pg_control_checkpoint()`,
  );
  if (Number(log.rows[0]?.bytes ?? 0) > MAX_LOG_BYTES) await pool.query('checkpoint');
}
