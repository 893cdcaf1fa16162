import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startPostgres } from '../test/support/servers/postgres.js';
import { startRedis } from '../test/support/servers/redis.js';
import { createLoadFleet, type LoadFleet } from './scale/load-fleet.js';
import { cpuSecondsOf, quantile, residentKb } from './scale/process-figures.js';

/*
 * One engine node under the load of a fleet: boot storm, memory at rest, one plan to all, an urgent order
 * during a fleet-wide fan-out, meter messages. Real server process, real sockets, real Redis and PostgreSQL.
 *
 *   npx tsx benchmarks/scale.ts --stations 10000            on Redis and PostgreSQL
 *   npx tsx benchmarks/scale.ts --stations 2000 --embedded  on the embedded store
 */
const { values: flags } = parseArgs({
  options: {
    stations: { type: 'string', default: '10000' },
    embedded: { type: 'boolean', default: false },
    processes: { type: 'string', default: '2' },
    rate: { type: 'string', default: '3000' },
    seconds: { type: 'string', default: '15' },
    profile: { type: 'string' },
    phases: { type: 'string', default: 'rest,plan,urgent,meter' },
  },
});
const stations = Number(flags.stations);
const phases = new Set(flags.phases.split(','));
const KEY = 'scale-benchmark-key';
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Server {
  readonly child: ChildProcess;
  readonly http: string;
  readonly ocpp: string;
}

