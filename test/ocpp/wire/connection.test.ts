import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { answering, type CallAnswerer } from '../../../src/ocpp/wire/answering.js';
import { OcppConnection } from '../../../src/ocpp/wire/connection.js';
import type { ConnectionOptions } from '../../../src/ocpp/wire/connection-options.js';
import type { Fault } from '../../../src/ocpp/wire/fault.js';
import type { JsonObject } from '../../../src/ocpp/wire/frame.js';
import { CallFailure, RpcError } from '../../../src/ocpp/wire/rpc-error.js';
import { createMessageSchemas } from '../../../src/ocpp/wire/schemas.js';
import { ManualTimer } from './manual-timer.js';
import { nextMessage, openSocketPair } from './socket-pair.js';

const v21 = createMessageSchemas('ocpp2.1');
const v201 = createMessageSchemas('ocpp2.0.1');
const NOW = '2026-03-14T17:55:02Z';

let pair: Awaited<ReturnType<typeof openSocketPair>>;
let timer: ManualTimer;
let faults: Fault[];

beforeEach(async () => {
  pair = await openSocketPair();
  timer = new ManualTimer();
  faults = [];
});
afterEach(() => pair.close());

const silent: CallAnswerer = answering({});

function connect(
  side: 'csms' | 'station',
  onCall: CallAnswerer = silent,
  options: Partial<ConnectionOptions> = {},
): OcppConnection {
  return new OcppConnection({
    role: side,
    socket: pair[side],
    schemas: v21,
    onCall,
    onFault: (fault) => faults.push(fault),
    after: timer.after,
    ...options,
  });
}

const heartbeats = answering({ Heartbeat: async () => ({ currentTime: NOW }) });

/** Head of a CALLERROR or CALLRESULTERROR; texts and details are free. */
const refusal = (type: 4 | 5, id: string, code: string) => [
  type,
  id,
  code,
  expect.any(String),
  expect.any(Object),
];

/** Sends a raw text from the station and returns what the other side answers. */
async function exchange(text: string, socket: WebSocket = pair.station): Promise<unknown> {
  const answer = nextMessage(socket);
  socket.send(text);
  return answer;
}

describe('calls in both directions', () => {
  it('brings a request over and its answer back', async () => {
    connect('csms', heartbeats);
    const station = connect('station');
    await expect(station.call('Heartbeat', {})).resolves.toEqual({ currentTime: NOW });
    expect(station.pendingCalls).toBe(0);
  });

  it('lets CALLs of the two sides cross: each may answer while it waits itself', async () => {
    const csms: OcppConnection = connect(
      'csms',
      answering({
        Heartbeat: async () => {
          await csms.call('GetBaseReport', { requestId: 1, reportBase: 'FullInventory' });
          return { currentTime: NOW };
        },
      }),
    );
    const station = connect('station', answering({ GetBaseReport: async () => ({ status: 'Accepted' }) }));
    await expect(station.call('Heartbeat', {})).resolves.toEqual({ currentTime: NOW });
  });

  it('keeps one CALL in flight and sends the rest in order', async () => {
    const seen: string[] = [];
    pair.csms.on('message', (data) => seen.push((JSON.parse(String(data)) as string[])[1]!));
    const station = connect('station');
    const first = station.call('Heartbeat', {});
    const second = station.call('Heartbeat', {});
    await once(pair.csms, 'message');
    expect(station.pendingCalls).toBe(2);
    expect(seen).toHaveLength(1);
    pair.csms.send(JSON.stringify([3, seen[0], { currentTime: NOW }]));
    await first;
    if (seen.length < 2) await once(pair.csms, 'message');
    pair.csms.send(JSON.stringify([3, seen[1], { currentTime: NOW }]));
    await second;
    expect(new Set(seen).size).toBe(2);
  });

  it('refuses a call beyond the backlog limit and serves the others', async () => {
    const station = connect('station', silent, { limits: { maxWaitingCalls: 1 } });
    const first = station.call('Heartbeat', {});
    const second = station.call('Heartbeat', {});
    await expect(station.call('Heartbeat', {})).rejects.toMatchObject({ kind: 'busy' });
    connect('csms', heartbeats);
    await expect(Promise.all([first, second])).resolves.toHaveLength(2);
  });

  it('gives up after the timeout, sends the next, and ignores the late answer', async () => {
    const ids: string[] = [];
    pair.csms.on('message', (data) => ids.push((JSON.parse(String(data)) as string[])[1]!));
    const station = connect('station', silent, { limits: { callTimeoutMs: 30_000 } });
    const first = station.call('Heartbeat', {});
    const second = station.call('Heartbeat', {});
    await once(pair.csms, 'message');
    timer.advance(29_999);
    expect(station.pendingCalls).toBe(2);
    timer.advance(1);
    await expect(first).rejects.toMatchObject({ kind: 'timeout' });
    await once(pair.csms, 'message');
    pair.csms.send(JSON.stringify([3, ids[0], { currentTime: 'late' }]));
    pair.csms.send(JSON.stringify([3, ids[1], { currentTime: NOW }]));
    await expect(second).resolves.toEqual({ currentTime: NOW });
    expect(faults.map((fault) => fault.kind)).toEqual(['call-timeout', 'unknown-answer']);
  });

  it('rejects with the code of a CALLERROR', async () => {
    connect('csms', async () => {
      throw new RpcError('SecurityError', 'Not booted', { hint: 1 });
    });
    const station = connect('station');
    await expect(station.call('Heartbeat', {})).rejects.toMatchObject({
      kind: 'refused',
      rpcCode: 'SecurityError',
    });
  });

  it('checks its own requests before they leave', async () => {
    const csms = connect('csms');
    await expect(csms.call('GetVariables', { getVariableData: [] })).rejects.toMatchObject({
      kind: 'bad-request',
    });
  });

  it('fails open calls when the connection closes', async () => {
    const station = connect('station');
    const call = station.call('Heartbeat', {});
    pair.csms.terminate();
    await expect(call).rejects.toBeInstanceOf(CallFailure);
    await expect(station.call('Heartbeat', {})).rejects.toMatchObject({ kind: 'closed' });
    expect(timer.waiting).toBe(0);
  });
});

