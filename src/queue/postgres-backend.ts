import { createPostgresBackend, type PgPool, Queue, runMigrations, Worker } from 'bullmq';
import type { Logger } from '../ports/logger.js';
import { MAX_EVENTS_KEPT, QUEUE_NAME } from './job-policy.js';
import { createOutageLog } from './outage-log.js';
import type { QueueBackend } from './queue-backend.js';

/**
 * BullMQ on its PostgreSQL backend, in the schema `bullmq`, over the store's pool (whose search path must
 * name that schema). The pool stays the store's: it is not closed here.
 */
export async function createStoreBackend(pool: PgPool, logger: Logger): Promise<QueueBackend> {
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
  const outage = createOutageLog('The queue in the store', logger);
  const jobs = new Queue(
    QUEUE_NAME,
    { connection: pool, streams: { events: { maxLen: MAX_EVENTS_KEPT } } },
    createPostgresBackend,
  );
  jobs.on('error', outage.failed);
  return {
    jobs,
    createWorker: (process, settings) =>
      new Worker(QUEUE_NAME, process, { connection: pool, ...settings }, createPostgresBackend),
    async ping() {
      await pool.query('select 1');
    },
    async close() {},
  };
}
