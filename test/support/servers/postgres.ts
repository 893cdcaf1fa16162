import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { postgresBinFolder } from './binaries.js';
import { type ServerProcess, startServer } from './server-process.js';

const run = promisify(execFile);

export interface TestPostgres {
  /** Of an empty database. */
  readonly url: string;
  /** Path of its Unix socket. */
  readonly socketPath: string;
  /** Url of another, empty database. */
  freshDatabase(): Promise<string>;
  /** Ends the server at once, as a crash does, and starts it again on the same data. */
  crashAndRestart(): Promise<void>;
  /** Ends the server; `start` brings it back on the same data. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a PostgreSQL server of its own in a temporary folder, on a Unix socket only. */
export async function startPostgres(): Promise<TestPostgres> {
  const bin = postgresBinFolder();
  const folder = await mkdtemp(join(tmpdir(), 'ebbflow-pg-'));
  const user = serverUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const options = { cwd: folder, ...user, env: { ...process.env, LC_ALL: 'C' } };
  const data = join(folder, 'data');
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    options,
  );
  // Tests end the process, never the machine: what the kernel has taken is safe without fsync.
  const settings = ['-c', 'listen_addresses=', '-c', 'fsync=off'];
  const start = (): Promise<ServerProcess> =>
    startServer(join(bin, 'postgres'), ['-D', data, '-k', folder, ...settings], {
      ...options,
      ready: /database system is ready to accept connections/,
    });
  let server = await start();
  const urlOf = (database: string): string =>
    `postgresql://postgres@${encodeURIComponent(folder)}/${database}`;

  return {
    url: urlOf('postgres'),
    socketPath: join(folder, '.s.PGSQL.5432'),
    async freshDatabase() {
      const database = `test_${randomBytes(6).toString('hex')}`;
      const client = new pg.Client({ connectionString: urlOf('postgres') });
      await client.connect();
      await client.query(`create database ${database}`);
      await client.end();
      return urlOf(database);
    },
    async crashAndRestart() {
      await server.stop('SIGQUIT');
      server = await start();
    },
    shutDown: () => server.stop('SIGINT'),
    async start() {
      server = await start();
    },
    async stop() {
      await server.stop('SIGINT');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root; Debian's package brings the user `postgres`. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  try {
    return {
      uid: Number(execFileSync('id', ['-u', 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] })),
      gid: Number(execFileSync('id', ['-g', 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] })),
    };
  } catch {
    throw new Error('The user "postgres" is missing: install PostgreSQL with "apt-get install postgresql"');
  }
}