describe('inbound calls', () => {
  it('are handled one at a time in the order of arrival', async () => {
    const log: string[] = [];
    const gates: (() => void)[] = [];
    connect('csms', async (_action, payload) => {
      log.push(`begin ${String(payload.seqNo)}`);
      await new Promise<void>((resolve) => gates.push(resolve));
      log.push(`end ${String(payload.seqNo)}`);
      return {};
    });
    const report = (seqNo: number) =>
      JSON.stringify([2, `m${seqNo}`, 'NotifyReport', { requestId: 1, generatedAt: NOW, seqNo }]);
    pair.station.send(report(0));
    pair.station.send(report(1));
    await once(pair.csms, 'message');
    await new Promise(setImmediate);
    expect(log).toEqual(['begin 0']);
    const first = nextMessage(pair.station);
    gates[0]!();
    expect(await first).toEqual([3, 'm0', {}]);
    const second = nextMessage(pair.station);
    while (gates.length < 2) await new Promise(setImmediate);
    gates[1]!();
    expect(await second).toEqual([3, 'm1', {}]);
    expect(log).toEqual(['begin 0', 'end 0', 'begin 1', 'end 1']);
  });

  it('with an id that is still open are ignored and reported', async () => {
    let calls = 0;
    let open: () => void = () => {};
    connect('csms', async () => {
      calls += 1;
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      return { currentTime: NOW };
    });
    pair.station.send('[2,"same","Heartbeat",{}]');
    pair.station.send('[2,"same","Heartbeat",{}]');
    while (faults.length === 0) await new Promise(setImmediate);
    const answer = nextMessage(pair.station);
    open();
    expect(await answer).toEqual([3, 'same', { currentTime: NOW }]);
    expect(calls).toBe(1);
    expect(faults[0]).toMatchObject({ kind: 'duplicate-call', messageId: 'same' });
  });

  it('beyond the inbound limit get a CALLERROR', async () => {
    connect('csms', () => new Promise(() => {}), { limits: { maxInboundCalls: 0 } });
    pair.station.send('[2,"a","Heartbeat",{}]');
    expect(await exchange('[2,"b","Heartbeat",{}]')).toEqual(refusal(4, 'b', 'GenericError'));
  });

  it.each([
    ['[2,"a","NoSuchThing",{}]', 'NotImplemented'],
    [
      '[2,"a","GetLog",{"logType":"DiagnosticsLog","requestId":1,"log":{"remoteLocation":"x"}}]',
      'NotSupported',
    ],
    ['[2,"a","BootNotification",{}]', 'OccurrenceConstraintViolation'],
    [
      '[2,"a","MeterValues",{"evseId":{},"meterValue":[{"timestamp":"2026-03-14T18:05:00Z","sampledValue":[{"value":1}]}]}]',
      'TypeConstraintViolation',
    ],
    ['[2,"a","Heartbeat",[]]', 'FormatViolation'],
    ['[2,"a"]', 'RpcFrameworkError'],
  ])('that break a rule are answered: %s gets %s', async (text, code) => {
    connect('csms', heartbeats);
    expect(await exchange(text)).toEqual(refusal(4, 'a', code));
    expect(await exchange('[2,"b","Heartbeat",{}]')).toEqual([3, 'b', { currentTime: NOW }]);
  });

  it.each(['{nonsense', '[2,5,"Heartbeat",{}]', '"text"'])(
    'whose id is unreadable are answered with id -1: %s',
    async (text) => {
      connect('csms', heartbeats);
      expect(await exchange(text)).toEqual(refusal(4, '-1', 'RpcFrameworkError'));
    },
  );

  it('with unknown keys are served, and the spelling is reported', async () => {
    connect('csms', heartbeats);
    expect(await exchange('[2,"a","Heartbeat",{"mood":"good"}]')).toEqual([3, 'a', { currentTime: NOW }]);
    expect(faults).toMatchObject([{ kind: 'repaired', action: 'Heartbeat' }]);
  });

  it('whose handler fails get InternalError without the inner text', async () => {
    connect('csms', async () => {
      throw new Error('password of the database');
    });
    const answer = await exchange('[2,"a","Heartbeat",{}]');
    expect(answer).toEqual(refusal(4, 'a', 'InternalError'));
    expect(JSON.stringify(answer)).not.toContain('password');
    expect(faults).toMatchObject([{ kind: 'handler-failed' }]);
  });

  it('whose answer breaks the schema get InternalError', async () => {
    connect('csms', async () => ({ currentTime: 'never' }));
    expect(await exchange('[2,"a","Heartbeat",{}]')).toEqual(refusal(4, 'a', 'InternalError'));
    expect(faults).toMatchObject([{ kind: 'invalid-answer' }]);
  });
});

