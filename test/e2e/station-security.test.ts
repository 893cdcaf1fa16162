import { once } from 'node:events';
import { copyFileSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { TestAuthority } from '../support/certificates.js';
import { type RunningCli, startCli } from '../support/cli.js';

const ADMIN_KEY = 'an-admin-key-for-tests';
const PASSWORD = 'a-station-password-1';
const WRONG_PASSWORD = 'a-guessed-password-2';

/** A serving engine with TLS at the station end point, with everything it says written down. */
describe('ebbflow serve with TLS', () => {
  let folder: string;
  let authority: TestAuthority;
  let server: RunningCli;
  let ready: { http: string; ocpp: string };
  let certFile: string;
  let keyFile: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-tls-'));
    authority = new TestAuthority();
    [certFile, keyFile] = [path.join(folder, 'cert.pem'), path.join(folder, 'key.pem')];
    takeCertificate('localhost');
    server = startCli(['serve'], {
      EBBFLOW_DATA_DIR: path.join(folder, 'data'),
      EBBFLOW_ADMIN_KEY: ADMIN_KEY,
      EBBFLOW_HTTP_PORT: '0',
      EBBFLOW_OCPP_PORT: '0',
      EBBFLOW_OCPP_TLS_CERT_FILE: certFile,
      EBBFLOW_OCPP_TLS_KEY_FILE: keyFile,
      EBBFLOW_OCPP_CLIENT_CA_FILE: authority.caFile,
      EBBFLOW_LOG_LEVEL: 'debug',
    });
    const [line] = await server.printed(/^.*"event":"ready".*$/m);
    ready = JSON.parse(line);
    const registered = await fetch(`${ready.http}/v1/stations/CS-1`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ password: PASSWORD }),
    });
    expect(registered.status).toBe(200);
  });
  afterAll(async () => {
    server.process.kill('SIGKILL');
    authority.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** Puts a server certificate of this name, and its key, where the engine reads them. */
  function takeCertificate(commonName: string): void {
    const alternativeNames = ['IP.1=127.0.0.1', `DNS.1=${commonName}`];
    const issued = authority.issue({ commonName, alternativeNames, usage: 'serverAuth' });
    copyFileSync(issued.certFile, certFile);
    copyFileSync(issued.keyFile, keyFile);
  }

  const station = (client: ClientOptions & { auth?: string }): WebSocket =>
    new WebSocket(`${ready.ocpp}/ocpp/CS-1`, ['ocpp2.1'], { ca: authority.ca, ...client });

  /** Boots over a fresh connection; the engine's answer. */
  async function boot(client: ClientOptions & { auth?: string }): Promise<unknown[]> {
    const socket = station(client);
    await once(socket, 'open');
    const chargingStation = { model: 'HeliosDC22-BPT', vendorName: 'Example EVSE' };
    socket.send(JSON.stringify([2, 'b', 'BootNotification', { reason: 'PowerUp', chargingStation }]));
    const [answer] = (await once(socket, 'message')) as [Buffer];
    const closed = once(socket, 'close');
    socket.close();
    await closed;
    return JSON.parse(answer.toString()) as unknown[];
  }

  it('serves a station by password and by certificate, and tells its address as wss', async () => {
    expect(ready.ocpp).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/);
    expect(await boot({ auth: `CS-1:${PASSWORD}` })).toMatchObject([3, 'b', { status: 'Accepted' }]);
    const { cert, key } = authority.issue({ commonName: 'CS-1', usage: 'clientAuth' });
    expect(await boot({ cert, key })).toMatchObject([3, 'b', { status: 'Accepted' }]);
  });

  it('reads a renewed certificate on SIGHUP and keeps serving', async () => {
    takeCertificate('renewed.test');
    const renewed = server.printed(/"event":"certificates-reloaded"/);
    server.process.kill('SIGHUP');
    await renewed;
    const servername = 'renewed.test';
    const options = { auth: `CS-1:${PASSWORD}`, servername } as ClientOptions & { auth: string };
    expect(await boot(options)).toMatchObject([3, 'b', { status: 'Accepted' }]);
  });

  it('says no secret in any line of its log, whoever knocks', async () => {
    await expect(once(station({ auth: `CS-1:${WRONG_PASSWORD}` }), 'open')).rejects.toThrow('401');
    await expect(once(station({ auth: `CS-2:${PASSWORD}` }), 'open')).rejects.toThrow('401');
    const key = `Bearer ${ADMIN_KEY}x`;
    await fetch(`${ready.http}/v1/stations`, { headers: { authorization: key } });
    server.process.kill('SIGTERM');
    const { stdout, stderr, code } = await server.ended;
    expect(code).toBe(0);
    const said = stdout + stderr;
    expect(said).toContain('connection refused');
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const keyLines = readFileSync(keyFile, 'utf8').split('\n').slice(1, -2);
    const secrets = [
      ...[ADMIN_KEY, PASSWORD, WRONG_PASSWORD],
      ...[base64(`CS-1:${PASSWORD}`), base64(`CS-1:${WRONG_PASSWORD}`), base64(`CS-2:${PASSWORD}`)],
      ...keyLines,
    ];
    for (const secret of secrets) expect(said).not.toContain(secret);
  });
});
