import pg from 'pg';
import type { Logger } from '../ports/logger.js';
import type { PoolLike } from './pool.js';
import { VALUE_PARSERS } from './value-parsers.js';

/** Most connections of one node; a LISTEN connection of the queue is one of them. */
const MAX_CONNECTIONS = 20;
/** How long a call waits for a free or new connection. */
const CONNECT_TIMEOUT_MS = 5_000;
/** No statement of the engine takes this long; one that does is stuck. */
const STATEMENT_TIMEOUT_MS = 30_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_DELAY_MS = 10_000;

/** Our tables live in `ebbflow`, the queue's in `bullmq`; no name is in both. */
export const SEARCH_PATH = 'ebbflow, bullmq';

/** Pool of connections to a PostgreSQL server. Lost connections are logged and replaced, never thrown. */
export function createPostgresPool(databaseUrl: string, logger: Logger, plannerToken?: number): PoolLike {
  const pool: pg.Pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: 'ebbflow',
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    types: { getTypeParser },
    onConnect: async (client: pg.ClientBase) => {
      const token = plannerToken === undefined ? '' : `; set ebbflow.planner_token to '${plannerToken}'`;
      await client.query(`set search_path to ${SEARCH_PATH}; set timezone to 'UTC'${token}`);
    },
  });
  pool.on('error', (error) => logger.warn({ error: error.message }, 'database connection lost'));
  // A client that is checked out reports a lost connection on itself; unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  pool.setMaxListeners(0);
  return pool as PoolLike;
}

function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return VALUE_PARSERS[oid] ?? pg.types.getTypeParser(oid, format ?? 'text');
}
