import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningCli, runCli, startCli } from '../support/cli.js';

const ADMIN_KEY = 'an-admin-key-for-tests';
const PRICES = [
  'start_utc,resolution_min,price_eur_mwh',
  '2026-01-20T00:00Z,60,80.5',
  '2026-01-20T01:00Z,60,-3.2',
  '',
].join('\n');

describe('ebbflow serve', () => {
  let folder: string;
  let env: Record<string, string>;
  let server: RunningCli;
  let http: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-serve-'));
    env = {
      EBBFLOW_DATA_DIR: path.join(folder, 'data'),
      EBBFLOW_ADMIN_KEY: ADMIN_KEY,
      EBBFLOW_HTTP_PORT: '0',
      EBBFLOW_OCPP_PORT: '0',
      EBBFLOW_STATION_AUTH: 'open',
    };
    server = startCli(['serve'], env);
    const [line] = await server.printed(/^.*"event":"ready".*$/m);
    const ready = JSON.parse(line);
    http = ready.http;
    env = { ...env, EBBFLOW_HTTP_PORT: new URL(http).port, EBBFLOW_OCPP_PORT: new URL(ready.ocpp).port };
  });
  afterAll(async () => {
    server.process.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  const get = (url: string, key = ADMIN_KEY) =>
    fetch(`${http}${url}`, { headers: { authorization: `Bearer ${key}` } });

  it('says on one JSON line that it is ready, and where', async () => {
    expect(http).toBe(`http://127.0.0.1:${env.EBBFLOW_HTTP_PORT}`);
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
    await expect.poll(async () => (await fetch(`${http}/readyz`)).status, { timeout: 15_000 }).toBe(200);
    expect(await (await fetch(`${http}/metrics`)).text()).toContain('ebbflow_stations_online');
    expect((await get('/v1/fleet')).status).toBe(200);
    expect((await get('/v1/fleet', 'wrong')).status).toBe(401);
  });

  it('keeps a second process off its data folder, with one line that names it', async () => {
    const second = await runCli(['serve'], { ...env, EBBFLOW_HTTP_PORT: '0', EBBFLOW_OCPP_PORT: '0' });
    expect(second.code).toBe(1);
    expect(second.stderr.trim().split('\n')).toHaveLength(1);
    expect(second.stderr).toContain(env.EBBFLOW_DATA_DIR!);
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
  });

  it('lets the command line create keys while it runs; a viewer may read and not write', async () => {
    const made = await runCli(['keys', 'create', '--role', 'viewer', '--json'], env);
    expect(made.code).toBe(0);
    const { apiKey } = JSON.parse(made.stdout);
    expect((await get('/v1/fleet', apiKey)).status).toBe(200);
    const refused = await fetch(`${http}/v1/keys`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: '{"role":"admin"}',
    });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');

    const { keyId } = JSON.parse(made.stdout);
    expect((await runCli(['keys', 'list'], env)).stdout).toContain(keyId);
    expect((await runCli(['keys', 'revoke', keyId], env)).code).toBe(0);
    expect((await get('/v1/fleet', apiKey)).status).toBe(401);
    expect((await runCli(['keys', 'revoke', keyId], env)).stderr).toContain(keyId);
  });

  it('says when the engine that holds the data is not where the settings say', async () => {
    const { code, stderr } = await runCli(['keys', 'list'], { ...env, EBBFLOW_HTTP_PORT: '1' });
    expect(code).toBe(1);
    expect(stderr).toContain('no engine answers at http://127.0.0.1:1');
  });

  it('names the setting of a port that is taken', async () => {
    const data = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-port-'));
    const taken = { ...env, EBBFLOW_DATA_DIR: data, EBBFLOW_OCPP_PORT: '0' };
    const { code, stderr } = await runCli(['serve'], taken);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ebbflow: EBBFLOW_HTTP_PORT: port \d+ is taken/m);
    await rm(data, { recursive: true, force: true });
  });

  it('takes a price file from the command line, and refuses one with a gap by line', async () => {
    const good = path.join(folder, 'good.csv');
    await writeFile(good, PRICES);
    expect((await runCli(['prices', 'import', good], env)).stdout).toContain('2 slots of 60 minutes');
    const gap = path.join(folder, 'gap.csv');
    await writeFile(gap, PRICES.replace('T01:00Z', 'T03:00Z'));
    const refused = await runCli(['prices', 'import', gap], env);
    expect(refused.code).toBe(2);
    expect(refused.stderr.trim().split('\n')).toHaveLength(1);
    expect(refused.stderr).toMatch(/line 3/i);
  });

  it('serves simulated stations that a second process brings', async () => {
    const fleet = startCli([
      'simulate',
      '--url',
      `ws://127.0.0.1:${env.EBBFLOW_OCPP_PORT}`,
      '--stations',
      '3',
      '--hours',
      '1',
    ]);
    await expect
      .poll(
        async () => ((await (await get('/v1/fleet')).json()) as { stationsOnline: number }).stationsOnline,
        { timeout: 15_000 },
      )
      .toBe(3);
    fleet.process.kill('SIGTERM');
    expect((await fleet.ended).code).toBe(0);
  });

  it('stops cleanly on SIGTERM', async () => {
    server.process.kill('SIGTERM');
    expect((await server.ended).code).toBe(0);
  });
});

describe('ebbflow serve with a bad setting', () => {
  it.each([
    ['EBBFLOW_HTTP_PORT', '99999'],
    ['EBBFLOW_STATION_AUTH', 'none'],
    ['EBBFLOW_PLAN_INTERVAL_S', 'often'],
    ['EBBFLOW_DATABASE_URL', 'mysql://somewhere'],
    ['EBBFLOW_ROLES', 'gateway,cook'],
    ['EBBFLOW_COLOUR', 'blue'],
  ])('refuses %s=%s with exit code 2 and the name', async (name, value) => {
    const { code, stderr } = await runCli(['serve'], { [name]: value });
    expect(code).toBe(2);
    expect(stderr).toContain(name);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses to take any station from beyond this machine', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-open-'));
    const { code, stderr } = await runCli(['serve'], {
      EBBFLOW_STATION_AUTH: 'open',
      EBBFLOW_HOST: '0.0.0.0',
      EBBFLOW_DATA_DIR: folder,
      EBBFLOW_HTTP_PORT: '0',
      EBBFLOW_OCPP_PORT: '0',
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/open/);
    await rm(folder, { recursive: true, force: true });
  });
});