async function startServer(env: Record<string, string>): Promise<Server> {
  const child = spawn(
    process.execPath,
    [
      ...(flags.profile ? ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`] : []),
      '--expose-gc',
      'dist/src/cli/main.js',
      'serve',
    ],
    {
      env: {
        ...process.env,
        EBBFLOW_HTTP_PORT: '0',
        EBBFLOW_OCPP_PORT: '0',
        EBBFLOW_STATION_AUTH: 'open',
        EBBFLOW_ADMIN_KEY: KEY,
        EBBFLOW_PLAN_INTERVAL_S: '300',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const entry = JSON.parse(line) as {
        event?: string;
        http: string;
        ocpp: string;
        level: number;
        msg: string;
      };
      if (entry.event === 'ready') resolve({ child, http: entry.http, ocpp: entry.ocpp });
      else if (entry.level >= 50) process.stderr.write(`${line.slice(0, 400)}\n`);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

async function ask<T>(server: Server, method: string, route: string, body?: object): Promise<T> {
  const response = await fetch(`${server.http}${route}`, {
    method,
    headers: {
      authorization: `Bearer ${KEY}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(route === '/v1/dispatches' ? { 'idempotency-key': `${Math.random()}` } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Quarter-hour prices from now on; `turn` swaps dear and cheap hours, so that every schedule changes. */
function prices(turn: number): object {
  const start = Math.floor(Date.now() / 900_000) * 900_000;
  const series = Array.from(
    { length: 96 },
    (_, slot) => 0.2 + 0.15 * Math.sin((2 * Math.PI * (slot + turn * 7)) / 24),
  );
  return {
    zone: 'DE-LU',
    currency: 'EUR',
    start: new Date(start).toISOString(),
    slotMinutes: 15,
    importPerKwh: series,
    exportPerKwh: series.map((price) => price - 0.02),
  };
}

interface PlanSummary {
  readonly planId: string;
  readonly createdAt: string;
  readonly solveMilliseconds: number;
}

/** Changes the prices; resolves when no more profiles come. */
async function planToAll(server: Server, fleet: LoadFleet, turn: number) {
  await fleet.forget();
  const cpuBefore = cpuSecondsOf(server.child.pid);
  const askedMs = Date.now();
  await ask(server, 'PUT', '/v1/prices', prices(turn));
  let taken = await fleet.taken();
  for (let idleRounds = 0; idleRounds < 8; ) {
    await pause(500);
    const now = await fleet.taken();
    const isMore = now.size > taken.size || taken.size === 0;
    idleRounds = isMore && Date.now() - askedMs < 60_000 ? 0 : idleRounds + 1;
    taken = now;
    if (taken.size === stations) break;
  }
  const plan = await ask<PlanSummary>(server, 'GET', '/v1/plans/latest');
  const madeMs = Date.parse(plan.createdAt) + plan.solveMilliseconds;
  const times = [...taken.values()].map((atMs) => atMs - madeMs);
  return {
    profiles: taken.size,
    solveMs: plan.solveMilliseconds,
    firstMs: Math.min(...times),
    p50Ms: quantile(times, 0.5),
    lastMs: Math.max(...times),
    lastAfterPutMs: Math.max(...taken.values()) - askedMs,
    serverCpuS: cpuSecondsOf(server.child.pid) - cpuBefore,
  };
}

function say(what: string, figures: object): void {
  const text = Object.entries(figures)
    .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
    .join(', ');
  process.stdout.write(`${what}: ${text}\n`);
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'ebbflow-scale-'));
const postgres = flags.embedded ? undefined : await startPostgres();
const redis = flags.embedded ? undefined : await startRedis();
const fleet = createLoadFleet(Number(flags.processes));
say('machine', {
  cores: cpus().length,
  load: loadavg()[0],
  node: process.version,
  stations,
  embedded: flags.embedded,
});
const server = await startServer({
  EBBFLOW_DATA_DIR: dataDir,
  ...(postgres === undefined ? {} : { EBBFLOW_DATABASE_URL: await postgres.freshDatabase() }),
  ...(redis === undefined ? {} : { EBBFLOW_REDIS_URL: redis.url }),
});
await ask(server, 'PUT', '/v1/prices', prices(0));
await pause(2000);
const bareKb = residentKb(server.child.pid);
let cpuS = cpuSecondsOf(server.child.pid);
const booted = await fleet.boot([server.ocpp], stations);
say('boot storm', {
  p50S: quantile(booted, 0.5) / 1000,
  lastS: Math.max(...booted) / 1000,
  serverCpuMsEach: ((cpuSecondsOf(server.child.pid) - cpuS) * 1000) / stations,
});
if (phases.has('rest')) {
  await pause(20_000);
  const restKb = residentKb(server.child.pid);
  say('at rest', { bareMb: bareKb / 1024, heldMb: restKb / 1024, kbEach: (restKb - bareKb) / stations });
}
cpuS = cpuSecondsOf(server.child.pid);
const plugged = await fleet.plugIn(Date.now() + 8 * 3_600_000);
say('plug-in storm', {
  lastS: Math.max(...plugged) / 1000,
  serverCpuMsEach: ((cpuSecondsOf(server.child.pid) - cpuS) * 1000) / stations,
});
await pause(15_000);
if (phases.has('plan')) {
  for (let turn = 1; turn <= 3; turn += 1) {
    say('one plan to all', await planToAll(server, fleet, turn));
    await pause(3000);
  }
}
if (phases.has('meter')) {
  for (let turn = 0; turn < 2; turn += 1) {
    cpuS = cpuSecondsOf(server.child.pid);
    const { perSecond, latenciesMs, failures } = await fleet.meter(Number(flags.seconds), Number(flags.rate));
    say('meter messages', {
      asked: Number(flags.rate),
      perSecond,
      p50Ms: quantile(latenciesMs, 0.5),
      p99Ms: quantile(latenciesMs, 0.99),
      failures,
      serverCpuMsEach: ((cpuSecondsOf(server.child.pid) - cpuS) * 1000) / latenciesMs.length,
    });
  }
}
say('at the end', { mb: residentKb(server.child.pid) / 1024, load: loadavg()[0] });
server.child.kill('SIGTERM');
await once(server.child, 'exit');
await fleet.stop();
await redis?.stop();
await postgres?.stop();
await rm(dataDir, { recursive: true, force: true });
