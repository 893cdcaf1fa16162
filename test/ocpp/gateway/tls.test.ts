import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { DEFAULT_GATEWAY_LIMITS } from '../../../src/ocpp/gateway/gateway-options.js';
import { judgeHandshake, statusOfRefusal } from '../../../src/ocpp/gateway/handshake.js';
import { handshakeAttempts } from '../../../src/ocpp/gateway/handshake-attempts.js';
import { PasswordLine } from '../../../src/ocpp/gateway/password-line.js';
import { isLoopback } from '../../../src/ocpp/gateway/peer.js';
import { identitiesOf } from '../../../src/ocpp/gateway/station-certificate.js';
import type { StationTls } from '../../../src/ocpp/gateway/station-tls.js';
import { afterRealTime } from '../../../src/ocpp/wire/timer.js';
import { type CertificateWish, type IssuedCertificate, TestAuthority } from '../../support/certificates.js';
import { exchange, GatewayBench, PASSWORD } from './gateway-bench.js';

const HEARTBEAT = [2, 'hb', 'Heartbeat', {}];

let authority: TestAuthority;
let stranger: TestAuthority;
let server: IssuedCertificate;
let station: IssuedCertificate;
beforeAll(() => {
  authority = new TestAuthority();
  stranger = new TestAuthority();
  server = authority.issue({
    commonName: 'localhost',
    alternativeNames: ['IP.1=127.0.0.1'],
    usage: 'serverAuth',
  });
  station = authority.issue({ commonName: 'CS-1', usage: 'clientAuth' });
});
afterAll(() => {
  authority.remove();
  stranger.remove();
});

let bench: GatewayBench;
afterEach(() => bench.stop());

/** A gateway with TLS, and with certificates of stations when `clientCertificates` is given. */
async function startWithTls(
  clientCertificates?: StationTls['clientCertificates'],
  files: Partial<StationTls> = {},
): Promise<void> {
  bench = await new GatewayBench().start({
    tls: {
      certFile: server.certFile,
      keyFile: server.keyFile,
      clientCertificates: clientCertificates ?? 'optional',
      ...(clientCertificates === undefined ? {} : { clientCaFile: authority.caFile }),
      ...files,
    },
  });
  bench.know('CS-1');
  bench.know('CS-2');
}

const clientOf = ({ cert, key }: IssuedCertificate): ClientOptions => ({ cert, key });

