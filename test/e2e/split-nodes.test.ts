import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, startCli } from '../support/cli.js';
import { LightStation } from '../support/light-station.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';

const ADMIN_KEY = 'an-admin-key-for-tests';
/** A planner that was killed holds its lease for five seconds. */
const PATIENCE = { timeout: 60_000, interval: 50 };

interface Node {
  readonly cli: RunningCli;
  readonly http: string;
  readonly ocpp: string;
}

/** Hears what a test waits for. */
class Profiles {
  count = 0;
  #waiting: (() => void)[] = [];
  registered(): void {}
  answered(): void {}
  profileTaken(): void {
    this.count += 1;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
  next(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

describe('nodes of some roles each', () => {
  let folder: string;
  let postgres: TestPostgres;
  let redis: TestRedis;
  const nodes: RunningCli[] = [];
  const stations: LightStation[] = [];
  let planners: RunningCli[];
  let front: Node;
  let gateway: Node;

  async function startNode(roles: string): Promise<Node> {
    const cli = startCli(['serve'], {
      EBBFLOW_ROLES: roles,
      EBBFLOW_DATABASE_URL: postgres.url,
      EBBFLOW_REDIS_URL: redis.url,
      EBBFLOW_DATA_DIR: folder,
      EBBFLOW_ADMIN_KEY: ADMIN_KEY,
      EBBFLOW_HTTP_PORT: '0',
      EBBFLOW_OCPP_PORT: '0',
      EBBFLOW_STATION_AUTH: 'open',
    });
    nodes.push(cli);
    const [line] = await cli.printed(/^.*"event":"ready".*$/m);
    return { cli, ...(JSON.parse(line) as { http: string; ocpp: string }) };
  }
  async function ask<T>(method: string, route: string, body?: object): Promise<T> {
    const response = await fetch(`${front.http}${route}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.status, `${method} ${route}`).toBeLessThan(300);
    return (await response.json()) as T;
  }
  let turn = 0;
  /** Each call makes the present hours dear and the later ones cheap, or the other way round. */
  function putPrices(): Promise<unknown> {
    turn += 1;
    const priceAt = (_: unknown, hour: number) => (hour < 2 === (turn % 2 === 1) ? 0.9 : 0.1);
    const importPerKwh = Array.from({ length: 24 }, priceAt);
    return ask('PUT', '/v1/prices', {
      zone: 'DE-LU',
      currency: 'EUR',
      start: new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000).toISOString(),
      slotMinutes: 60,
      importPerKwh,
      exportPerKwh: importPerKwh.map((price) => price - 0.01),
    });
  }
  async function plugged(name: string, at: Node): Promise<{ station: LightStation; profiles: Profiles }> {
    const profiles = new Profiles();
    const station = new LightStation(name, profiles);
    stations.push(station);
    await station.start(at.ocpp);
    const taken = profiles.next();
    await station.plugIn(Date.now() + 6 * 3_600_000);
    await taken;
    return { station, profiles };
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-split-'));
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
    const [one, other, ...rest] = await Promise.all(
      ['planner', 'planner', 'gateway,api', 'gateway'].map(startNode),
    );
    planners = [one!.cli, other!.cli];
    [front, gateway] = rest as [Node, Node];
    // Held until the first planner plans.
    await putPrices();
  }, 120_000);
  afterEach(() => {
    for (const station of stations.splice(0)) station.stop();
  });
  afterAll(async () => {
    for (const { process } of nodes) process.kill('SIGKILL');
    await Promise.all(nodes.map(({ ended }) => ended));
    await Promise.all([postgres.stop(), redis.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('bring the plan to a station at any gateway, and the API tells of it', async () => {
    const { station } = await plugged('CS-any', gateway);
    await expect
      .poll(() => ask('GET', `/v1/sessions/${station.transactionId}`), PATIENCE)
      .toMatchObject({ state: 'active', acknowledgement: { status: 'accepted' } });
    expect(await ask('GET', '/v1/fleet')).toMatchObject({ stationsOnline: 1, sessionsActive: 1 });
    expect((await fetch(`${gateway.http}/healthz`)).status).toBe(200);
    expect((await fetch(`${gateway.http}/metrics`)).status).toBe(200);
    expect((await fetch(`${gateway.http}/v1/fleet`)).status).toBe(404);
  }, 60_000);

  it('let a station move to another gateway, its earlier connection is closed and its work goes along', async () => {
    const { station: before } = await plugged('CS-moving', gateway);
    const profiles = new Profiles();
    const after = new LightStation('CS-moving', profiles);
    stations.push(after);
    const told = profiles.next();
    await after.start(front.ocpp);
    await before.whenClosed();
    // It booted, so what it held counts as lost.
    await told;
    const toldAgain = profiles.next();
    await putPrices();
    await toldAgain;
    await expect
      .poll(() => ask('GET', '/v1/stations'), PATIENCE)
      .toMatchObject({
        stations: expect.arrayContaining([expect.objectContaining({ stationId: 'CS-moving', online: true })]),
      });
  }, 60_000);

  it('go on under another planner when theirs is killed; no acknowledged event is lost or counted twice', async () => {
    const { station, profiles } = await plugged('CS-survivor', gateway);
    await station.meter();
    const beganWh = station.importWh - 10;
    const [victim, heir] = (await isPlanning(planners[0]!)) ? planners : [...planners].reverse();
    const hasTaken = heir!.printed(/"event":"planning"/);
    victim!.process.kill('SIGKILL');
    await victim!.ended;
    // Held by the gateway until somebody plans again.
    await Promise.all([station.meter(), hasTaken]);
    await station.meter();
    await expect
      .poll(() => ask('GET', `/v1/sessions/${station.transactionId}`), PATIENCE)
      .toMatchObject({ importKwh: (station.importWh - beganWh) / 1000, flags: [] });
    const told = profiles.next();
    await putPrices();
    await told;
  }, 90_000);

  async function isPlanning(planner: RunningCli): Promise<boolean> {
    return Promise.race([
      planner.printed(/"event":"planning"/).then(() => true),
      ...planners
        .filter((other) => other !== planner)
        .map((other) => other.printed(/"event":"planning"/).then(() => false)),
    ]);
  }
});
