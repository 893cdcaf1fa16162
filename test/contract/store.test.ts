import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/open-store.js';
import { startPostgres } from '../support/servers/postgres.js';
import { quietLogger } from '../support/store-samples.js';
import { describeStore } from './store-contract.js';

describeStore('the embedded store', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'ebbflow-store-'));
  const { store } = await openStore({ dataDir, logger: quietLogger });
  return {
    store,
    async stop() {
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
});

describeStore('the store on PostgreSQL', async () => {
  const postgres = await startPostgres();
  const { store } = await openStore({ databaseUrl: postgres.url, dataDir: 'unused', logger: quietLogger });
  return {
    store,
    async stop() {
      await store.close();
      await postgres.stop();
    },
  };
});