describe('answers and unconfirmed messages', () => {
  it('answers a bad CALLRESULT with CALLRESULTERROR and fails the call', async () => {
    const station = connect('station');
    const call = station.call('Heartbeat', {}).catch((error: unknown) => error);
    const [, id] = (await nextMessage(pair.csms)) as [number, string];
    expect(await exchange(JSON.stringify([3, id, { currentTime: 3 }]), pair.csms)).toEqual(
      refusal(5, id, 'TypeConstraintViolation'),
    );
    expect(await call).toMatchObject({ kind: 'bad-answer' });
  });

  it('sends no CALLRESULTERROR to a 2.0.1 peer', async () => {
    const station = connect('station', silent, { schemas: v201 });
    const call = station.call('Heartbeat', {}).catch((error: unknown) => error);
    const [, id] = (await nextMessage(pair.csms)) as [number, string];
    const messages: unknown[] = [];
    pair.csms.on('message', (data) => messages.push(JSON.parse(String(data))));
    pair.csms.send(JSON.stringify([3, id, {}]));
    expect(await call).toMatchObject({ kind: 'bad-answer' });
    void station.call('Heartbeat', {}).catch(() => {});
    await once(pair.csms, 'message');
    expect(messages).toMatchObject([[2, expect.any(String), 'Heartbeat', {}]]);
  });

  it('fails a call whose answer has no payload', async () => {
    const station = connect('station');
    const call = station.call('Heartbeat', {}).catch((error: unknown) => error);
    const [, id] = (await nextMessage(pair.csms)) as [number, string];
    pair.csms.send(JSON.stringify([3, id]));
    expect(await call).toMatchObject({ kind: 'bad-answer' });
  });

  it('hands over a SEND and answers nothing', async () => {
    const sent: [string, JsonObject][] = [];
    connect('csms', heartbeats, { onSend: (action, payload) => sent.push([action, payload]) });
    const station = connect('station');
    const payload = { id: 3, pending: 0, basetime: NOW, data: [{ t: 0, v: '-9928.4' }] };
    station.send('NotifyPeriodicEventStream', payload);
    await station.call('Heartbeat', {});
    expect(sent).toEqual([['NotifyPeriodicEventStream', payload]]);
    expect(faults).toEqual([]);
  });

  it('ignores, but reports, unknown types, stray answers, binary messages and a bad SEND', async () => {
    connect('csms', heartbeats);
    pair.station.send('[9,"x",{}]');
    pair.station.send('[3,"x",{}]');
    pair.station.send('[4,"x","GenericError","",{}]');
    pair.station.send('[5,"x","FormatViolation","bad",{}]');
    pair.station.send('[6,"x","NotifyPeriodicEventStream",{}]');
    pair.station.send('[6,"x","Heartbeat",{}]');
    pair.station.send(Buffer.from([1, 2]));
    expect(await exchange('[2,"b","Heartbeat",{}]')).toEqual([3, 'b', { currentTime: NOW }]);
    expect(faults.map((fault) => fault.kind)).toEqual([
      'unknown-message-type',
      'unknown-answer',
      'unknown-answer',
      'answer-refused',
      'schema-violation',
      'schema-violation',
      'binary-message',
    ]);
  });
});

