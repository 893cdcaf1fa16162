import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { EbbflowError } from '../../../src/domain/errors.js';
import { MAX_EVSE_NUMBER } from '../../../src/ocpp/gateway/evse-bounds.js';
import { limitLog } from '../../../src/ocpp/gateway/limited-log.js';
import { FrameFuzzer } from '../../support/hostile/fuzz-frames.js';
import { ManualTimer } from '../wire/manual-timer.js';
import { TX } from './fake-station-events.js';
import { basic, exchange, GatewayBench, PASSWORD } from './gateway-bench.js';

const NOW = '2026-03-14T17:55:02.118Z';
const HEARTBEAT = [2, 'hb', 'Heartbeat', {}];
const STARTED = [
  ...[2, 'tx', 'TransactionEvent'],
  {
    ...{ eventType: 'Started', timestamp: NOW, triggerReason: 'Authorized', seqNo: 0 },
    ...{ transactionInfo: { transactionId: TX }, evse: { id: 1 } },
  },
];

let bench: GatewayBench;
afterEach(() => bench.stop());

const isServed = async (station: WebSocket): Promise<boolean> =>
  (await exchange(station, HEARTBEAT))[0] === 3;

/** A bare TCP connection to the gateway. */
async function dial(): Promise<Socket> {
  const { host, port } = bench.gateway.address;
  const socket = connect(port, host);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

describe('peers that are nobody yet', () => {
  it.each([
    ['nothing at all', ''],
    ['half a request', 'GET /ocpp/a HTTP/1.1\r\nHost: x\r\n'],
  ])('that say %s are dropped', async (_what, words) => {
    bench = await new GatewayBench().start({ limits: { headersTimeoutMs: 40 } });
    const socket = await dial();
    const closed = once(socket.resume(), 'close');
    socket.write(words);
    await closed;
    expect(bench.events.log).toEqual([]);
  });

  it.each([
    ['no HTTP', Buffer.from([0, 255, 22, 3, 1, 0, 13, 10, 13, 10])],
    ['an endless header', Buffer.from(`GET /ocpp/a HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`)],
    [
      'a broken upgrade',
      Buffer.from('GET /ocpp/a HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    ],
  ])('that speak %s are refused, and stations served on', async (_what, words) => {
    bench = await new GatewayBench().start();
    const honest = await bench.connect('honest');
    const socket = await dial();
    const closed = once(socket.resume(), 'close');
    socket.write(words);
    await closed;
    expect(await isServed(honest)).toBe(true);
  });

  it('that guess passwords are not looked at any more after some, and nobody else is kept out', async () => {
    let monotonicMs = 0;
    bench = await new GatewayBench().start({
      limits: { wrongPasswords: { burst: 2, perSecond: 0.1 } },
      monotonicMs: () => monotonicMs,
    });
    bench.know('a');
    bench.know('b');
    const guess = () => bench.refusal('/ocpp/a', basic('a', 'guess'));
    expect([await guess(), await guess(), await guess()]).toEqual([401, 401, 429]);
    // Not even the right one: the password is not looked at.
    expect(await bench.refusal('/ocpp/a', basic('a', PASSWORD))).toBe(429);
    expect(await isServed(await bench.connect('b'))).toBe(true);
    monotonicMs += 10_000;
    expect(await isServed(await bench.connect('a'))).toBe(true);
  });

  it('that hold many connections and say nothing lose the oldest of them, and stations come through', async () => {
    bench = await new GatewayBench().start({ limits: { maxSilentConnections: 5 } });
    const silent: Socket[] = [];
    const closed: number[] = [];
    for (let index = 0; index < 12; index += 1) {
      const socket = await dial();
      socket.resume().once('close', () => closed.push(index));
      silent.push(socket);
    }
    while (closed.length < 7) await new Promise(setImmediate);
    expect([...closed].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await isServed(await bench.connect('honest'))).toBe(true);
    for (const socket of silent) socket.destroy();
  });

  it('are refused later, so that whoever tries again and again costs less', async () => {
    const timer = new ManualTimer();
    bench = await new GatewayBench().start({ after: timer.after, limits: { refusalDelayMs: 1_000 } });
    let status: number | undefined;
    const refusal = bench.refusal('/ocpp/nobody', basic('nobody', 'x')).then((code) => {
      status = code;
    });
    while (!bench.logged.some(({ message }) => message === 'connection refused')) {
      await new Promise(setImmediate);
    }
    const before = timer.waiting;
    expect([status, before]).toEqual([undefined, 1]);
    timer.advance(1_000);
    await refusal;
    expect(status).toBe(404);
  });

  it('that guess at one password after another leave stations that were here before a way in', async () => {
    bench = await new GatewayBench().start({ limits: { passwordChecksAtOnce: 1 } });
    for (const name of ['known', 'guessed']) bench.know(name);
    const first = await bench.connect('known');
    const left = once(first, 'close');
    first.close();
    await left;
    // The registry takes its time over the guess.
    let answer: (() => void) | undefined;
    bench.events.admitGate = (stationId) =>
      stationId === 'guessed' ? new Promise((resolve) => (answer = resolve)) : Promise.resolve();
    const guess = bench.refusal('/ocpp/guessed', basic('guessed', 'guess'));
    while (answer === undefined) await new Promise(setImmediate);
    expect(await isServed(await bench.connect('known'))).toBe(true);
    answer();
    expect(await guess).toBe(401);
  });

  it('cannot fill the log with their refusals', async () => {
    bench = await new GatewayBench().start({ limits: { strangersLog: { burst: 3, perSecond: 0 } } });
    for (let count = 0; count < 50; count += 1) await bench.refusal(`/ocpp/x-${count}`, basic('x', 'y'));
    const refusals = bench.logged.filter(({ message }) => message === 'connection refused');
    expect(refusals).toHaveLength(3);
    await bench.gateway.close();
    expect(bench.logged.at(-1)).toEqual({
      message: 'log lines left out',
      fields: { leftOut: { 'connection refused': 47 } },
    });
  });
});

describe('a station with bad manners', () => {
  it('cannot fill the log: what is left out is counted and told', async () => {
    bench = await new GatewayBench().start({ limits: { stationLog: { burst: 5, perSecond: 0 } } });
    const station = await bench.connect('a');
    const alarm = { type: 'MemoryExhaustion', timestamp: NOW };
    for (let count = 0; count < 20; count += 1) {
      await exchange(station, [2, `e-${count}`, 'SecurityEventNotification', alarm]);
    }
    const closed = once(station, 'close');
    station.close();
    await closed;
    while (!bench.events.log.includes('disconnected a')) await new Promise(setImmediate);
    const lines = bench.logged.filter(({ message }) => message === 'Security event at the station');
    expect(lines).toHaveLength(5);
    expect(bench.logged).toContainEqual({
      message: 'log lines left out',
      fields: { stationId: 'a', leftOut: { 'Security event at the station': 15 } },
    });
  });

  it('cannot make us keep something for every number: EVSEs end at a bound', async () => {
    bench = await new GatewayBench().start();
    const station = await bench.connect('a');
    const evse = { id: MAX_EVSE_NUMBER + 1, connectorId: 1 };
    const impossible = [
      [
        'StatusNotification',
        { timestamp: NOW, connectorStatus: 'Available', evseId: evse.id, connectorId: 1 },
      ],
      ['MeterValues', { evseId: 2 ** 31, meterValue: [{ timestamp: NOW, sampledValue: [{ value: 1 }] }] }],
      [
        'TransactionEvent',
        {
          ...{ eventType: 'Started', timestamp: NOW, triggerReason: 'Authorized', seqNo: 0 },
          ...{ transactionInfo: { transactionId: TX }, evse },
        },
      ],
      [
        'NotifyEvent',
        {
          ...{ generatedAt: NOW, seqNo: 0 },
          eventData: [
            {
              ...{ eventId: 1, timestamp: NOW, trigger: 'Delta', actualValue: 'Occupied' },
              ...{ eventNotificationType: 'HardWiredNotification', variable: { name: 'AvailabilityState' } },
              component: { name: 'Connector', evse },
            },
          ],
        },
      ],
    ] as const;
    for (const [action, payload] of impossible) {
      const answer = await exchange(station, [2, action.slice(0, 36), action, payload]);
      expect(answer.slice(0, 3)).toEqual([4, action, 'PropertyConstraintViolation']);
    }
    expect(bench.events.log).toEqual(['connected a ocpp2.1']);
    expect(bench.events.transactionEvents).toEqual([]);
  });

  it('that was shut out for its faults comes back after a minute, not at once', async () => {
    let monotonicMs = 0;
    bench = await new GatewayBench().start({
      limits: { faultBudget: { burst: 3, perSecond: 1 } },
      monotonicMs: () => monotonicMs,
    });
    const station = await bench.connect('a');
    const closed = once(station, 'close');
    for (let count = 0; count < 10; count += 1) station.send('not json');
    expect((await closed)[0]).toBe(1008);
    expect(await bench.refusal('/ocpp/a', basic('a', PASSWORD))).toBe(429);
    expect(await isServed(await bench.connect('b'))).toBe(true);
    monotonicMs += 60_000;
    expect(await isServed(await bench.connect('a'))).toBe(true);
  });

  it.each([
    ['INVALID_INPUT', 'PropertyConstraintViolation'],
    ['CONFLICT', 'PropertyConstraintViolation'],
    ['NOT_FOUND', 'PropertyConstraintViolation'],
    ['PAYLOAD_TOO_LARGE', 'OccurrenceConstraintViolation'],
    ['FORBIDDEN', 'SecurityError'],
    ['RATE_LIMITED', 'GenericError'],
  ] as const)('learns what it broke: %s is %s, and no failure of ours', async (code, rpcCode) => {
    bench = await new GatewayBench().start();
    const station = await bench.connect('a');
    bench.events.failNext = new EbbflowError(code, 'transactionId: belongs to another station');
    const answer = await exchange(station, STARTED);
    expect(answer.slice(0, 4)).toEqual([4, 'tx', rpcCode, 'transactionId: belongs to another station']);
    expect(bench.counts.get('ocpp_faults_total handler-failed')).toBeUndefined();
  });

  it.each(['STORE_UNAVAILABLE', 'SHUTTING_DOWN', 'INTERNAL'] as const)(
    'learns nothing of a fault of ours: %s is InternalError, counted as ours',
    async (code) => {
      bench = await new GatewayBench().start();
      const station = await bench.connect('a');
      bench.events.failNext = new EbbflowError(code, 'postgres://inside');
      const answer = await exchange(station, STARTED);
      expect(answer.slice(0, 4)).toEqual([4, 'tx', 'InternalError', 'TransactionEvent could not be handled']);
      expect(bench.counts.get('ocpp_faults_total handler-failed')).toBe(1);
    },
  );

  it('tells the engine of each misspelling once a connection', async () => {
    bench = await new GatewayBench().start();
    const station = await bench.connect('a');
    for (let count = 0; count < 5; count += 1) {
      await exchange(station, [2, `h-${count}`, 'Heartbeat', { colour: 'red' }]);
    }
    expect(bench.events.nonConformances).toEqual(['Heartbeat /: unknown key colour ignored']);
  });

  it('gets one live connection, however many it opens at once', async () => {
    bench = await new GatewayBench().start();
    bench.know('a');
    const sockets = Array.from({ length: 20 }, () => bench.socket('a'));
    const closed = sockets.map((socket) => once(socket, 'close'));
    await Promise.all(sockets.map((socket) => once(socket, 'open')));
    while (bench.events.log.filter((line) => line === 'connected a ocpp2.1').length < 20) {
      await new Promise(setImmediate);
    }
    const codes = new Map<number, unknown>();
    for (const [index, close] of closed.entries()) void close.then(([code]) => codes.set(index, code));
    while (codes.size < 19) await new Promise(setImmediate);
    expect(new Set(codes.values())).toEqual(new Set([1000]));
    expect(bench.gateway.link.onlineCount()).toBe(1);
    const [live] = sockets.filter((socket) => socket.readyState === WebSocket.OPEN);
    expect(await isServed(live!)).toBe(true);
  });
});

describe('3,000 fuzzed frames', () => {
  it.each([1, 2, 3])(
    'with seed %i harm nobody: the gateway serves on, an honest station is answered throughout',
    async (seed) => {
      bench = await new GatewayBench().start({
        limits: {
          ...{ faultBudget: { burst: 1e6, perSecond: 1 }, inboundPace: { burst: 1e9, perSecond: 1 } },
          closeGraceMs: 50,
        },
      });
      const honest = await bench.connect('honest');
      const fuzzer = new FrameFuzzer(seed);
      let hostile = await bench.connect('hostile');
      for (let sent = 0; sent < 1_000; sent += 1) {
        if (hostile.readyState !== WebSocket.OPEN) hostile = await bench.connect('hostile');
        hostile.send(fuzzer.next().message);
        if (sent % 50 === 49) expect(await isServed(honest)).toBe(true);
      }
      const last = await bench.connect('hostile');
      expect(await isServed(last)).toBe(true);
      expect(bench.counts.get('ocpp_faults_total invalid-answer') ?? 0).toBe(0);
      expect(bench.counts.get('ocpp_faults_total handler-failed') ?? 0).toBe(0);
    },
    30_000,
  );
});

describe('a limited log', () => {
  it('writes its burst, counts the rest by message, and says so with the next line', async () => {
    bench = await new GatewayBench().start();
    let monotonicMs = 0;
    const lines: [string, object][] = [];
    const write = (fields: object, message: string) => lines.push([message, fields]);
    const logger = { debug: write, info: write, warn: write, error: write };
    const log = limitLog(logger, { burst: 1, perSecond: 1 }, () => monotonicMs, { stationId: 'a' });
    log.info({}, 'one');
    log.info({}, 'two');
    log.error({}, 'two');
    log.warn({}, 'three');
    monotonicMs += 1_000;
    log.info({}, 'four');
    log.close();
    expect(lines).toEqual([
      ['one', {}],
      ['log lines left out', { stationId: 'a', leftOut: { two: 2, three: 1 } }],
      ['four', {}],
    ]);
  });
});
