import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openQueue } from '../../src/queue/open-queue.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { startPostgres } from '../support/servers/postgres.js';
import { startRedis } from '../support/servers/redis.js';
import { quietLogger } from '../support/store-samples.js';
import { describeQueue, type QueueUnderTest } from './queue-contract.js';

describeQueue('the dispatch queue in the embedded store', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'ebbflow-queue-'));
  const opened = await openStore({ dataDir, logger: quietLogger });
  return queueIn(opened, () => rm(dataDir, { recursive: true, force: true }));
});

describeQueue('the dispatch queue in a store on PostgreSQL', async () => {
  const postgres = await startPostgres();
  const opened = await openStore({ databaseUrl: postgres.url, dataDir: 'unused', logger: quietLogger });
  return queueIn(opened, () => postgres.stop());
});

describeQueue('the dispatch queue on Redis', async () => {
  const redis = await startRedis();
  const admin = new Redis(redis.url);
  return {
    open: (options) =>
      openQueue({ redisUrl: redis.url, pool: noPool(), concurrency: 10, logger: quietLogger, ...options }),
    async clear() {
      await admin.flushall();
    },
    async stop() {
      admin.disconnect();
      await redis.stop();
    },
  };
});

function queueIn({ pool, close }: OpenStore, stop: () => Promise<void>): QueueUnderTest {
  return {
    open: (options) => openQueue({ pool, concurrency: 10, logger: quietLogger, ...options }),
    async clear() {
      const { rows } = await pool.query<{ there: boolean }>(
        `select to_regclass('bullmq.job') is not null as there`,
      );
      if (rows[0]?.there) {
        await pool.query('truncate bullmq.job, bullmq.dedup, bullmq.dedup_next, bullmq.event cascade');
      }
    },
    async stop() {
      await close();
      await stop();
    },
  };
}

/** On Redis the queue touches no database. */
function noPool(): OpenStore['pool'] {
  return new Proxy({} as OpenStore['pool'], {
    get(_, name) {
      throw new Error(`the queue on Redis asked for pool.${String(name)}`);
    },
  });
}
