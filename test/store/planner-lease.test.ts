import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { asStationId } from '../../src/domain/ids.js';
import { migrate } from '../../src/store/migrate.js';
import { type OpenStore, openStore } from '../../src/store/open-store.js';
import { acquirePlannerLease, type PlannerLease } from '../../src/store/planner-lease.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const station = { stationId: asStationId('CS-1'), registration: 'accepted', nonConformances: [] } as const;

describe("the planner's lease", () => {
  let postgres: TestPostgres;
  let url: string;
  let abort = new AbortController();
  const leases: PlannerLease[] = [];
  const stores: OpenStore[] = [];
  beforeAll(async () => {
    postgres = await startPostgres();
    url = await postgres.freshDatabase();
    await migrate({ databaseUrl: url, dataDir: '', logger });
  });
  afterEach(async () => {
    abort.abort();
    abort = new AbortController();
    await Promise.all(leases.splice(0).map((lease) => lease.release()));
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });
  afterAll(() => postgres.stop());

  const asked = (holder: string) => acquirePlannerLease(url, holder, logger, abort.signal);
  async function acquired(holder: string): Promise<PlannerLease> {
    const lease = (await asked(holder))!;
    leases.push(lease);
    return lease;
  }
  async function storeWith(plannerToken?: number): Promise<OpenStore> {
    const store = await openStore({
      databaseUrl: url,
      dataDir: '',
      logger,
      ...(plannerToken === undefined ? {} : { plannerToken }),
    });
    stores.push(store);
    return store;
  }
  /** As if its holder had not been heard of for the whole term. */
  async function runOut(): Promise<void> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`update ebbflow.leases set expires_at = clock_timestamp() - interval '1 second'`);
    await client.end();
  }

  it('is given to the next node as soon as it is released, with a higher token', async () => {
    const first = await acquired('first');
    expect(first.isHeld()).toBe(true);
    const waiting = acquired('second');
    await first.release();
    expect(first.isHeld()).toBe(false);
    const second = await waiting;
    expect(second.token).toBe(first.token + 1);
    expect(second.isHeld()).toBe(true);
  });

  it('ends the waiting of a node that stops', async () => {
    await acquired('first');
    const waiting = asked('second');
    abort.abort();
    expect(await waiting).toBeUndefined();
  });

  it('is lost by a holder that another node has replaced, and its writes are refused from then on', async () => {
    const first = await acquired('first');
    const { store: old } = await storeWith(first.token);
    await old.stations.save(station);
    await runOut();
    const second = await acquired('second');
    await first.lost;
    expect(first.isHeld()).toBe(false);
    await expect(old.stations.save({ ...station, registration: 'new' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    const { store: fresh } = await storeWith(second.token);
    expect(await fresh.stations.get(station.stationId)).toEqual(station);
    await fresh.stations.save({ ...station, registration: 'new' });
  });

  it('asks nothing of a node that is alone and carries no token', async () => {
    const { store } = await storeWith();
    await store.stations.save(station);
    expect(await store.stations.get(station.stationId)).toEqual(station);
  });
});
