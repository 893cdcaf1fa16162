import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asEvseId, type EvseId } from '../../src/domain/ids.js';
import type { DispatchQueue } from '../../src/ports/dispatch-queue.js';
import { openQueue } from '../../src/queue/open-queue.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';
import { quietLogger } from '../support/store-samples.js';

const BEFORE = [asEvseId('cs-before/1'), asEvseId('cs-before/2')];
const AFTER = asEvseId('cs-after/1');

describe('an outage under the dispatch queue', () => {
  let postgres: TestPostgres;
  let redis: TestRedis;
  let opened: OpenStore;
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    opened = await openStore({ databaseUrl: postgres.url, dataDir: 'unused', logger: quietLogger });
  });
  afterAll(async () => {
    await opened.close();
    await Promise.all([postgres.stop(), redis.stop()]);
  });

  /**
   * What waits when the server goes away is delivered when it is back; what is announced meanwhile fails as
   * STORE_UNAVAILABLE, nothing else does, and nobody has to be restarted.
   */
  async function expectRecovery(
    open: () => Promise<DispatchQueue>,
    server: { shutDown(): Promise<void>; start(): Promise<void> },
  ): Promise<void> {
    const producer = await open();
    await producer.announce(BEFORE);
    await server.shutDown();
    await expect(producer.announce([AFTER])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await server.start();
    const consumer = await open();
    const delivered: EvseId[] = [];
    await consumer.start(async (evseId) => void delivered.push(evseId));
    await vi.waitFor(() => expect(delivered.toSorted()).toEqual(BEFORE), { timeout: 10_000 });

    await server.shutDown();
    await server.start();
    await vi.waitFor(() => producer.announce([AFTER]), { timeout: 10_000 });
    await vi.waitFor(() => expect(delivered).toContain(AFTER), { timeout: 10_000 });
    expect(await producer.counts()).toMatchObject({ failed: 0 });
    await Promise.all([producer.close(), consumer.close()]);
  }

  it('of Redis ends without a restart of ours', async () => {
    const { pool } = opened;
    const open = () => openQueue({ redisUrl: redis.url, pool, concurrency: 5, logger: quietLogger });
    await expectRecovery(open, redis);
  }, 40_000);

  it('of PostgreSQL ends without a restart of ours', async () => {
    const open = () => openQueue({ pool: opened.pool, concurrency: 5, logger: quietLogger });
    await expectRecovery(open, postgres);
  }, 40_000);

  it('of Redis does not hold up the end: closing takes seconds, with the server away or just back', async () => {
    const { pool } = opened;
    const open = async () => {
      const queue = await openQueue({ redisUrl: redis.url, pool, concurrency: 5, logger: quietLogger });
      await queue.start(async () => undefined);
      return queue;
    };
    const [one, other] = [await open(), await open()];
    await redis.shutDown();
    const closing = one.close();
    await redis.start();
    await Promise.all([closing, other.close()]);
  }, 15_000);

  it('from the start is STORE_UNAVAILABLE', async () => {
    const { pool } = opened;
    const nowhere = { redisUrl: 'redis://127.0.0.1:1', pool, concurrency: 5, logger: quietLogger };
    await expect(openQueue(nowhere)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
