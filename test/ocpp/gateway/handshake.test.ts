import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseBasicAuth } from '../../../src/ocpp/gateway/basic-auth.js';
import { chooseProtocol } from '../../../src/ocpp/gateway/subprotocol.js';
import { basic, exchange, GatewayBench, PASSWORD } from './gateway-bench.js';

let bench: GatewayBench;
beforeEach(async () => {
  bench = await new GatewayBench().start();
});
afterEach(() => bench.stop());

describe('who may connect', () => {
  it('refuses an identity that nobody registered with 404', async () => {
    expect(await bench.refusal('/ocpp/stranger', basic('stranger', PASSWORD))).toBe(404);
  });

  it.each(['/', '/ocpp', '/other/a', '/ocpp/a/b', '/ocpp/%ZZ', '/ocpp/a%3Ab'])(
    'finds nothing at %s: 404',
    async (path) => {
      expect(await bench.refusal(path, basic('a', PASSWORD))).toBe(404);
    },
  );

  it('refuses a wrong, a missing and an unreadable password with 401', async () => {
    bench.know('a');
    expect(await bench.refusal('/ocpp/a', basic('a', 'wrong'))).toBe(401);
    expect(await bench.refusal('/ocpp/a')).toBe(401);
    expect(await bench.refusal('/ocpp/a', 'Bearer x')).toBe(401);
    expect(await bench.refusal('/ocpp/a', 'Basic !!!')).toBe(401);
  });

  it('refuses credentials of another station, even right ones, with 401', async () => {
    bench.know('a');
    bench.know('b');
    expect(await bench.refusal('/ocpp/a', basic('b', PASSWORD))).toBe(401);
  });

  it('refuses with 503, and tells nothing, while the registry does not answer', async () => {
    bench.know('a');
    bench.events.admitFailure = new Error('store down');
    expect(await bench.refusal('/ocpp/a', basic('a', PASSWORD))).toBe(503);
  });

  it('answers plain HTTP with 426', async () => {
    const { host, port } = bench.gateway.address;
    expect((await fetch(`http://${host}:${port}/ocpp/a`)).status).toBe(426);
  });

  it('admits the right password; a colon in it is part of it', async () => {
    bench.events.passwords.set('a', 'x:y:z');
    const station = bench.socket('a', ['ocpp2.1'], 'x:y:z');
    await once(station, 'open');
    expect(station.protocol).toBe('ocpp2.1');
  });

  it('keeps passwords out of the log', async () => {
    bench.know('a');
    await bench.refusal('/ocpp/a', basic('a', 'my-secret-guess'));
    expect(JSON.stringify(bench.logged)).not.toContain('my-secret-guess');
  });

  it('keeps secrets out of the log on every way in: right, wrong, another’s, in the URL, while the registry fails', async () => {
    bench.know('a');
    await bench.connect('a');
    await bench.refusal('/ocpp/a', basic('b', 'secret-of-b'));
    await bench.refusal('/ocpp/a?password=secret-in-query', basic('a', 'secret-2'));
    await bench.refusal('/ocpp/a', 'Bearer secret-token');
    bench.events.admitFailure = new Error('store down');
    await bench.refusal('/ocpp/a?password=secret-in-query', basic('a', 'secret-3'));
    expect(bench.logged.map(({ message }) => message)).toContain('station could not be checked');
    const all = JSON.stringify(bench.logged);
    expect(all).not.toContain(PASSWORD);
    expect(all).not.toContain('secret');
    expect(all).not.toContain(Buffer.from(`a:${PASSWORD}`).toString('base64'));
  });

  it('reads Basic credentials as RFC 7617 writes them', () => {
    expect(parseBasicAuth(basic('a', 'pässwörd'))).toEqual({ user: 'a', password: 'pässwörd' });
    expect(parseBasicAuth(`basic ${Buffer.from('a:').toString('base64')}`)).toEqual({
      user: 'a',
      password: '',
    });
    expect(parseBasicAuth(`Basic ${Buffer.from('nocolon').toString('base64')}`)).toBeUndefined();
  });
});

describe('limits of the handshake', () => {
  it('refuses the station above the limit with 503 and keeps the others', async () => {
    const small = await new GatewayBench().start({ limits: { maxStations: 1 } });
    const first = await small.connect('a');
    small.know('b');
    expect(await small.refusal('/ocpp/b', basic('b', PASSWORD))).toBe(503);
    expect((await exchange(first, [2, '1', 'Heartbeat', {}]))[0]).toBe(3);
    await small.stop();
  });
});

describe('open mode', () => {
  it.each(['0.0.0.0', '192.0.2.7', 'example.org', '::'])('does not start on %s', async (host) => {
    await expect(new GatewayBench().start({ auth: 'open', host })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  it('on the loopback takes stations without a password', async () => {
    const open = await new GatewayBench().start({ auth: 'open' });
    open.know('a');
    const station = open.socket('a');
    await once(station, 'open');
    await open.stop();
  });
});

describe('OCPP versions', () => {
  it('prefers 2.1 to 2.0.1 whatever the order of the offer', () => {
    expect(chooseProtocol(['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'])).toBe('ocpp2.1');
    expect(chooseProtocol(['ocpp2.0.1', 'ocpp1.6'])).toBe('ocpp2.0.1');
    expect(chooseProtocol(['ocpp1.6'])).toBeUndefined();
    expect(chooseProtocol([])).toBeUndefined();
  });

  it('speaks the best common version', async () => {
    const both = await bench.connect('a', ['ocpp2.0.1', 'ocpp2.1']);
    expect(both.protocol).toBe('ocpp2.1');
    const old = await bench.connect('b', ['ocpp1.6', 'ocpp2.0.1']);
    expect(old.protocol).toBe('ocpp2.0.1');
    expect((await exchange(old, [2, '1', 'Heartbeat', {}]))[0]).toBe(3);
    expect(bench.events.log).toEqual(['connected a ocpp2.1', 'connected b ocpp2.0.1']);
  });

  it('finishes the handshake without a subprotocol and closes when there is none in common', async () => {
    bench.know('a');
    // The WebSocket client of ws gives up by itself here, so the frames are read from the bare socket.
    const { host, port } = bench.gateway.address;
    const socket = connect(port, host);
    socket.write(
      `GET /ocpp/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
        `Sec-WebSocket-Protocol: ocpp1.6\r\nAuthorization: ${basic('a', PASSWORD)}\r\n\r\n`,
    );
    let all = Buffer.alloc(0);
    let end = -1;
    while (end < 0 || all.length < end + 8) {
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      all = Buffer.concat([all, chunk]);
      end = all.indexOf('\r\n\r\n');
    }
    socket.destroy();
    const handshake = all.subarray(0, end).toString();
    // After the header: a close frame of two header bytes, then the code.
    const close = all.readUInt16BE(end + 6);
    expect(close).toBe(1002);
    expect(handshake).toContain('101 Switching Protocols');
    expect(handshake.toLowerCase()).not.toContain('sec-websocket-protocol');
    expect(bench.events.log).toEqual([]);
  });
});
