import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import type { DesiredProfile } from '../../../src/domain/profile.js';
import type { EvseCapability } from '../../../src/domain/station.js';
import { createMessageSchemas } from '../../../src/ocpp/wire/schemas.js';
import type { StationLink } from '../../../src/ports/station-link.js';
import { GatewayBench, NOW_MS } from '../gateway/gateway-bench.js';
import { payloadsOf, readTranscript, type Transcript } from './transcript.js';

let bench: GatewayBench;
beforeEach(async () => {
  bench = await new GatewayBench().start();
  bench.know('golden', false);
});
afterEach(() => bench.stop());

/** Plays the station's and the engine's lines and expects the CSMS's, in this order. */
async function replay({ protocol, lines }: Transcript): Promise<void> {
  const station = await bench.connect('golden', [protocol]);
  const inbox: unknown[][] = [];
  station.on('message', (data) => inbox.push(JSON.parse(String(data)) as unknown[]));
  const ids = new Map<unknown, unknown>();
  const asked: Promise<unknown>[] = [];
  for (const line of lines) {
    if (line.by === 'clock' || line.by === 'books') throw new Error('No engine is behind this gateway');
    if (line.by === 'engine') {
      await Promise.all(asked);
      const answered = callLink(line.method, line.args);
      asked.push(line.fails ? expect(answered).rejects.toMatchObject({ code: 'STATION_REFUSED' }) : answered);
    } else if (line.by === 'station') {
      const [type, id, ...rest] = line.frame;
      station.send(JSON.stringify([type, ids.get(id) ?? id, ...rest]));
    } else {
      const frame = inbox.shift() ?? (await nextOf(station, inbox));
      const [, id] = line.frame;
      if (String(id).startsWith('csms-')) ids.set(id, frame[1]);
      const [type, , ...rest] = line.frame;
      expect(frame).toEqual([type, ids.get(id) ?? id, ...rest]);
    }
  }
  await Promise.all(asked);
  expect(inbox).toEqual([]);
}

async function nextOf(station: WebSocket, inbox: unknown[][]): Promise<unknown[]> {
  await once(station, 'message');
  return inbox.shift()!;
}

async function callLink(method: keyof StationLink, args: readonly unknown[]): Promise<unknown> {
  const { link } = bench.gateway;
  if (method === 'applyProfile') {
    const [profile, capability] = args as [DesiredProfile, EvseCapability];
    bench.events.inForce.set(profile.evseId, { profile, capability });
  }
  return Reflect.apply(link[method], link, args);
}

const NAMES = [
  'bidirectional-session.ocpp',
  'popular-spelling.ocpp',
  'charge-only-2.0.1.ocpp',
  'negative-limit-2.0.1.ocpp',
  'telemetry-and-grid-code.ocpp',
  'dynamic-session.ocpp',
  'read-back.ocpp',
  'external-limits.ocpp',
  'commands.ocpp',
  'framing-quirks.ocpp',
  'everest.ocpp',
  'odd-needs.ocpp',
  'stream-of-part-4.ocpp',
];

