import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { EbbflowError } from '../../../src/domain/errors.js';
import { asStationId, evseIdOf } from '../../../src/domain/ids.js';
import type { DesiredProfile } from '../../../src/domain/profile.js';
import type { EvseCapability } from '../../../src/domain/station.js';
import { TX } from './fake-station-events.js';
import { exchange, GatewayBench, NOW_MS, received } from './gateway-bench.js';

const A = asStationId('HX22-000714');
const EVSE = evseIdOf(A, 1);
const NOW = '2026-03-14T17:55:02.118Z';
const BOOT = {
  reason: 'PowerUp',
  chargingStation: { model: 'HeliosDC22-BPT', vendorName: 'Example EVSE' },
};
const HEARTBEAT = [2, 'hb', 'Heartbeat', {}];

const capability: EvseCapability = {
  evseId: EVSE,
  canDischarge: true,
  because: '',
  periodsPerSchedule: 96,
  maxStackLevel: 5,
  supportsDynamicProfiles: false,
  supportsMaxOfflineDuration: true,
  rateUnits: ['W'],
};
const profile: DesiredProfile = {
  evseId: EVSE,
  transactionId: TX,
  revision: 1,
  periods: [{ startMs: NOW_MS, powerKw: -10 }],
  validToMs: NOW_MS + 900_000,
  maxOfflineS: 900,
  createdAtMs: NOW_MS,
  reason: '',
};

let bench: GatewayBench;
beforeEach(async () => {
  bench = await new GatewayBench().start({ limits: { callTimeoutMs: 200 } });
});
afterEach(() => bench.stop());

/** The station answers the next CALL of the CSMS with this payload; the CALL comes back. */
async function answerNext(station: WebSocket, payload: object, type: 3 | 4 = 3): Promise<unknown[]> {
  const call = await received(station);
  station.send(
    type === 3
      ? JSON.stringify([3, call[1], payload])
      : JSON.stringify([4, call[1], (payload as { code: string }).code, '', {}]),
  );
  return call;
}

describe('registration', () => {
  it('B01: lets a new station only boot; everything else is a SecurityError until it is accepted', async () => {
    bench.know(A, false);
    const station = await bench.connect(A);
    expect(await exchange(station, HEARTBEAT)).toEqual([
      4,
      'hb',
      'SecurityError',
      expect.any(String),
      expect.any(Object),
    ]);
    expect(await exchange(station, [2, 'b', 'BootNotification', BOOT])).toEqual([
      3,
      'b',
      { currentTime: NOW, interval: 300, status: 'Accepted' },
    ]);
    expect(await exchange(station, HEARTBEAT)).toEqual([3, 'hb', { currentTime: NOW }]);
    expect(bench.events.log).toContain(`booted ${A} HeliosDC22-BPT PowerUp`);
  });

  it.each(['Pending', 'Rejected'] as const)(
    'B02, B03: keeps a station out whose boot is %s',
    async (status) => {
      bench.know(A, false);
      bench.events.bootAnswer = { status, intervalS: 60 };
      const station = await bench.connect(A);
      expect(await exchange(station, [2, 'b', 'BootNotification', BOOT])).toMatchObject([3, 'b', { status }]);
      expect((await exchange(station, HEARTBEAT)).slice(0, 3)).toEqual([4, 'hb', 'SecurityError']);
    },
  );

  it('serves a station that was accepted before without a new boot', async () => {
    const station = await bench.connect(A);
    expect((await exchange(station, HEARTBEAT))[0]).toBe(3);
  });

  it('B02: lets a pending station report the inventory that was asked of it', async () => {
    bench.know(A, false);
    bench.events.bootAnswer = { status: 'Pending', intervalS: 60 };
    const station = await bench.connect(A);
    await exchange(station, [2, 'b', 'BootNotification', BOOT]);
    const asked = bench.gateway.link.requestInventory(A);
    const [, , , request] = (await answerNext(station, { status: 'Accepted' })) as [
      number,
      string,
      string,
      { requestId: number },
    ];
    expect(await asked).toBe('accepted');
    const page = { requestId: request.requestId, generatedAt: NOW, seqNo: 0 };
    expect(await exchange(station, [2, 'r', 'NotifyReport', page])).toEqual([3, 'r', {}]);
    expect(bench.events.models).toEqual([{ rows: [], complete: true }]);
  });
});

