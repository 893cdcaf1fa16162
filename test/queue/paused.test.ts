import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { asEvseId, type EvseId } from '../../src/domain/ids.js';
import type { DispatchQueue } from '../../src/ports/dispatch-queue.js';
import { openQueue } from '../../src/queue/open-queue.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';
import { quietLogger } from '../support/store-samples.js';

const EVSE = asEvseId('cs-1/1');

describe('the dispatch queue is not ready', () => {
  let postgres: TestPostgres;
  let redis: TestRedis;
  let operator: Redis;
  let opened: OpenStore;
  let queue: DispatchQueue;
  const delivered: EvseId[] = [];
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    opened = await openStore({ databaseUrl: postgres.url, dataDir: 'unused', logger: quietLogger });
    queue = await openQueue({ redisUrl: redis.url, pool: opened.pool, concurrency: 5, logger: quietLogger });
    await queue.start(async (evseId) => void delivered.push(evseId));
    operator = new Redis(redis.url);
  });
  afterAll(async () => {
    await queue.close();
    operator.disconnect();
    await opened.close();
    await Promise.all([postgres.stop(), redis.stop()]);
  });

  it('while somebody has paused it; what was announced meanwhile is delivered afterwards', async () => {
    const byHand = new Queue('dispatch', { connection: operator });
    await byHand.pause();
    await expect(queue.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await queue.announce([EVSE]);
    expect(await queue.counts()).toMatchObject({ active: 0 });
    await byHand.resume();
    await vi.waitFor(() => expect(delivered).toEqual([EVSE]), { timeout: 10_000 });
    await queue.ping();
  });

  it('while Redis has no memory left, and refuses hints as STORE_UNAVAILABLE', async () => {
    delivered.length = 0;
    await operator.config('SET', 'maxmemory', '1');
    await expect(queue.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await expect(queue.announce([EVSE])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await operator.config('SET', 'maxmemory', '0');
    await queue.ping();
    await queue.announce([EVSE]);
    await vi.waitFor(() => expect(delivered).toEqual([EVSE]), { timeout: 10_000 });
  });
});
