import { beforeEach, describe, expect, it } from 'vitest';
import { asTransactionId, type StationId } from '../../../src/domain/ids.js';
import { type EngineRig, startRig } from '../../support/engine/engine-rig.js';

const TX = asTransactionId('tx-a');
let rig: EngineRig;
let stationId: StationId;
beforeEach(async () => {
  rig = await startRig();
  stationId = await rig.commission('cs-a');
  await rig.plugIn(stationId, TX);
  await rig.advance(1_000);
});
const books = async () => (await rig.engine.useCases.session(TX))!.session.books;
const tell = (atMs: number, exportKw: number, evseNumber = 1) =>
  rig.engine.stationEvents.telemetry(stationId, evseNumber, [
    { atMs, context: 'other', importKw: 0, exportKw },
  ]);

describe('power by a high-rate stream', () => {
  it('is the session’s power of now and leaves its registers alone', async () => {
    const before = await books();
    await tell(rig.clock.nowMs(), 9.5);
    expect(await books()).toEqual({ ...before, importKw: 0, exportKw: 9.5 });
  });

  it('that is old, ahead of time or of an EVSE without a car says nothing', async () => {
    const before = await books();
    await tell(rig.clock.nowMs() - 61_000, 9.5);
    await tell(rig.clock.nowMs() + 61_000, 9.5);
    await tell(rig.clock.nowMs(), 9.5, 2);
    expect(await books()).toEqual(before);
  });
});

describe('what a station tells of its security and the grid’s code', () => {
  it('is kept with it, the newest fifty, and raises an alarm', async () => {
    for (let count = 0; count < 60; count += 1) {
      await rig.engine.stationEvents.notice(stationId, {
        kind: 'security',
        atMs: count,
        text: `event ${count}`,
      });
    }
    const { notices } = rig.engine.useCases.stations()[0]!.station;
    expect(notices).toHaveLength(50);
    expect(notices!.at(-1)).toEqual({ kind: 'security', atMs: 59, text: 'event 59' });
    expect(rig.alarms().filter((code) => code === 'station-security-event')).toHaveLength(60);
  });
});