describe('one live connection per station', () => {
  it('lets the newest connection win and closes the old one', async () => {
    const old = await bench.connect(A);
    await exchange(old, HEARTBEAT);
    const closed = once(old, 'close');
    const fresh = await bench.connect(A);
    expect((await closed)[0]).toBe(1000);
    expect((await exchange(fresh, HEARTBEAT))[0]).toBe(3);
    expect(bench.gateway.link.onlineCount()).toBe(1);
    expect(bench.events.log.filter((line) => line.startsWith('disconnected'))).toEqual([]);
    const gone = once(fresh, 'close');
    fresh.close();
    await gone;
    while (bench.gateway.link.isOnline(A)) await new Promise(setImmediate);
    expect(bench.events.log.at(-1)).toBe(`disconnected ${A}`);
  });

  it('handles nothing of the new connection before the old one has finished its message', async () => {
    let open: () => void = () => {};
    bench.events.gate = new Promise((resolve) => {
      open = resolve;
    });
    const event = (seqNo: number) => [
      2,
      `t${seqNo}`,
      'TransactionEvent',
      {
        eventType: 'Updated',
        timestamp: NOW,
        triggerReason: 'MeterValuePeriodic',
        seqNo,
        transactionInfo: { transactionId: TX },
      },
    ];
    const old = await bench.connect(A);
    old.send(JSON.stringify(event(1)));
    while (!bench.events.log.includes('begin updated 1')) await new Promise(setImmediate);
    const fresh = await bench.connect(A);
    const answer = exchange(fresh, event(2));
    await new Promise((resolve) => setImmediate(resolve));
    open();
    expect((await answer)[0]).toBe(3);
    expect(bench.events.log.filter((line) => line.includes('updated'))).toEqual([
      'begin updated 1',
      'end updated 1',
      'begin updated 2',
      'end updated 2',
    ]);
  });
});

describe('bad input', () => {
  it('malformed frames of one station do not disturb another', async () => {
    const bad = await bench.connect('bad');
    const good = await bench.connect('good');
    for (let round = 0; round < 50; round += 1) {
      bad.send(round % 2 === 0 ? '{{{' : '[2,"x","BootNotification",{"reason":1}]');
    }
    expect((await exchange(good, HEARTBEAT))[0]).toBe(3);
    expect(bench.gateway.link.onlineCount()).toBe(2);
    while ((bench.counts.get('ocpp_faults_total malformed-frame') ?? 0) < 25) {
      await new Promise(setImmediate);
    }
  });

  it('an oversized message closes its own connection with 1009 and no other', async () => {
    const big = await bench.connect('big');
    const good = await bench.connect('good');
    const closed = once(big, 'close');
    big.send(`[2,"x","Heartbeat",{"pad":"${'x'.repeat(1_100_000)}"}]`);
    expect((await closed)[0]).toBe(1009);
    expect((await exchange(good, HEARTBEAT))[0]).toBe(3);
  });

  it('a spelling against the standard is served and told to the engine, each kind once', async () => {
    const station = await bench.connect(A);
    const values = {
      evseId: 1,
      meterValue: [1, 2].map((value) => ({
        timestamp: '2026-03-14T18:05:00',
        sampledValue: [{ value }],
      })),
    };
    expect((await exchange(station, [2, 'm', 'MeterValues', values]))[0]).toBe(3);
    expect(bench.events.readings).toHaveLength(1);
    expect(new Set(bench.events.nonConformances)).toEqual(
      new Set(['MeterValues /meterValue/*/timestamp: instant without a zone taken as UTC']),
    );
  });

  it('E13: a failing engine becomes InternalError without inner text, bad input names its field', async () => {
    const station = await bench.connect(A);
    const event = [
      2,
      't',
      'TransactionEvent',
      {
        eventType: 'Ended',
        timestamp: NOW,
        triggerReason: 'RemoteStop',
        seqNo: 4,
        transactionInfo: { transactionId: TX },
      },
    ];
    bench.events.failNext = new EbbflowError('STORE_UNAVAILABLE', 'host db-7 refused');
    const answer = await exchange(station, event);
    expect(answer.slice(0, 3)).toEqual([4, 't', 'InternalError']);
    expect(JSON.stringify(answer)).not.toContain('db-7');
    bench.events.failNext = new EbbflowError('INVALID_INPUT', 'seqNo: must rise');
    expect((await exchange(station, event)).slice(0, 4)).toEqual([
      4,
      't',
      'PropertyConstraintViolation',
      'seqNo: must rise',
    ]);
    expect((await exchange(station, event))[0]).toBe(3);
  });
});

