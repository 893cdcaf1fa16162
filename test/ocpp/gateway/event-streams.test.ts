import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { asStationId } from '../../../src/domain/ids.js';
import type { CommandOutcome, StationCommand } from '../../../src/domain/station-command.js';
import { powerReadingsOf } from '../../../src/ocpp/blocks/event-streams.js';
import { exchange, GatewayBench, NOW_MS, received } from './gateway-bench.js';

const A = asStationId('CS-1');
const BASE = '2026-03-14T17:55:00Z';
const BASE_MS = Date.UTC(2026, 2, 14, 17, 55);
const POWER = { component: { name: 'EVSE', evse: { id: 2 } }, variable: { name: 'Power' } };
const MONITOR = { ...POWER, type: 'Periodic', severity: 8 };
const OPEN = {
  constantStreamData: { id: 5, params: { interval: 10, values: 10 }, variableMonitoringId: 77 },
};

let bench: GatewayBench;
let station: WebSocket;
beforeEach(async () => {
  bench = await new GatewayBench().start();
  station = await bench.connect(A);
});
afterEach(() => bench.stop());

/** The station answers the next CALL so; the CALL and the command's outcome come back. */
async function command(
  order: StationCommand,
  answer: object,
): Promise<{ call: unknown[]; outcome: CommandOutcome }> {
  const sent = received(station);
  const outcome = bench.gateway.link.command(A, order);
  const call = await sent;
  station.send(JSON.stringify([3, call[1], answer]));
  return { call, outcome: await outcome };
}

const streamPower = () =>
  command(
    { kind: 'stream-power', evseNumber: 2, sampleS: 1, sendS: 10 },
    { setMonitoringResult: [{ ...MONITOR, id: 77, status: 'Accepted' }] },
  );
const sample = (v: string, t = 0, id = 5) =>
  JSON.stringify([6, 'n', 'NotifyPeriodicEventStream', { id, pending: 0, basetime: BASE, data: [{ t, v }] }]);
/** All that was sent before has been handled when this is answered. */
const settle = () => exchange(station, [2, 'hb', 'Heartbeat', {}]);

describe('power by periodic event streams', () => {
  it('N04, N11, N15: is asked for by a monitor with a stream, and comes as readings with import and export apart', async () => {
    const { call, outcome } = await streamPower();
    expect(call.slice(2)).toEqual([
      'SetVariableMonitoring',
      {
        setMonitoringData: [
          { ...MONITOR, value: 1, transaction: true, periodicEventStream: { interval: 10, values: 10 } },
        ],
      },
    ]);
    expect(outcome).toEqual({ status: 'Accepted', reason: 'monitor 77' });
    expect(await exchange(station, [2, 'o', 'OpenPeriodicEventStream', OPEN])).toEqual([
      3,
      'o',
      { status: 'Accepted' },
    ]);
    station.send(sample('-9930.5', 1.5));
    await settle();
    expect(bench.events.telemetries).toEqual([
      {
        evseNumber: 2,
        readings: [{ atMs: BASE_MS + 1500, context: 'other', importKw: 0, exportKw: 9.9305 }],
      },
    ]);
  });

  it('outlives a reconnect: the station opens its stream again', async () => {
    await streamPower();
    station.terminate();
    station = await bench.connect(A);
    expect(await exchange(station, [2, 'o', 'OpenPeriodicEventStream', OPEN])).toEqual([
      3,
      'o',
      { status: 'Accepted' },
    ]);
  });

  it('a stream of a monitor that we did not set is refused, and its messages count for nothing', async () => {
    const refused = await exchange(station, [2, 'o', 'OpenPeriodicEventStream', OPEN]);
    expect(refused).toMatchObject([3, 'o', { status: 'Rejected', statusInfo: { reasonCode: 'NotFound' } }]);
    station.send(sample('5000'));
    await settle();
    expect(bench.events.telemetries).toEqual([]);
  });

  it('N06, N13: ends when the station closes it, and when the monitor is cleared', async () => {
    await streamPower();
    await exchange(station, [2, 'o', 'OpenPeriodicEventStream', OPEN]);
    expect(await exchange(station, [2, 'c', 'ClosePeriodicEventStream', { id: 5 }])).toEqual([3, 'c', {}]);
    station.send(sample('5000'));
    const { call, outcome } = await command(
      { kind: 'stop-stream', monitoringId: 77 },
      { clearMonitoringResult: [{ status: 'Accepted', id: 77 }] },
    );
    expect([call[3], outcome]).toEqual([{ id: [77] }, { status: 'Accepted' }]);
    expect(await exchange(station, [2, 'o2', 'OpenPeriodicEventStream', OPEN])).toMatchObject([
      ...[3, 'o2', { status: 'Rejected' }],
    ]);
    expect(bench.events.telemetries).toEqual([]);
  });

  it('N12: a station that refuses the monitor says why; the streams that it has are told', async () => {
    const refused = await command(
      { kind: 'stream-power', evseNumber: 2, sampleS: 1, sendS: 10 },
      { setMonitoringResult: [{ ...MONITOR, status: 'UnknownVariable' }] },
    );
    expect(refused.outcome).toEqual({ status: 'Rejected', reason: 'UnknownVariable' });
    const listed = await command({ kind: 'list-streams' }, { constantStreamData: [OPEN.constantStreamData] });
    expect(listed.outcome).toEqual({ status: 'Accepted', reason: 'stream 5 of monitor 77, every 10 s' });
  });

  it('samples that are no number leave no trace, the others come in time order', () => {
    const data = [
      { t: 2, v: '1000' },
      { t: 1, v: '-1000' },
      { t: 3, v: '' },
      { t: 4, v: 'NaN' },
    ];
    expect(powerReadingsOf({ id: 1, pending: 0, basetime: BASE, data })).toEqual([
      { atMs: BASE_MS + 1000, context: 'other', importKw: 0, exportKw: 1 },
      { atMs: BASE_MS + 2000, context: 'other', importKw: 1, exportKw: 0 },
    ]);
  });
});

describe('events that are kept with the station', () => {
  it('A04, R04, R05: a security event, and the alarms and controls of its grid code', async () => {
    const say = (action: string, payload: object) => exchange(station, [2, action, action, payload]);
    const at = { timestamp: BASE };
    await say('SecurityEventNotification', { type: 'TamperDetectionActivated', techInfo: 'lid', ...at });
    await say('NotifyDERAlarm', { controlType: 'LimitMaxDischarge', gridEventFault: 'OverVoltage', ...at });
    await say('NotifyDERStartStop', { controlId: 'cap-1', started: true, ...at });
    await say('ReportDERControl', {
      requestId: 1,
      limitMaxDischarge: [
        {
          ...{ id: 'cap-1', isDefault: false, isSuperseded: false },
          limitMaxDischarge: { priority: 0, pctMaxDischargePower: 40 },
        },
      ],
    });
    expect(bench.events.log.slice(1)).toEqual([
      `notice CS-1 security ${BASE_MS} TamperDetectionActivated: lid`,
      `notice CS-1 grid-code ${BASE_MS} LimitMaxDischarge OverVoltage began`,
      `notice CS-1 grid-code ${BASE_MS} control cap-1 started`,
      `notice CS-1 grid-code ${NOW_MS} control cap-1: LimitMaxDischarge, 40 %`,
    ]);
  });
});
