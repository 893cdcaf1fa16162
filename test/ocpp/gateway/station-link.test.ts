import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { asStationId, evseIdOf } from '../../../src/domain/ids.js';
import type { DesiredProfile } from '../../../src/domain/profile.js';
import type { EvseCapability } from '../../../src/domain/station.js';
import { TX } from './fake-station-events.js';
import { exchange, GatewayBench, NOW_MS, received } from './gateway-bench.js';

const A = asStationId('HX22-000714');
const EVSE = evseIdOf(A, 1);
const NOW = '2026-03-14T17:55:02.118Z';

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

describe('the link to the stations', () => {
  it('says who is online', async () => {
    expect(bench.gateway.link.isOnline(A)).toBe(false);
    await bench.connect(A);
    expect(bench.gateway.link.isOnline(A)).toBe(true);
    expect(bench.gateway.link.onlineCount()).toBe(1);
  });

  it('B06: reads variables and leaves out what the station does not know', async () => {
    const station = await bench.connect(A);
    const reads = [
      { component: 'V2XChargingCtrlr', evseNumber: 1, variable: 'Enabled' },
      { component: 'SmartChargingCtrlr', variable: 'RateUnit' },
    ];
    const asked = bench.gateway.link.readVariables(A, reads);
    const name = (read: (typeof reads)[number]) => ({
      component: {
        name: read.component,
        ...(read.evseNumber === undefined ? {} : { evse: { id: read.evseNumber } }),
      },
      variable: { name: read.variable },
    });
    const call = await answerNext(station, {
      getVariableResult: [
        { attributeStatus: 'Accepted', ...name(reads[0]!), attributeValue: 'true' },
        { attributeStatus: 'UnknownVariable', ...name(reads[1]!) },
      ],
    });
    expect(call.slice(2)).toEqual(['GetVariables', { getVariableData: reads.map(name) }]);
    expect(await asked).toEqual([{ ...reads[0], attribute: 'Actual', value: 'true' }]);
  });

  it('sends a profile and brings back the station’s word', async () => {
    bench.events.active.set(EVSE, TX);
    const station = await bench.connect(A);
    const accepted = bench.gateway.link.applyProfile(profile, capability);
    const call = await answerNext(station, { status: 'Accepted' });
    expect(call).toMatchObject([
      2,
      expect.any(String),
      'SetChargingProfile',
      { evseId: 1, chargingProfile: { transactionId: TX } },
    ]);
    expect(await accepted).toEqual({ status: 'accepted' });

    const rejected = bench.gateway.link.applyProfile(profile, capability);
    await answerNext(station, { status: 'Rejected', statusInfo: { reasonCode: 'InvalidSchedule' } });
    expect(await rejected).toEqual({ status: 'rejected', reason: 'InvalidSchedule' });
  });

  it('does not bother the station with a profile for a transaction that is over', async () => {
    await bench.connect(A);
    expect(await bench.gateway.link.applyProfile(profile, capability)).toEqual({
      status: 'rejected',
      reason: 'TxNotFound: no transaction runs on the EVSE',
      unsent: true,
    });
  });

  it('takes NotSupported as a rejection, any other CALLERROR as a failure to try again', async () => {
    bench.events.active.set(EVSE, TX);
    const station = await bench.connect(A);
    const unsupported = bench.gateway.link.applyProfile(profile, capability);
    await answerNext(station, { code: 'NotSupported' }, 4);
    expect(await unsupported).toEqual({ status: 'rejected', reason: 'NotSupported' });
    const failed = bench.gateway.link.applyProfile(profile, capability).catch((error: unknown) => error);
    await answerNext(station, { code: 'InternalError' }, 4);
    expect(await failed).toMatchObject({ code: 'STATION_REFUSED', retryable: true });
  });

  it('tells timeout, absence and an unusable answer apart', async () => {
    bench.events.active.set(EVSE, TX);
    const { link } = bench.gateway;
    await expect(link.applyProfile(profile, capability)).rejects.toMatchObject({ code: 'STATION_OFFLINE' });
    const station = await bench.connect(A);
    await expect(link.applyProfile(profile, capability)).rejects.toMatchObject({ code: 'STATION_TIMEOUT' });
    const bad = link.applyProfile(profile, capability).catch((error: unknown) => error);
    await answerNext(station, { status: 'Perhaps' });
    expect(await bad).toMatchObject({ code: 'STATION_REFUSED' });
    const lost = link.applyProfile(profile, capability).catch((error: unknown) => error);
    await received(station);
    station.terminate();
    expect(await lost).toMatchObject({ code: 'STATION_OFFLINE' });
  });

  it('installs the default, in A for a station that takes no W', async () => {
    const station = await bench.connect(A);
    const outcome = bench.gateway.link.installDefault(EVSE, 11);
    const inWatts = await answerNext(station, {
      status: 'Rejected',
      statusInfo: { reasonCode: 'UnsupportedRateUnit' },
    });
    const inAmperes = await answerNext(station, { status: 'Accepted' });
    expect(await outcome).toEqual({ status: 'accepted' });
    expect(JSON.stringify(inWatts)).toContain('"chargingRateUnit":"W"');
    expect(JSON.stringify(inAmperes)).toContain('"limit":15.9');
  });

  it('clears by id, and a profile that is gone already is as good', async () => {
    const station = await bench.connect(A);
    const cleared = bench.gateway.link.clearProfile(EVSE, TX);
    const call = await answerNext(station, { status: 'Unknown' });
    expect(call.slice(2)).toEqual(['ClearChargingProfile', { chargingProfileId: 1_000_000_003 }]);
    await cleared;
  });

  it('first answers what the station asked, then asks itself', async () => {
    let open: () => void = () => {};
    bench.events.gate = new Promise((resolve) => {
      open = resolve;
    });
    const station = await bench.connect(A);
    const seen: unknown[][] = [];
    station.on('message', (data) => seen.push(JSON.parse(String(data)) as unknown[]));
    station.send(
      JSON.stringify([
        2,
        't',
        'TransactionEvent',
        {
          eventType: 'Started',
          timestamp: NOW,
          triggerReason: 'Authorized',
          seqNo: 0,
          transactionInfo: { transactionId: TX },
          evse: { id: 1 },
        },
      ]),
    );
    while (!bench.events.log.includes('begin started 0')) await new Promise(setImmediate);
    const inventory = bench.gateway.link.requestInventory(A).catch((error: unknown) => error);
    await new Promise(setImmediate);
    open();
    while (seen.length < 2) await new Promise(setImmediate);
    expect(seen.map((frame) => frame[0])).toEqual([3, 2]);
    station.send(JSON.stringify([3, seen[1]![1], { status: 'NotSupported' }]));
    expect(await inventory).toBe('not-supported');
  });

  it('B07: collects the pages of an inventory and hands the whole over, again if it could not be stored', async () => {
    const station = await bench.connect(A);
    const asked = bench.gateway.link.requestInventory(A);
    const call = await answerNext(station, { status: 'Accepted' });
    await asked;
    const { requestId } = call[3] as { requestId: number };
    const row = (name: string, value: string) => ({
      component: { name: 'DeviceDataCtrlr' },
      variable: { name, instance: 'SetVariables' },
      variableAttribute: [{ value }],
      variableCharacteristics: { dataType: 'integer', supportsMonitoring: false, maxLimit: 9, unit: 'x' },
    });
    const page = (seqNo: number, tbc: boolean, ...rows: object[]) => [
      2,
      `p${seqNo}`,
      'NotifyReport',
      { requestId, generatedAt: NOW, seqNo, tbc, reportData: rows },
    ];
    await exchange(station, page(0, true, row('BytesPerMessage', '5000')));
    bench.events.failNext = new Error('store');
    const last = page(1, false, row('ItemsPerMessage', '2'));
    expect((await exchange(station, last))[0]).toBe(4);
    expect((await exchange(station, last))[0]).toBe(3);
    const shared = {
      component: 'DeviceDataCtrlr',
      variableInstance: 'SetVariables',
      attribute: 'Actual',
      maxLimit: 9,
      unit: 'x',
    };
    expect(bench.events.models).toEqual([
      {
        complete: true,
        rows: [
          { ...shared, variable: 'BytesPerMessage', value: '5000' },
          { ...shared, variable: 'ItemsPerMessage', value: '2' },
        ],
      },
    ]);

    // From now on the station gets two variables per message.
    const writes = ['a', 'b', 'c'].map((variable) => ({ component: 'C', variable, value: '1' }));
    const written = bench.gateway.link.writeVariables(A, writes);
    const result = (variable: string, attributeStatus: string) => ({
      component: { name: 'C' },
      variable: { name: variable },
      attributeStatus,
    });
    const first = await answerNext(station, {
      setVariableResult: [result('b', 'UnknownVariable'), result('a', 'Accepted')],
    });
    await answerNext(station, { setVariableResult: [result('other', 'Accepted')] });
    expect((first[3] as { setVariableData: unknown[] }).setVariableData).toHaveLength(2);
    expect((await written).map(({ variable, status }) => [variable, status])).toEqual([
      ['a', 'Accepted'],
      ['b', 'UnknownVariable'],
      ['c', 'Rejected'],
    ]);
  });

  it('disconnects a station on request', async () => {
    const station = await bench.connect(A);
    const closed = once(station, 'close');
    bench.gateway.link.disconnect(A, 'credentials changed');
    expect((await closed)[0]).toBe(1000);
  });
});