describe('messages of every block', () => {
  it('become words of the engine', async () => {
    const station = await bench.connect(A);
    const say = async (action: string, payload: object) =>
      (await exchange(station, [2, 'x', action, payload]))[2];
    const evse = { id: 1, connectorId: 2 };
    expect(
      await say('StatusNotification', {
        timestamp: NOW,
        connectorStatus: 'Occupied',
        evseId: 1,
        connectorId: 2,
      }),
    ).toEqual({});
    const event = (name: string, variable: string, actualValue: string) => ({
      eventId: 1,
      timestamp: NOW,
      trigger: 'Delta',
      actualValue,
      eventNotificationType: 'HardWiredNotification',
      component: { name, evse },
      variable: { name: variable },
    });
    expect(
      await say('NotifyEvent', {
        generatedAt: NOW,
        seqNo: 0,
        eventData: [
          event('Connector', 'AvailabilityState', 'Available'),
          event('EVSE', 'Power', '4'),
          event('Connector', 'AvailabilityState', 'Sleeping'),
        ],
      }),
    ).toEqual({});
    expect(bench.events.log.filter((line) => line.startsWith('connector'))).toEqual([
      `connector ${A}/1/2 Occupied ${NOW_MS}`,
      `connector ${A}/1/2 Available ${NOW_MS}`,
    ]);
    expect(await say('Authorize', { idToken: { idToken: 'blocked', type: 'ISO14443' } })).toEqual({
      idTokenInfo: { status: 'Blocked' },
    });
    expect(await say('SecurityEventNotification', { type: 'StartupOfTheDevice', timestamp: NOW })).toEqual(
      {},
    );
    expect(
      await say('MeterValues', { evseId: 0, meterValue: [{ timestamp: NOW, sampledValue: [{ value: 7 }] }] }),
    ).toEqual({});
    expect(bench.events.readings).toEqual([
      { evseNumber: 0, readings: [{ atMs: NOW_MS, context: 'periodic', importRegisterWh: 7 }] },
    ]);
    bench.events.needsAnswer = { status: 'Processing', reasonCode: 'TxNotFound', detail: 'none' };
    expect(
      await say('NotifyEVChargingNeeds', {
        evseId: 1,
        V2XChargingNeeds: { evMaxDischargePower: 7000, departureTime: '2026-03-15T06:30:00' },
      }),
    ).toEqual({
      status: 'Processing',
      statusInfo: { reasonCode: 'TxNotFound', additionalInfo: 'none' },
    });
    expect(bench.events.needs).toMatchObject([
      {
        bidirectional: true,
        maxDischargeKw: 7,
        departureMs: Date.UTC(2026, 2, 15, 6, 30),
        receivedAtMs: NOW_MS,
      },
    ]);
    expect(bench.events.heardCount).toBe(6);
  });

  it('hold the clock while they are handled, and while the station owes an answer', async () => {
    bench.events.active.set(EVSE, TX);
    const station = await bench.connect(A);
    await exchange(station, HEARTBEAT);
    expect(bench.clock.mostHolders).toBeGreaterThan(0);
    const applied = bench.gateway.link.applyProfile(profile, capability);
    const call = await received(station);
    expect(bench.clock.holders).toBe(1);
    station.send(JSON.stringify([3, call[1], { status: 'Accepted' }]));
    await applied;
    expect(bench.clock.holders).toBe(0);
  });
});

describe('the end', () => {
  it('answers what is in work, closes with 1001 and takes nobody new', async () => {
    let open: () => void = () => {};
    bench.events.gate = new Promise((resolve) => {
      open = resolve;
    });
    const station = await bench.connect(A);
    const answer = received(station);
    station.send(
      JSON.stringify([
        2,
        't',
        'TransactionEvent',
        {
          eventType: 'Ended',
          timestamp: NOW,
          triggerReason: 'RemoteStop',
          seqNo: 4,
          transactionInfo: { transactionId: TX },
        },
      ]),
    );
    while (!bench.events.log.includes('begin ended 4')) await new Promise(setImmediate);
    const closed = once(station, 'close');
    const closing = bench.gateway.close();
    await new Promise(setImmediate);
    open();
    expect((await answer)[0]).toBe(3);
    expect((await closed)[0]).toBe(1001);
    await closing;
    const late = bench.socket(A);
    await expect(once(late, 'open')).rejects.toThrow();
  });
});
