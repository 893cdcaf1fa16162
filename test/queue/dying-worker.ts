/**
 * Takes deliveries and never ends them, until it is killed. Prints each EVSE that it took.
 * Arguments: data directory or database URL, then the Redis URL if there is one.
 */
import { openQueue } from '../../src/queue/open-queue.js';
import { openStore } from '../../src/store/open-store.js';
import { quietLogger } from '../support/store-samples.js';

const [store = '', redisUrl] = process.argv.slice(2);
const location = store.startsWith('postgresql:')
  ? { databaseUrl: store, dataDir: 'unused' }
  : { dataDir: store };
const { pool } = await openStore({ ...location, logger: quietLogger });
const queue = await openQueue({
  pool,
  ...(redisUrl === undefined ? {} : { redisUrl }),
  concurrency: 3,
  stalledAfterMs: 600,
  logger: quietLogger,
});
await queue.start(async (evseId) => {
  process.stdout.write(`${evseId}\n`);
  await new Promise(() => undefined);
});