describe('golden transcripts', () => {
  it.each(NAMES)('%s runs frame by frame', (name) => replay(readTranscript(name)));

  it.each(NAMES)('%s holds only payloads that the published schema takes', (name) => {
    const transcript = readTranscript(name);
    const schemas = createMessageSchemas(transcript.protocol);
    for (const { by, kind, action, payload } of payloadsOf(transcript)) {
      if (by === 'station' && transcript.isMisspelt) continue;
      expect([action, schemas.check(kind, action, payload)]).toEqual([action, { valid: true }]);
    }
  });

  it('a bidirectional session reaches the engine in kW and Wh, import and export apart', async () => {
    await replay(readTranscript('bidirectional-session.ocpp'));
    expect(bench.events.needs).toMatchObject([
      { bidirectional: true, maxDischargeKw: 18, targetEnergyKwh: 15.4, minV2xEnergyKwh: -21 },
    ]);
    expect(bench.events.models).toHaveLength(1);
    expect(bench.events.models[0]!.rows).toHaveLength(5);
    const readings = bench.events.transactionEvents.flatMap((event) => event.readings);
    expect(readings.map((one) => [one.context, one.importRegisterWh, one.exportRegisterWh])).toEqual([
      ['begin', 812_250, 204_500],
      ['periodic', 813_500, 204_500],
      ['periodic', 814_285, 206_850],
      ['begin', 812_250, 204_500],
      ['end', 814_285, 206_851],
    ]);
    expect(readings[2]).toMatchObject({ importKw: 0, exportKw: 9.41, socFraction: 0.56 });
    expect(bench.events.transactionEvents.at(-1)).toMatchObject({
      kind: 'ended',
      stoppedReason: 'EVDisconnected',
      seqNo: 4,
    });
    expect(bench.events.nonConformances).toEqual([]);
  });

  it('a station with popular spelling is understood, served and noted', async () => {
    await replay(readTranscript('popular-spelling.ocpp'));
    expect(bench.events.needs).toMatchObject([
      {
        bidirectional: true,
        controlMode: 'dynamic',
        departureMs: Date.UTC(2026, 2, 15, 6),
        targetEnergyKwh: 12,
        maxDischargeKw: 9,
        minV2xEnergyKwh: -15,
      },
    ]);
    expect(bench.events.transactionEvents[1]!.readings).toEqual([
      {
        atMs: Date.UTC(2026, 2, 14, 18, 15),
        context: 'periodic',
        importKw: 0,
        exportKw: 8.95,
        exportRegisterWh: 2240,
        remarks: ['negative-import'],
      },
    ]);
    expect(bench.events.nonConformances.length).toBeGreaterThanOrEqual(5);
  });

  it('streams, priority and grid-code events reach the engine, each as what it is', async () => {
    await replay(readTranscript('telemetry-and-grid-code.ocpp'));
    const atMs = Date.UTC(2026, 2, 14, 17, 56, 10);
    expect(bench.events.telemetries).toEqual([
      {
        evseNumber: 1,
        readings: [
          { atMs, context: 'other', importKw: 0, exportKw: 9.93 },
          { atMs: atMs + 1000, context: 'other', importKw: 0, exportKw: 9.9455 },
        ],
      },
    ]);
    expect(bench.events.log.filter((line) => /^(notice|priority)/.test(line))).toEqual([
      'priority golden golden-tx-2 true',
      `notice golden grid-code ${atMs + 50_000} control cap-1 started`,
      `notice golden grid-code ${atMs + 110_000} HVMustTrip OverVoltage began`,
      `notice golden grid-code ${NOW_MS} control cap-1: LimitMaxDischarge, 40 %`,
      `notice golden security ${atMs + 170_000} TamperDetectionActivated: lid`,
    ]);
    expect(bench.events.nonConformances).toEqual([]);
  });

  it('a 2.0.1 station that takes negative limits exports, and its negative import is read as export', async () => {
    await replay(readTranscript('negative-limit-2.0.1.ocpp'));
    expect(bench.events.transactionEvents[1]!.readings).toMatchObject([
      { importKw: 0, exportKw: 3.98, exportRegisterWh: 660 },
    ]);
  });

  it('K28: a Dynamic profile is upheld, and no misspelling is found in a conformant station', async () => {
    await replay(readTranscript('dynamic-session.ocpp'));
    expect(bench.events.nonConformances).toEqual([]);
    expect(bench.events.needs).toMatchObject([{ controlMode: 'dynamic', bidirectional: true }]);
  });

  it('K12: limits of others reach the engine in both directions; an unknown key is noted and stripped', async () => {
    await replay(readTranscript('external-limits.ocpp'));
    const limits = bench.events.log.filter((line) => line.startsWith('limit '));
    expect(limits.map((line) => JSON.parse(line.slice('limit golden '.length)))).toMatchObject([
      { evseNumber: 1, source: 'EMS', periods: [{ maxChargeKw: 6, maxDischargeKw: 2 }] },
      { evseNumber: 0, source: 'SO', isGridCritical: true, periods: [{ maxChargeKw: 0 }] },
    ]);
    expect(bench.events.nonConformances).toEqual([
      'NotifyChargingLimit /chargingLimit: unknown key isDynamic ignored',
    ]);
  });

  it('framing that stations get wrong is told apart, kind by kind, and costs nobody the connection', async () => {
    await replay(readTranscript('framing-quirks.ocpp'));
    const faults = [...bench.counts].filter(([name]) => name.startsWith('ocpp_faults_total'));
    expect(Object.fromEntries(faults)).toEqual({
      'ocpp_faults_total schema-violation': 2,
      'ocpp_faults_total answer-refused': 1,
      'ocpp_faults_total unknown-answer': 1,
      'ocpp_faults_total unknown-message-type': 1,
      'ocpp_faults_total malformed-frame': 1,
    });
    expect(bench.gateway.link.onlineCount()).toBe(1);
  });

  it('EVerest: what it does not know is a rejection with its reason, its negative import is export', async () => {
    await replay(readTranscript('everest.ocpp'));
    expect(bench.events.transactionEvents[1]!.readings).toMatchObject([
      { importKw: 0, exportKw: 9.4, exportRegisterWh: 120, remarks: ['negative-import'] },
    ]);
    expect(bench.events.models).toMatchObject([{ complete: true }]);
  });

  it('K15, K16: needs in odd case and with the sign turned are understood; newer ones follow', async () => {
    await replay(readTranscript('odd-needs.ocpp'));
    expect(bench.events.needs).toMatchObject([
      { controlMode: 'dynamic', maxDischargeKw: 9, maxChargeKw: 11, targetEnergyKwh: 12 },
      { controlMode: 'scheduled', departureMs: Date.UTC(2026, 2, 15, 4), targetEnergyKwh: 15 },
    ]);
    expect(bench.events.nonConformances.length).toBeGreaterThanOrEqual(5);
  });

  it('N15: a stream in the form that Part 4 shows is read; one that was never opened says nothing', async () => {
    await replay(readTranscript('stream-of-part-4.ocpp'));
    const atMs = Date.UTC(2026, 2, 14, 17, 55, 10);
    expect(bench.events.telemetries).toEqual([
      {
        evseNumber: 1,
        readings: [
          { atMs, context: 'other', importKw: 0, exportKw: 9.93 },
          { atMs: atMs + 1500, context: 'other', importKw: 4, exportKw: 0 },
        ],
      },
    ]);
  });
});
