import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { asStationId, evseIdOf } from '../../../src/domain/ids.js';
import type { EvseCapability } from '../../../src/domain/station.js';
import { capabilityOfEvse, profileOf } from '../../support/engine/fixtures.js';
import { TX } from './fake-station-events.js';
import { GatewayBench, NOW_MS } from './gateway-bench.js';

const A = asStationId('HX22-000714');
const EVSE = evseIdOf(A, 1);
const PROFILE_ID = 1_000_000_003;
const profile = profileOf([{ startMs: NOW_MS, powerKw: -10 }], {
  evseId: EVSE,
  transactionId: TX,
  revision: 6,
  createdAtMs: NOW_MS,
  validToMs: NOW_MS + 900_000,
});

interface SentPayload {
  readonly requestId: number;
  readonly chargingProfile: { readonly chargingSchedule: { readonly chargingSchedulePeriod: object[] }[] };
}

let bench: GatewayBench;
let station: WebSocket;
let asked: { action: string; payload: SentPayload }[];
let answer: (action: string) => object;

beforeEach(async () => {
  bench = await new GatewayBench().start({ limits: { callTimeoutMs: 500 } });
  station = await bench.connect(A);
  asked = [];
  answer = () => ({ status: 'Accepted' });
  station.on('message', (data) => {
    const [type, id, action, payload] = JSON.parse(String(data));
    if (type !== 2) return;
    asked.push({ action, payload });
    const given = answer(action) as { code?: string };
    station.send(JSON.stringify(given.code ? [4, id, given.code, '', {}] : [3, id, given]));
  });
});
afterEach(() => bench.stop());

const stop = (change: Partial<EvseCapability> = {}) =>
  bench.gateway.link.stopSteering(profile, capabilityOfEvse({ evseId: EVSE, ...change }));
const periods = () =>
  asked
    .filter(({ action }) => action === 'SetChargingProfile')
    .map(({ payload }) => payload.chargingProfile.chargingSchedule[0]!.chargingSchedulePeriod);

describe('stopping to steer', () => {
  it('K10: sets 0, then Idle, and clears the profile by its id last', async () => {
    await stop();
    expect(periods()).toEqual([
      [{ startPeriod: 0, operationMode: 'CentralSetpoint', setpoint: 0 }],
      [{ startPeriod: 0, operationMode: 'Idle' }],
    ]);
    expect(asked.at(-1)).toEqual({
      action: 'ClearChargingProfile',
      payload: { chargingProfileId: PROFILE_ID },
    });
  });

  it('knows no Idle in limits', async () => {
    await stop({ dialect: 'negative-limit' });
    expect(periods()).toEqual([[{ startPeriod: 0, limit: 0 }]]);
    expect(asked.at(-1)!.action).toBe('ClearChargingProfile');
  });

  it('clears all the same when a step is refused', async () => {
    answer = (action) => ({ status: action === 'SetChargingProfile' ? 'Rejected' : 'Accepted' });
    await stop();
    expect(asked.map(({ action }) => action)).toEqual(['SetChargingProfile', 'ClearChargingProfile']);
  });
});

describe('reading back what a station holds', () => {
  const report = (chargingProfile: object[], more: object = {}) => {
    const { requestId } = asked.at(-1)!.payload;
    const payload = { requestId, chargingLimitSource: 'CSO', evseId: 1, chargingProfile, ...more };
    setImmediate(() => station.send(JSON.stringify([2, `r${more}`, 'ReportChargingProfiles', payload])));
    return { status: 'Accepted' };
  };
  const held = (change: object = {}) => ({
    id: PROFILE_ID,
    stackLevel: 1,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    transactionId: TX,
    chargingSchedule: [
      { id: 6, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 0 }] },
    ],
    ...change,
  });
  const readBack = () => bench.gateway.link.readBack(EVSE);

  it('K09: asks for our profile and waits for the report', async () => {
    bench.know('HX22-000714');
    answer = () => report([held()]);
    expect(await readBack()).toEqual({ kind: 'found', transactionId: TX, revision: 6, isDynamic: false });
    expect(asked[0]!.payload.chargingProfile).toEqual({ chargingProfileId: [PROFILE_ID] });
  });

  it('K09: tells a Dynamic profile from a timed one', async () => {
    answer = () => report([held({ chargingProfileKind: 'Dynamic' })]);
    expect(await readBack()).toMatchObject({ kind: 'found', isDynamic: true });
  });

  it('K09: no profiles is an answer; a station that does not know the message cannot tell', async () => {
    answer = () => ({ status: 'NoProfiles' });
    expect(await readBack()).toEqual({ kind: 'none' });
    answer = () => ({ code: 'NotSupported' });
    expect(await readBack()).toEqual({ kind: 'unknown' });
  });

  it('a report that nobody asked for is answered and logged', async () => {
    const payload = { requestId: 99, chargingLimitSource: 'EMS', evseId: 1, chargingProfile: [held()] };
    const answered = new Promise((resolve) =>
      station.on('message', (data) => resolve(JSON.parse(String(data)))),
    );
    station.send(JSON.stringify([2, 'x', 'ReportChargingProfiles', payload]));
    expect(await answered).toEqual([3, 'x', {}]);
    expect(bench.logged.map(({ message }) => message)).toContain('A profile report that nobody asked for');
  });
});
