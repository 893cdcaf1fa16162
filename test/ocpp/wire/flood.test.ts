import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answering } from '../../../src/ocpp/wire/answering.js';
import { OcppConnection } from '../../../src/ocpp/wire/connection.js';
import type { ConnectionLimits } from '../../../src/ocpp/wire/connection-options.js';
import type { Fault } from '../../../src/ocpp/wire/fault.js';
import { createMessageSchemas } from '../../../src/ocpp/wire/schemas.js';
import { ManualTimer } from './manual-timer.js';
import { nextMessage, openSocketPair } from './socket-pair.js';

const schemas = createMessageSchemas('ocpp2.1');
const NOW = '2026-03-14T17:55:02Z';
const heartbeats = answering({
  Heartbeat: async () => ({ currentTime: NOW }),
  StatusNotification: async () => ({}),
});

let pair: Awaited<ReturnType<typeof openSocketPair>>;
let timer: ManualTimer;
let faults: Fault[];
let monotonicMs: number;
beforeEach(async () => {
  pair = await openSocketPair();
  timer = new ManualTimer();
  faults = [];
  monotonicMs = 0;
});
afterEach(() => pair.close());

function serve(limits: Partial<ConnectionLimits>): OcppConnection {
  return new OcppConnection({
    role: 'csms',
    socket: pair.csms,
    schemas,
    onCall: heartbeats,
    onFault: (fault) => faults.push(fault),
    after: timer.after,
    monotonicMs: () => monotonicMs,
    limits: { maxInboundCalls: 1_000, ...limits },
  });
}

const kinds = (): string[] => faults.map(({ kind }) => kind);

/** Sends a heartbeat and waits for its answer: all that was sent before it has been heard then. */
function untilHeard(id: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (data: unknown): void => {
      if ((JSON.parse(String(data)) as unknown[])[1] !== id) return;
      pair.station.off('message', look);
      resolve();
    };
    pair.station.on('message', look);
    pair.station.send(JSON.stringify([2, id, 'Heartbeat', {}]));
  });
}

describe('a peer that makes faults without end', () => {
  it('is shut out with 1008 once its budget is spent, and not heard any more', async () => {
    serve({ faultBudget: { burst: 5, perSecond: 1 } });
    const closed = once(pair.station, 'close');
    for (let count = 0; count < 500; count += 1) pair.station.send('not json');
    expect((await closed)[0]).toBe(1008);
    expect(kinds()).toEqual([...Array(6).fill('malformed-frame'), 'too-many-faults']);
  });

  it('is cut after a second when it does not close its end', async () => {
    serve({ faultBudget: { burst: 1, perSecond: 1 } });
    pair.station.pause();
    const cut = once(pair.csms, 'close');
    for (let count = 0; count < 3; count += 1) pair.station.send('not json');
    while (!kinds().includes('too-many-faults')) await new Promise(setImmediate);
    timer.advance(1_000);
    await cut;
    expect(pair.csms.readyState).toBe(pair.csms.CLOSED);
  });

  it('is forgiven with time', async () => {
    serve({ faultBudget: { burst: 2, perSecond: 1 } });
    for (let round = 0; round < 5; round += 1) {
      pair.station.send(Buffer.from([1]));
      await untilHeard(`h-${round}`);
      monotonicMs += 1_000;
    }
    expect(pair.csms.readyState).toBe(pair.csms.OPEN);
    expect(kinds()).toEqual(Array(5).fill('binary-message'));
  });

  it('may spell nearly ten times as many messages against the schema, which are answered', async () => {
    serve({ faultBudget: { burst: 2, perSecond: 0.001 } });
    for (let count = 0; count < 19; count += 1) {
      const answer = nextMessage(pair.station);
      pair.station.send(JSON.stringify([2, `s-${count}`, 'StatusNotification', { evseId: 1 }]));
      const [type, id, code] = (await answer) as unknown[];
      expect([type, id, code]).toEqual([4, `s-${count}`, 'OccurrenceConstraintViolation']);
    }
    expect(pair.csms.readyState).toBe(pair.csms.OPEN);
  });

  it('cannot fill a log: its own words are cut', async () => {
    serve({});
    pair.station.send(JSON.stringify([2, 'a', 'A'.repeat(100_000), {}]));
    await untilHeard('h');
    expect(JSON.stringify(faults).length).toBeLessThan(1_000);
  });
});

describe('a peer that sends faster than it may', () => {
  it('is read later: nothing is lost, nothing is refused', async () => {
    serve({ inboundPace: { burst: 10, perSecond: 10 } });
    const answers: unknown[] = [];
    pair.station.on('message', (data) => answers.push(JSON.parse(String(data))));
    for (let count = 0; count < 30; count += 1)
      pair.station.send(JSON.stringify([2, `${count}`, 'Heartbeat', {}]));
    while (!kinds().includes('too-fast')) await new Promise(setImmediate);
    expect(pair.csms.isPaused).toBe(true);
    while (answers.length < 30) {
      monotonicMs += 10_000;
      timer.advance(10_000);
      await new Promise(setImmediate);
    }
    expect(answers).toEqual(
      Array.from({ length: 30 }, (_, index) => [3, String(index), { currentTime: NOW }]),
    );
    timer.advance(10_000);
    expect(pair.csms.isPaused).toBe(false);
  });

  it('pays for size as for number: a large message costs many small ones', async () => {
    serve({ inboundPace: { burst: 10, perSecond: 10 } });
    const rested = new Promise<void>((resolve) => {
      const look = (): unknown => (kinds().includes('too-fast') ? resolve() : setImmediate(look));
      look();
    });
    const frame = JSON.stringify([2, 'a', 'Heartbeat', { filler: 'x'.repeat(20_000) }]);
    pair.station.send(frame);
    await rested;
    expect(faults.find(({ kind }) => kind === 'too-fast')?.detail).toBe(
      `read again in ${Math.round((1 + (frame.length - 4096) / 256 - 10) * 100)} ms`,
    );
  });

  it('still hears our goodbye while it waits', async () => {
    const connection = serve({ inboundPace: { burst: 1, perSecond: 0.001 } });
    for (let count = 0; count < 5; count += 1)
      pair.station.send(JSON.stringify([2, `${count}`, 'Heartbeat', {}]));
    while (!pair.csms.isPaused) await new Promise(setImmediate);
    const closed = once(pair.station, 'close');
    await connection.close(1001, 'away');
    expect((await closed)[0]).toBe(1001);
  });
});
