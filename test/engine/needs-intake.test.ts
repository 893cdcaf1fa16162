import { describe, expect, it } from 'vitest';
import { asTransactionId } from '../../src/domain/ids.js';
import { type EngineRig, hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { EVSE, HOUR_MS, MINUTE_MS, NOON_MS, needsOf } from '../support/engine/fixtures.js';
import { createMemoryStore } from '../support/engine/memory-store.js';

const TX = asTransactionId('tx-1');

const stated = (rig: EngineRig, changes: Parameters<typeof needsOf>[0] = {}) => {
  const nowMs = rig.clock.nowMs();
  return needsOf({ statedAtMs: nowMs, receivedAtMs: nowMs, ...changes });
};
const alarmsOf = (rig: EngineRig) =>
  rig.events.flatMap((event) => (event.kind === 'alarm' ? [event.alarm] : []));

describe('needs that cannot be', () => {
  it('are planned without what cannot be, shown with the field, and told once', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    await rig.plugIn(stationId, TX, { minDischargeKw: 20 });
    await rig.advance(MINUTE_MS);
    await rig.engine.stationEvents.chargingNeeds(stationId, 1, stated(rig, { minDischargeKw: 20 }));
    await rig.advance(MINUTE_MS);
    expect(alarmsOf(rig)).toMatchObject([
      {
        code: 'needs-faulty',
        evseId: EVSE,
        text: "The EV's needs cannot all be true: minDischargeKw: 20 lies above maxDischargeKw 11",
      },
    ]);
    const view = await rig.engine.useCases.session(TX);
    expect(view!.session.needs!.faults).toEqual(['minDischargeKw: 20 lies above maxDischargeKw 11']);
    expect(
      rig.link
        .profilesTo(EVSE)
        .at(-1)!
        .periods.every(({ powerKw }) => powerKw >= 0),
    ).toBe(true);
  });

  it('with a departure years ahead charge at once', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    await rig.plugIn(stationId, TX, { departureMs: Date.UTC(2030, 0) });
    await rig.advance(MINUTE_MS);
    expect(rig.link.profilesTo(EVSE)[0]!.periods[0]!.powerKw).toBeCloseTo(11, 6);
    expect(rig.alarms()).toEqual(['needs-faulty']);
  });

  it('for an EVSE that the station does not have are refused with the field', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    const answer = await rig.engine.stationEvents.chargingNeeds(stationId, 7, stated(rig));
    expect(answer).toEqual({
      status: 'Rejected',
      reasonCode: 'InvalidValue',
      detail: 'evseId: no EVSE 7 here',
    });
    expect(alarmsOf(rig)).toMatchObject([{ code: 'needs-unknown-evse', evseId: 'cs-1/7' }]);
  });

  it('because they are older than the transaction are told', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    await rig.plugIn(stationId, TX, null);
    const answer = await rig.engine.stationEvents.chargingNeeds(
      stationId,
      1,
      stated(rig, { statedAtMs: NOON_MS - HOUR_MS }),
    );
    expect(answer).toMatchObject({ status: 'NoChargingProfile', reasonCode: 'InvalidValue' });
    expect(alarmsOf(rig)).toMatchObject([
      { code: 'needs-faulty', text: expect.stringMatching(/^timestamp/) },
    ]);
  });
});

describe('renegotiation', () => {
  it('is answered by a profile within 60 s, also when the plan stays the same (K16, K19.FR.08)', async () => {
    const rig = await startRig();
    await rig.engine.useCases.putPrices(hourlyPrices(new Array(10).fill(0.2)));
    const stationId = await rig.commission();
    await rig.plugIn(stationId, TX);
    await rig.advance(10_000);
    expect(rig.link.profilesTo(EVSE)).toHaveLength(1);
    const departureMs = (await rig.engine.useCases.session(TX))!.departureMs!;
    await rig.engine.stationEvents.chargingNeeds(stationId, 1, stated(rig, { departureMs }));
    await rig.advance(10_000);
    expect(rig.link.profilesTo(EVSE)).toHaveLength(2);
    expect(rig.alarms()).toEqual([]);
  });

  it('with an earlier departure brings the charging forward', async () => {
    const rig = await startRig();
    await rig.engine.useCases.putPrices(hourlyPrices([0.5, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1]));
    const stationId = await rig.commission();
    await rig.plugIn(stationId, TX);
    await rig.advance(10_000);
    const before = (await rig.engine.useCases.session(TX))!;
    expect(before.plan!.netKw[0]).toBeLessThanOrEqual(0);
    await rig.engine.stationEvents.chargingNeeds(
      stationId,
      1,
      stated(rig, { departureMs: NOON_MS + 2.25 * HOUR_MS }),
    );
    await rig.advance(10_000);
    const after = (await rig.engine.useCases.session(TX))!;
    expect(after.departureMs).toBe(NOON_MS + 2.25 * HOUR_MS);
    expect(after.plan!.netKw[0]).toBeGreaterThan(5);
    expect(rig.link.profilesTo(EVSE).at(-1)!.periods[0]!.powerKw).toBeGreaterThan(5);
  });
});

describe('when planning is late', () => {
  it('needs are answered Processing, and the profile follows when a plan comes again', async () => {
    const store = createMemoryStore();
    const rig = await startRig({ store });
    const stationId = await rig.commission();
    const { plans } = store;
    const save = plans.save;
    plans.save = () => Promise.reject(new Error('no plans today'));
    await rig.advance(6 * MINUTE_MS);
    await rig.plugIn(stationId, TX, null);
    const answer = await rig.engine.stationEvents.chargingNeeds(stationId, 1, stated(rig));
    expect(answer).toEqual({ status: 'Processing' });
    await rig.advance(MINUTE_MS);
    expect(rig.link.profilesTo(EVSE)).toEqual([]);
    plans.save = save;
    await rig.advance(MINUTE_MS);
    expect(rig.link.profilesTo(EVSE)).toHaveLength(1);
  });

  it('an EV that was promised a profile and has none after 60 s is told of', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    rig.link.onProfile = () => Promise.reject(new Error('no answer'));
    await rig.plugIn(stationId, TX);
    await rig.advance(59_000);
    expect(rig.alarms()).toEqual([]);
    await rig.advance(2_000);
    expect(rig.alarms()).toEqual(['profile-late']);
  });
});
