import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { migrate } from '../../src/store/migrate.js';
import { ALL_MIGRATIONS } from '../../src/store/migrations/all-migrations.js';
import { openStore } from '../../src/store/open-store.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { quietLogger, sampleRecord, uniqueName } from '../support/store-samples.js';

describe('the store on PostgreSQL', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  const at = (databaseUrl: string) => ({ databaseUrl, dataDir: 'unused', logger: quietLogger });

  it('may be migrated by many nodes at once; each migration runs on one of them', async () => {
    const databaseUrl = await postgres.freshDatabase();
    const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(at(databaseUrl))));
    expect(applied.flat()).toEqual(Object.keys(ALL_MIGRATIONS));
    expect(await migrate(at(databaseUrl))).toEqual([]);
  });

  it('takes the same months and the same event from two nodes at once', async () => {
    const databaseUrl = await postgres.freshDatabase();
    const [one, two] = await Promise.all([openStore(at(databaseUrl)), openStore(at(databaseUrl))]);
    const names = Array.from({ length: 50 }, () => uniqueName('tx'));
    const write = (node: typeof one, order: string[]) =>
      Promise.all(order.map((name) => node.store.sessions.recordEvent(sampleRecord(name, 0))));
    const outcomes = await Promise.all([write(one, names), write(two, names.toReversed())]);
    const fresh = outcomes.flat().filter(({ duplicate }) => !duplicate);
    expect(fresh).toHaveLength(names.length);
    expect((await one.store.sessions.totals()).importWh).toBe(10 * names.length);
    await Promise.all([one.close(), two.close()]);
  });

  it('survives a crash of the server: calls fail as STORE_UNAVAILABLE, then work again', async () => {
    const { store, close } = await openStore(at(await postgres.freshDatabase()));
    const before = sampleRecord(uniqueName('tx'), 0);
    await store.sessions.recordEvent(before);
    await postgres.shutDown();
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const during = sampleRecord(uniqueName('tx'), 0);
    await expect(store.sessions.recordEvent(during)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await postgres.start();
    expect(await store.sessions.recordEvent(during)).toEqual({ duplicate: false });
    expect(await store.sessions.get(before.session.transactionId)).toEqual(before.session);

    const writes = Promise.allSettled(
      Array.from({ length: 200 }, () => store.sessions.recordEvent(sampleRecord(uniqueName('tx'), 0))),
    );
    await postgres.crashAndRestart();
    for (const outcome of await writes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    }
    await vi.waitFor(() => store.ping(), { timeout: 10_000 });
    await close();
  }, 30_000);

  it('that is not there is STORE_UNAVAILABLE with the cause, at once', async () => {
    const nowhere = 'postgresql://nobody@127.0.0.1:1/nothing';
    await expect(openStore(at(nowhere))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
  });
});
