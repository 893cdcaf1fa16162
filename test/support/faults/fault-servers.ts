import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startPostgres, type TestPostgres } from '../servers/postgres.js';
import { startRedis, type TestRedis } from '../servers/redis.js';

/** The servers that one run after the other uses, and what an operator's mistake or a crash does to them. */
export interface FaultServers {
  readonly postgres: TestPostgres;
  readonly redis: TestRedis;
  /** A database for one run. */
  freshDatabase(): Promise<{ name: string; url: string }>;
  /** Asked past every proxy. @throws while the server is away */
  query<Row extends object>(database: string, text: string): Promise<Row[]>;
  dropDatabase(name: string): Promise<void>;
  cutDatabaseSessions(): Promise<void>;
  flushRedis(): Promise<void>;
  setRedisFull(isFull: boolean): Promise<void>;
  pauseQueue(isPaused: boolean): Promise<void>;
  stop(): Promise<void>;
}

export async function startFaultServers(): Promise<FaultServers> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  const urlOf = (database: string) => postgres.url.replace(/[^/]*$/, database);

  async function query<Row extends object>(database: string, text: string): Promise<Row[]> {
    const client = new pg.Client({ connectionString: urlOf(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  async function withRedis(work: (client: Redis) => Promise<unknown>): Promise<void> {
    const client = new Redis(redis.url, { maxRetriesPerRequest: null, retryStrategy: () => 100 });
    client.on('error', () => undefined);
    try {
      await work(client);
    } finally {
      client.disconnect();
    }
  }

  return {
    postgres,
    redis,
    query,
    async freshDatabase() {
      const url = await postgres.freshDatabase();
      return { name: url.slice(url.lastIndexOf('/') + 1), url };
    },
    async dropDatabase(name) {
      await query('postgres', `drop database ${name} with (force)`);
    },
    async cutDatabaseSessions() {
      await query(
        'postgres',
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
      );
    },
    flushRedis: () => withRedis((client) => client.flushall()),
    setRedisFull: (isFull) => withRedis((client) => client.config('SET', 'maxmemory', isFull ? '1' : '0')),
    pauseQueue: (isPaused) =>
      withRedis(async (client) => {
        const queue = new Queue('dispatch', { connection: client });
        queue.on('error', () => undefined);
        await (isPaused ? queue.pause() : queue.resume());
        await queue.close();
      }),
    async stop() {
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
}
