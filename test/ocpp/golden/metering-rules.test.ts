import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { asTransactionId } from '../../../src/domain/ids.js';
import { createMessageSchemas } from '../../../src/ocpp/wire/schemas.js';
import { LiveRig } from '../../support/engine/live-rig.js';
import { type Line, payloadsOf, readTranscript, type Transcript } from './transcript.js';

const NAMES = readdirSync(new URL('../../golden/metering/', import.meta.url)).map(
  (name) => `metering/${name}`,
);
const STATION = 'golden';

let rig: LiveRig;
let station: WebSocket;
/** The clock on its way: it stands still while the engine waits for an answer that the file shows. */
let moving = Promise.resolve();

/** What the engine asks of its own accord and the file does not show is answered in the shortest way. */
function shortAnswer(id: unknown, action: unknown): unknown[] {
  return action === 'GetTransactionStatus'
    ? [3, id, { messagesInQueue: false }]
    : [4, id, 'NotSupported', '', {}];
}

/** A station that has booted, on the real gateway with the real engine behind it. */
async function connect(shown: ReadonlySet<string>): Promise<unknown[][]> {
  rig = await LiveRig.open([]);
  const { host, port } = rig.gateway.address;
  station = new WebSocket(`ws://${host}:${port}/ocpp/${STATION}`, ['ocpp2.1']);
  const inbox: unknown[][] = [];
  station.on('message', (data) => {
    const frame = JSON.parse(String(data)) as unknown[];
    const [type, id, action] = frame;
    if (type === 2 && !shown.has(String(action))) station.send(JSON.stringify(shortAnswer(id, action)));
    else inbox.push(frame);
  });
  await once(station, 'open');
  const boot = { reason: 'PowerUp', chargingStation: { model: 'Golden', vendorName: 'Golden EVSE' } };
  station.send(JSON.stringify([2, 'boot', 'BootNotification', boot]));
  await next(inbox);
  await rig.advance(0);
  return inbox;
}

async function next(inbox: unknown[][]): Promise<unknown[]> {
  while (inbox.length === 0) await once(station, 'message');
  return inbox.shift()!;
}

async function replay({ lines }: Transcript): Promise<void> {
  const shown = new Set(payloadsOf({ lines }).flatMap((one) => (one.kind === 'request' ? [one.action] : [])));
  const inbox = await connect(shown);
  const ids = new Map<unknown, unknown>();
  for (const line of lines) await step(line, inbox, ids);
  await moving;
  expect(inbox).toEqual([]);
}

async function step(line: Line, inbox: unknown[][], ids: Map<unknown, unknown>): Promise<void> {
  if (line.by === 'clock') {
    await moving;
    moving = rig.advance(line.atMs - rig.clock.nowMs());
  } else if (line.by === 'books') {
    await moving;
    await rig.advance(0);
    expect(await booksOf(line.transactionId)).toMatchObject(line.expected);
  } else if (line.by === 'station') {
    const [type, id, ...rest] = line.frame;
    if (type === 2) await moving;
    station.send(JSON.stringify([type, ids.get(id) ?? id, ...rest]));
  } else if (line.by === 'csms') {
    const frame = await next(inbox);
    const [type, id, ...rest] = line.frame;
    if (String(id).startsWith('csms-')) ids.set(id, frame[1]);
    expect(frame).toEqual([type, ids.get(id) ?? id, ...rest]);
  }
}

/** What the world is told of a session, and its five-minute books. */
async function booksOf(transactionId: string): Promise<object> {
  const id = asTransactionId(transactionId);
  const view = (await rig.engine.useCases.session(id))!;
  const { importKwh, exportKwh, importKw, exportKw, provisional, session } = view;
  const whole = (wh: number) => Math.round(wh * 1e6) / 1e6;
  const intervals = await rig.store.sessions.intervals({ fromMs: 0, toMs: 4e12, transactionId: id });
  return {
    importWh: whole(importKwh * 1000),
    exportWh: whole(exportKwh * 1000),
    importKw: whole(importKw),
    exportKw: whole(exportKw),
    provisional,
    state: session.state,
    flags: session.flags,
    socFraction: session.books.socFraction ?? null,
    intervals: Object.fromEntries(
      intervals.map((one) => [
        new Date(one.startMs).toISOString().slice(11, 16),
        [whole(one.importWh), whole(one.exportWh)],
      ]),
    ),
    signed: await rig.engine.useCases.signedValues(id),
  };
}

describe('the rules of metering, from the wire to the books', () => {
  afterEach(async () => {
    station.terminate();
    await rig.close();
  });

  it.each(NAMES)('%s', (name) => replay(readTranscript(name)));
});

describe('the transcripts of metering', () => {
  it.each(NAMES)('%s holds only payloads that the published schema takes', (name) => {
    const transcript = readTranscript(name);
    const schemas = createMessageSchemas(transcript.protocol);
    for (const { kind, action, payload } of payloadsOf(transcript)) {
      expect([action, schemas.check(kind, action, payload)]).toEqual([action, { valid: true }]);
    }
  });
});
