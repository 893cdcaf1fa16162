import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../src/clock/system-clock.js';
import { asStationId } from '../../src/domain/ids.js';
import { createSimulatedFleet, type SimulatedFleet } from '../../src/simulator/fleet.js';
import { type RunningCli, runCli, startCli } from '../support/cli.js';
import { freePort } from '../support/servers/free-port.js';

const ADMIN_KEY = 'an-admin-key-for-tests';

describe('ebbflow probe', () => {
  let folder: string;
  let env: Record<string, string>;
  let server: RunningCli;
  let fleet: SimulatedFleet;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-probe-'));
    env = {
      EBBFLOW_DATA_DIR: path.join(folder, 'data'),
      EBBFLOW_ADMIN_KEY: ADMIN_KEY,
      EBBFLOW_HTTP_PORT: String(await freePort()),
      EBBFLOW_OCPP_PORT: String(await freePort()),
      EBBFLOW_STATION_AUTH: 'open',
    };
    server = startCli(['serve'], env);
    const [line] = await server.printed(/^.*"event":"ready".*$/m);
    const { http } = JSON.parse(line) as { http: string };
    fleet = createSimulatedFleet({
      url: `ws://127.0.0.1:${env.EBBFLOW_OCPP_PORT}`,
      stations: [
        {
          stationId: asStationId('CS-1'),
          evses: [{ sessions: [] }, { sessions: [] }],
          traits: { dynamicProfiles: true },
        },
      ],
      clock: createSystemClock(1),
      seed: 1,
    });
    await fleet.start();
    const answer = async () => {
      const response = await fetch(`${http}/v1/stations/CS-1`, {
        headers: { authorization: `Bearer ${ADMIN_KEY}` },
      });
      return response.ok ? ((await response.json()) as { evses: { canDischarge: boolean }[] }) : undefined;
    };
    // Its inventory comes in pages; the second EVSE in the last one.
    await vi.waitFor(
      async () =>
        expect((await answer())?.evses.map(({ canDischarge }) => canDischarge)).toEqual([true, true]),
      { timeout: 30_000, interval: 200 },
    );
  }, 60_000);
  afterAll(async () => {
    await fleet?.stop();
    server.process.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('prints what each EVSE of a connected station can do, and how it answered', async () => {
    const { code, stdout, stderr } = await runCli(['probe', 'CS-1'], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^CS-1 {2}Ebbflow Simulated-BPT 1\.0\.0, ocpp2\.1$/m);
    expect(stdout).toMatch(/^EVSE CS-1\/1 {2}Available$/m);
    expect(stdout).toMatch(/^EVSE CS-1\/2 /m);
    expect(stdout).toMatch(/discharge +yes: V2X is enabled/);
    expect(stdout).toMatch(/dialect +dynamic: the station supports Dynamic profiles/);
    expect(stdout).toMatch(/dynamic: in-use\n +central-setpoint: available\n +charging-only: available/);
    expect(stdout).toMatch(/power +charge 11 kW, discharge 11 kW/);
    expect(stdout).toMatch(/profiles +200 periods, stack levels 0 to \d+, rate unit W/);
    expect(stdout).toMatch(/telemetry +every 60 s: .*Energy\.Active\.Export\.Register/);
    // Without a session only its guard limits it.
    expect(stdout).toMatch(/means to do +11 kW from 0 s/);
    expect(stdout).toMatch(/holds +not asked: no session runs/);
  });

  it('prints the same as JSON for a program', async () => {
    const { code, stdout } = await runCli(['probe', 'CS-1', '--json'], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      station: { stationId: 'CS-1', online: true, evses: [{ evseId: 'CS-1/1', dialect: 'dynamic' }, {}] },
      telemetry: { intervalS: 60 },
      evses: [{ evseId: 'CS-1/1', compositeSchedule: 'told' }, { evseId: 'CS-1/2' }],
    });
  });

  it.each([
    ['a station that is not registered', ['probe', 'CS-404'], {}, 2, /station.*CS-404/],
    ['what is no identity', ['probe', 'CS:1'], {}, 2, /station/],
    ['no station', ['probe'], {}, 2, /station/],
    ['an engine that is not there', ['probe', 'CS-1'], { EBBFLOW_HTTP_PORT: '1' }, 1, /no engine answers/],
  ])('ends with one line for %s', async (_, args, change, exitCode, line) => {
    const { code, stdout, stderr } = await runCli(args, { ...env, ...change });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(line);
  });

  it('fails for a station that is registered and away', async () => {
    const http = `http://127.0.0.1:${env.EBBFLOW_HTTP_PORT}`;
    const registered = await fetch(`${http}/v1/stations/CS-2`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(registered.status).toBe(200);
    const { code, stderr } = await runCli(['probe', 'CS-2'], env);
    expect(code).toBe(1);
    expect(stderr).toMatch(/CS-2 is not connected/);
  });
});