/** Opens a station's socket; the status code of the refusal when it does not get one. */
async function knock(
  stationId: string,
  client: ClientOptions & { auth?: string } = {},
): Promise<WebSocket | number> {
  const socket = new WebSocket(bench.url(stationId), ['ocpp2.1'], { ca: authority.ca, ...client });
  bench.stations.push(socket);
  const refused = new Promise<number>((resolve) => {
    socket.once('unexpected-response', (request, response) => {
      response.resume();
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
  });
  return Promise.race([once(socket, 'open').then(() => socket), refused]);
}

const isServed = async (answer: WebSocket | number): Promise<boolean> =>
  typeof answer !== 'number' && (await exchange(answer, HEARTBEAT))[0] === 3;

const lastRefusal = (): unknown =>
  bench.logged.findLast(({ message }) => message === 'connection refused')?.fields;

describe('security profile 2: TLS and a password', () => {
  it('A00.FR.301: serves a station over wss with the right password', async () => {
    await startWithTls();
    expect(bench.gateway.address.scheme).toBe('wss');
    expect(await isServed(await knock('CS-1', { auth: `CS-1:${PASSWORD}` }))).toBe(true);
    expect(bench.logged).toContainEqual({
      message: 'station connected',
      fields: { stationId: 'CS-1', protocol: 'ocpp2.1', securityProfile: 2 },
    });
  });

  it('refuses a wrong and a missing password with 401', async () => {
    await startWithTls();
    expect(await knock('CS-1', { auth: 'CS-1:wrong' })).toBe(401);
    expect(await knock('CS-1')).toBe(401);
  });

  it('A00.FR.317: takes TLS 1.2, nothing older', async () => {
    await startWithTls();
    const reach = async (version: 'TLSv1.1' | 'TLSv1.2'): Promise<unknown> => {
      const options: ConnectionOptions = {
        ...{ host: '127.0.0.1', port: bench.gateway.address.port, ca: authority.ca },
        ...{ minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' },
      };
      const socket = connectTls(options);
      await once(socket, 'secureConnect');
      const protocol = socket.getProtocol();
      socket.destroy();
      return protocol;
    };
    expect(await reach('TLSv1.2')).toBe('TLSv1.2');
    await expect(reach('TLSv1.1')).rejects.toThrow();
  });

  it('a station that speaks plain ws to it is not heard', async () => {
    await startWithTls();
    const plain = new WebSocket(bench.url('CS-1').replace('wss:', 'ws:'), ['ocpp2.1'], {
      auth: `CS-1:${PASSWORD}`,
    });
    await expect(once(plain, 'open')).rejects.toThrow();
    expect(bench.events.log).toEqual([]);
  });
});

describe('security profile 3: mutual TLS', () => {
  it('serves the station that its certificate names, without a password', async () => {
    await startWithTls('required');
    expect(await isServed(await knock('CS-1', clientOf(station)))).toBe(true);
    expect(bench.logged).toContainEqual({
      message: 'station connected',
      fields: { stationId: 'CS-1', protocol: 'ocpp2.1', securityProfile: 3 },
    });
  });

  it('reads the identity from an alternative name too', async () => {
    await startWithTls('required');
    const bySerial = authority.issue({
      ...{ commonName: 'SN-0815', usage: 'clientAuth' },
      alternativeNames: ['DNS.1=CS-1', 'DNS.2=CS-2'],
    });
    expect(await isServed(await knock('CS-2', clientOf(bySerial)))).toBe(true);
  });

  it('a station cannot speak for another: its certificate opens no other identity', async () => {
    await startWithTls('optional');
    expect(await knock('CS-2', clientOf(station))).toBe(401);
    expect(lastRefusal()).toMatchObject({ stationId: 'CS-2', reason: 'other-certificate' });
  });

  it('the password of another station does not mend a certificate that is not its own', async () => {
    await startWithTls('optional');
    expect(await knock('CS-2', { ...clientOf(station), auth: `CS-2:${PASSWORD}` })).toBe(401);
  });

  it.each<[string, Partial<CertificateWish>, string]>([
    ['has expired', { days: -1 }, 'CERT_HAS_EXPIRED'],
    ['is meant for servers', { usage: 'serverAuth' }, 'INVALID_PURPOSE'],
  ])('refuses a certificate that %s, and says why in the log', async (_what, wish, reason) => {
    await startWithTls('optional');
    const bad = authority.issue({ commonName: 'CS-1', usage: 'clientAuth', ...wish });
    expect(await knock('CS-1', { ...clientOf(bad), auth: `CS-1:${PASSWORD}` })).toBe(401);
    expect(lastRefusal()).toMatchObject({ reason: 'untrusted-certificate', detail: reason });
  });

  it('refuses a certificate of a CA that is not the stations’', async () => {
    await startWithTls('optional');
    const foreign = stranger.issue({ commonName: 'CS-1', usage: 'clientAuth' });
    expect(await knock('CS-1', clientOf(foreign))).toBe(401);
    expect(lastRefusal()).toMatchObject({ reason: 'untrusted-certificate' });
  });

  it('refuses a certificate of a station that nobody registered with 404', async () => {
    await startWithTls('required');
    const unknown = authority.issue({ commonName: 'CS-9', usage: 'clientAuth' });
    expect(await knock('CS-9', clientOf(unknown))).toBe(404);
  });

  it('when required, a password alone is refused; when optional, it is profile 2', async () => {
    await startWithTls('required');
    expect(await knock('CS-1', { auth: `CS-1:${PASSWORD}` })).toBe(401);
    expect(lastRefusal()).toMatchObject({ reason: 'no-certificate' });
    await bench.stop();
    await startWithTls('optional');
    expect(await isServed(await knock('CS-1', { auth: `CS-1:${PASSWORD}` }))).toBe(true);
  });

  it('keeps one live connection per identity: the newer certificate holder replaces the older', async () => {
    await startWithTls('required');
    const first = await knock('CS-1', clientOf(station));
    if (typeof first === 'number') throw new Error(`refused with ${first}`);
    const replaced = once(first, 'close');
    expect(await isServed(await knock('CS-1', clientOf(station)))).toBe(true);
    expect((await replaced)[0]).toBe(1000);
    expect(bench.gateway.link.onlineCount()).toBe(1);
  });
});

describe('the identities of a certificate', () => {
  it('are its common names and DNS names, and nothing that looks like one inside another value', () => {
    const tricky = authority.issue({
      ...{ commonName: 'CS-1', usage: 'clientAuth' },
      alternativeNames: ['DNS.1=CS-2', 'URI.1=http://b, DNS:CS-3', 'email.1=x@y.z'],
    });
    const socket = {
      subject: { CN: 'CS-1' },
      subjectaltname: new X509Certificate(tricky.cert).subjectAltName,
    };
    expect(identitiesOf(socket as never)).toEqual(['CS-1', 'CS-2']);
  });

  it('take every common name of a subject that has several', () => {
    expect(identitiesOf({ subject: { CN: ['CS-1', 'CS-2'] } } as never)).toEqual(['CS-1', 'CS-2']);
    expect(identitiesOf({ subject: {} } as never)).toEqual([]);
  });
});

describe('certificate files', () => {
  let folder: string;
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const copied = (source: IssuedCertificate): Pick<StationTls, 'certFile' | 'keyFile'> => {
    folder = mkdtempSync(join(tmpdir(), 'ebbflow-tls-'));
    const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
    copyFileSync(source.certFile, files.certFile);
    copyFileSync(source.keyFile, files.keyFile);
    return files;
  };
  const commonName = async (): Promise<unknown> => {
    const socket = connectTls({
      ...{ host: '127.0.0.1', port: bench.gateway.address.port },
      ...{ ca: authority.ca, servername: '', checkServerIdentity: () => undefined },
    });
    await once(socket, 'secureConnect');
    const { CN } = socket.getPeerCertificate().subject;
    socket.destroy();
    return CN;
  };

  it('are read again on demand; live stations stay, and an unusable file changes nothing', async () => {
    const files = copied(server);
    await startWithTls(undefined, files);
    const live = await knock('CS-1', { auth: `CS-1:${PASSWORD}` });
    expect(await commonName()).toBe('localhost');
    const renewed = authority.issue({ commonName: 'renewed', usage: 'serverAuth' });
    copyFileSync(renewed.certFile, files.certFile);
    await expect(bench.gateway.reloadCertificates()).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect(await commonName()).toBe('localhost');
    copyFileSync(renewed.keyFile, files.keyFile);
    await bench.gateway.reloadCertificates();
    expect(await commonName()).toBe('renewed');
    expect(await isServed(live)).toBe(true);
  });

  it.each(['certFile', 'keyFile', 'clientCaFile'] as const)(
    'that are missing or no PEM stop the start and name %s, never its content',
    async (field) => {
      bench = await new GatewayBench().start();
      const files = {
        ...copied(server),
        clientCaFile: authority.caFile,
        clientCertificates: 'optional' as const,
      };
      const start = (file: string) => new GatewayBench().start({ tls: { ...files, [field]: file } });
      await expect(start(join(folder, 'absent'))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.stringMatching(new RegExp(`${field}.*absent.*ENOENT`)),
      });
      const noPem = join(folder, 'no.pem');
      writeFileSync(noPem, '-----BEGIN PRIVATE KEY-----\nsecret-material\n');
      if (field === 'clientCaFile') return;
      await expect(start(noPem)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: expect.not.stringContaining('secret-material'),
      });
    },
  );
});

describe('security profile 1: a password over plain ws', () => {
  // None on a machine without any network: then the rule alone is tested, below.
  const otherAddresses = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);

  /** The status of a plain handshake that reaches the gateway from an address of this machine. */
  const status = async (host: string, plainWs?: 'anywhere'): Promise<WebSocket | number> => {
    bench = await new GatewayBench().start({
      host: '0.0.0.0',
      ...(plainWs === undefined ? {} : { plainWs }),
    });
    bench.know('CS-1');
    const socket = new WebSocket(`ws://${host}:${bench.gateway.address.port}/ocpp/CS-1`, ['ocpp2.1'], {
      auth: `CS-1:${PASSWORD}`,
    });
    bench.stations.push(socket);
    const refused = new Promise<number>((resolve) => {
      socket.once('unexpected-response', (request, response) => {
        response.resume();
        request.destroy();
        resolve(response.statusCode ?? 0);
      });
    });
    return Promise.race([once(socket, 'open').then(() => socket), refused]);
  };

  it('is for this machine: it serves the loopback', async () => {
    expect(await isServed(await status('127.0.0.1'))).toBe(true);
  });

  it.each(otherAddresses)('refuses %s, another address, with 403 unless it is allowed', async (address) => {
    expect(await status(address)).toBe(403);
    expect(lastRefusal()).toMatchObject({ reason: 'not-encrypted' });
    await bench.stop();
    expect(await isServed(await status(address, 'anywhere'))).toBe(true);
  });

  it('asks for TLS before it looks at any password', async () => {
    bench = await new GatewayBench().start();
    const attempts = handshakeAttempts(DEFAULT_GATEWAY_LIMITS, () => 0);
    const line = new PasswordLine({
      ...{ atOnce: 1, maxWaiting: 1, restAfterFailureMs: 0, after: afterRealTime },
    });
    const rules = { auth: 'basic', mayBePlain: false, needsCertificate: false, attempts, line } as const;
    const request = {
      url: '/ocpp/CS-1',
      isEncrypted: false,
      certificate: { kind: 'none' },
      peerAddress: '10.0.0.1',
      isGone: () => false,
    } as const;
    const outcome = await judgeHandshake(request, rules, bench.events, () => {});
    expect(outcome).toEqual({ kind: 'not-encrypted', stationId: 'CS-1' });
    expect(statusOfRefusal('not-encrypted')).toBe('403 Forbidden');
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['localhost', true],
    ['::ffff:10.0.0.1', false],
    ['10.0.0.1', false],
    ['0.0.0.0', false],
    ['::', false],
    ['localhost.example.org', false],
    ['', false],
  ])('counts %j as this machine: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
