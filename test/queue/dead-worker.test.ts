import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asEvseId, type EvseId } from '../../src/domain/ids.js';
import { openQueue } from '../../src/queue/open-queue.js';
import { openStore } from '../../src/store/open-store.js';
import { runScript } from '../support/child-script.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';
import { quietLogger } from '../support/store-samples.js';

const EVSES = Array.from({ length: 8 }, (_, index) => asEvseId(`cs-${index}/1`));

describe('deliveries of a process that was killed are made by another', () => {
  let dataDir: string;
  let postgres: TestPostgres;
  let redis: TestRedis;
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ebbflow-dead-'));
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  });
  afterAll(async () => {
    await Promise.all([postgres.stop(), redis.stop(), rm(dataDir, { recursive: true, force: true })]);
  });

  /** The queue is filled, three deliveries are taken and lost; the next process makes all eight. */
  async function expectRecovery(store: string, redisUrl?: string): Promise<void> {
    const location = store.startsWith('postgresql:')
      ? { databaseUrl: store, dataDir: 'unused' }
      : { dataDir: store };
    const open = async () => {
      const opened = await openStore({ ...location, logger: quietLogger });
      const queue = await openQueue({
        pool: opened.pool,
        ...(redisUrl === undefined ? {} : { redisUrl }),
        concurrency: 3,
        stalledAfterMs: 600,
        logger: quietLogger,
      });
      const close = async () => {
        await queue.close();
        await opened.close();
      };
      return { queue, close };
    };
    const before = await open();
    await before.queue.announce(EVSES);
    await before.close();

    const dying = runScript(
      new URL('./dying-worker.ts', import.meta.url),
      redisUrl === undefined ? [store] : [store, redisUrl],
    );
    await dying.line(3);
    await dying.kill();

    const after = await open();
    const delivered = new Set<EvseId>();
    await after.queue.start(async (evseId) => void delivered.add(evseId));
    await vi.waitFor(() => expect(delivered.size).toBe(EVSES.length), { timeout: 15_000 });
    await after.close();
  }

  it('in the embedded store', () => expectRecovery(dataDir), 60_000);
  it('in a store on PostgreSQL', () => expectRecovery(postgres.url), 60_000);
  it('on Redis', () => expectRecovery(postgres.url, redis.url), 60_000);
});
