import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisServerPath } from './binaries.js';
import { freePort } from './free-port.js';
import { type ServerProcess, startServer } from './server-process.js';

export interface TestRedis {
  readonly url: string;
  readonly port: number;
  /** Ends the server at once, as a crash does, and starts it again on what it had written. */
  crashAndRestart(): Promise<void>;
  /** Ends the server; `start` brings it back on the same port, with the same data. */
  shutDown(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Redis server of its own on a free port of 127.0.0.1; it keeps its data in an append-only file. */
export async function startRedis(): Promise<TestRedis> {
  const path = redisServerPath();
  const folder = await mkdtemp(join(tmpdir(), 'ebbflow-redis-'));
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
  const settings = ['--save', '', '--appendonly', 'yes', '--maxmemory-policy', 'noeviction'];
  const start = (): Promise<ServerProcess> =>
    startServer(path, [...args, ...settings], { ready: /Ready to accept connections/ });
  let server = await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async crashAndRestart() {
      await server.stop('SIGKILL');
      server = await start();
    },
    shutDown: () => server.stop('SIGTERM'),
    async start() {
      server = await start();
    },
    async stop() {
      await server.stop('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