describe('limits of the connection', () => {
  it('closes with 1009 on a message above the size limit', async () => {
    connect('csms', heartbeats, { limits: { maxMessageBytes: 1000 } });
    const closed = once(pair.station, 'close');
    pair.station.send(JSON.stringify([2, 'a', 'Heartbeat', { x: 'y'.repeat(1000) }]));
    expect((await closed)[0]).toBe(1009);
    expect(faults).toMatchObject([{ kind: 'oversized-message' }]);
  });

  it('cuts a peer that does not read', async () => {
    const csms = connect('csms', heartbeats, { limits: { maxBufferedBytes: 100_000 } });
    pair.station.pause();
    const big = 'x'.repeat(900);
    const write = () =>
      csms.call('SetVariables', {
        setVariableData: Array.from({ length: 500 }, () => ({
          component: { name: 'a' },
          variable: { name: 'b' },
          attributeValue: big,
        })),
      });
    const closed = once(pair.csms, 'close');
    // Each call times out at once, so that the next is written behind it.
    for (let round = 0; round < 100 && csms.isOpen; round += 1) {
      const call = write().catch(() => {});
      timer.advance(30_000);
      await call;
    }
    await closed;
    expect(faults.map((fault) => fault.kind)).toContain('peer-too-slow');
  });

  it('cuts a half-open connection after silent ping intervals, but not one that answers', async () => {
    const csms = connect('csms', heartbeats, { limits: { pingIntervalMs: 10_000 } });
    for (let round = 0; round < 4; round += 1) {
      const pong = once(pair.csms, 'pong');
      timer.advance(10_000);
      await pong;
    }
    expect(csms.isOpen).toBe(true);
    pair.station.pause();
    const closed = once(pair.csms, 'close');
    timer.advance(30_000);
    await closed;
    expect(faults).toMatchObject([{ kind: 'half-open' }]);
  });

  it('closes gracefully: the open call is answered first, new ones are refused', async () => {
    let finish: () => void = () => {};
    const csms = connect('csms', async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { currentTime: NOW };
    });
    const station = connect('station');
    const call = station.call('Heartbeat', {});
    await once(pair.csms, 'message');
    const closed = once(pair.station, 'close');
    const closing = csms.close(1001, 'Going away');
    await expect(csms.call('GetVariables', { getVariableData: [] })).rejects.toMatchObject({
      kind: 'closed',
    });
    await new Promise(setImmediate);
    finish();
    await expect(call).resolves.toEqual({ currentTime: NOW });
    await closing;
    expect((await closed)[0]).toBe(1001);
  });

  it('does not wait longer than the grace for an open call', async () => {
    const csms = connect('csms', () => new Promise(() => {}), { limits: { closeGraceMs: 5000 } });
    const station = connect('station');
    const call = station.call('Heartbeat', {}).catch((error: unknown) => error);
    await once(pair.csms, 'message');
    await new Promise(setImmediate);
    const closing = csms.close(1001);
    await new Promise(setImmediate);
    timer.advance(5000);
    await closing;
    expect(await call).toMatchObject({ kind: 'closed' });
  });
});
