import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { asStationId, evseIdOf } from '../../../src/domain/ids.js';
import { capabilityOfEvse, profileOf } from '../../support/engine/fixtures.js';
import { TX } from './fake-station-events.js';
import { exchange, GatewayBench, NOW_MS } from './gateway-bench.js';

const A = asStationId('HX22-000714');
const EVSE = evseIdOf(A, 1);
const PROFILE_ID = 1_000_000_003;
const capability = capabilityOfEvse({ evseId: EVSE, dialect: 'dynamic' });
const profile = profileOf([{ startMs: NOW_MS, powerKw: -10 }], {
  evseId: EVSE,
  transactionId: TX,
  createdAtMs: NOW_MS,
  validToMs: NOW_MS + 900_000,
});
const asking = (powerKw: number) => ({ ...profile, periods: [{ startMs: NOW_MS, powerKw }] });

let bench: GatewayBench;
let station: WebSocket;
/** What the station was asked, and what it answers to each action. */
let asked: [string, Record<string, unknown>][];
let answers: Record<string, object | { code: string }>;

beforeEach(async () => {
  bench = await new GatewayBench().start({ limits: { callTimeoutMs: 500 } });
  bench.events.active.set(EVSE, TX);
  station = await bench.connect(A);
  asked = [];
  answers = { SetChargingProfile: { status: 'Accepted' }, UpdateDynamicSchedule: { status: 'Accepted' } };
  station.on('message', (data) => {
    const [type, id, action, payload] = JSON.parse(String(data));
    if (type !== 2) return;
    asked.push([action, payload]);
    const answer = answers[action]!;
    const isError = 'code' in answer;
    station.send(JSON.stringify(isError ? [4, id, answer.code, '', {}] : [3, id, answer]));
  });
});
afterEach(() => bench.stop());

const apply = (powerKw: number) => bench.gateway.link.applyProfile(asking(powerKw), capability);
const actions = () => asked.map(([action]) => action);

describe('a Dynamic profile over the wire', () => {
  it('K28: is set once and updated from then on', async () => {
    expect(await apply(-10)).toEqual({ status: 'accepted' });
    expect(await apply(-4)).toEqual({ status: 'accepted' });
    expect(actions()).toEqual(['SetChargingProfile', 'UpdateDynamicSchedule']);
    expect(asked[1]![1]).toEqual({ chargingProfileId: PROFILE_ID, scheduleUpdate: { setpoint: -4000 } });
  });

  it('of updates that come together sends the first and the newest', async () => {
    await apply(-10);
    await Promise.all([apply(-1), apply(-2), apply(-3), apply(-4)]);
    const setpoints = asked.slice(1).map(([, { scheduleUpdate }]) => scheduleUpdate);
    expect(setpoints).toEqual([{ setpoint: -1000 }, { setpoint: -4000 }]);
  });

  it('K28: is set again when the station does not have it any more', async () => {
    await apply(-10);
    answers.UpdateDynamicSchedule = { status: 'Rejected', statusInfo: { reasonCode: 'InvalidProfileId' } };
    expect(await apply(-4)).toEqual({ status: 'accepted' });
    expect(actions()).toEqual(['SetChargingProfile', 'UpdateDynamicSchedule', 'SetChargingProfile']);
  });

  it('is refused as a whole by a station that lists the feature and does not know the update', async () => {
    await apply(-10);
    answers.UpdateDynamicSchedule = { code: 'NotImplemented' };
    expect(await apply(-4)).toEqual({
      status: 'rejected',
      reason: 'UpdateDynamicSchedule: NotImplemented',
    });
  });

  it('is set anew after a boot and over a new connection: what a station kept is not guessed', async () => {
    await apply(-10);
    const boot = { reason: 'PowerUp', chargingStation: { model: 'M', vendorName: 'V' } };
    await exchange(station, [2, 'b', 'BootNotification', boot]);
    await apply(-10);
    expect(actions()).toEqual(['SetChargingProfile', 'SetChargingProfile']);
  });

  it('K28: a station that pulls gets the value of now', async () => {
    bench.events.inForce.set(EVSE, { profile, capability });
    const pull = { chargingProfileId: PROFILE_ID };
    expect(await exchange(station, [2, 'p', 'PullDynamicScheduleUpdate', pull])).toEqual([
      3,
      'p',
      { status: 'Accepted', scheduleUpdate: { setpoint: -10_000 } },
    ]);
  });

  it('K28: a pull for a profile that is over or not ours is refused, so it ends', async () => {
    const pull = async (chargingProfileId: number) =>
      exchange(station, [2, 'p', 'PullDynamicScheduleUpdate', { chargingProfileId }]);
    expect(await pull(PROFILE_ID)).toMatchObject([3, 'p', { status: 'Rejected' }]);
    expect(await pull(17)).toMatchObject([3, 'p', { status: 'Rejected' }]);
    bench.events.inForce.set(EVSE, { profile: { ...profile, validToMs: NOW_MS }, capability });
    expect(await pull(PROFILE_ID)).toMatchObject([3, 'p', { statusInfo: { reasonCode: 'InvalidProfile' } }]);
  });
});
