import { describe, expect, it } from 'vitest';
import { asStationId, asTransactionId, evseIdOf } from '../../src/domain/ids.js';
import { startRig } from '../support/engine/engine-rig.js';
import {
  EVSE,
  eventOf,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  needsOf,
  readingAt,
} from '../support/engine/fixtures.js';
import type { MemoryStore } from '../support/engine/memory-store.js';

const TX = asTransactionId('tx-1');
const OTHER = asTransactionId('tx-2');

async function rigWithCar(needs: Parameters<typeof needsOf>[0] | null = {}) {
  const rig = await startRig();
  const stationId = await rig.commission();
  const startMs = rig.clock.nowMs();
  await rig.plugIn(stationId, TX, needs);
  await rig.advance(1_000);
  return { ...rig, stationId, startMs };
}

describe('a transaction event', () => {
  it('that is repeated is answered like the first and changes nothing', async () => {
    const { engine, stationId, events } = await rigWithCar();
    const event = eventOf(1, {
      readings: [readingAt(30, { importRegisterWh: 4_000, exportRegisterWh: 500 })],
    });
    await engine.stationEvents.transactionEvent(stationId, event);
    const before = engine.useCases.fleet().importKwhTotal;
    const count = events.length;
    expect(await engine.stationEvents.transactionEvent(stationId, event)).toEqual({});
    expect(engine.useCases.fleet().importKwhTotal).toBe(before);
    expect(before).toBe(3);
    expect(events.length).toBe(count);
  });

  it('with a transaction of another station is refused and touches nobody', async () => {
    const { engine, commission, stationId } = await rigWithCar();
    const thief = await commission('cs-2');
    await expect(
      engine.stationEvents.transactionEvent(thief, eventOf(1, { kind: 'ended' })),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(engine.stationEvents.activeTransaction(stationId, 1)).toBe(TX);
    expect(engine.stationEvents.activeTransaction(thief, 1)).toBeUndefined();
  });

  it('is not acknowledged when the store is away, and counts when the station repeats it', async () => {
    const { engine, stationId, store } = await rigWithCar();
    const memory = store as MemoryStore;
    const event = eventOf(1, { readings: [readingAt(30, { importRegisterWh: 4_000 })] });
    memory.failing = true;
    await expect(engine.stationEvents.transactionEvent(stationId, event)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(engine.useCases.fleet().importKwhTotal).toBe(0);
    memory.failing = false;
    await engine.stationEvents.transactionEvent(stationId, event);
    expect(engine.useCases.fleet().importKwhTotal).toBe(3);
  });

  it('that ends the transaction frees the EVSE and closes the session', async () => {
    const { engine, stationId, meter, advance } = await rigWithCar();
    await meter(stationId, TX, 1, { importRegisterWh: 3_000, exportRegisterWh: 600 }, 'ended');
    await advance(0);
    expect(engine.stationEvents.activeTransaction(stationId, 1)).toBeUndefined();
    const view = await engine.useCases.session(TX);
    expect(view).toMatchObject({
      importKwh: 2,
      exportKwh: 0.1,
      provisional: false,
      plan: null,
      desired: null,
    });
    expect(engine.useCases.fleet()).toMatchObject({ sessionsActive: 0, importKw: 0, exportKw: 0 });
  });

  it('with the id token is answered', async () => {
    const { engine, stationId } = await rigWithCar(null);
    expect(await engine.stationEvents.transactionEvent(stationId, eventOf(1, { idToken: 'card' }))).toEqual({
      idTokenStatus: 'Accepted',
    });
  });
});

describe('an EVSE holds one car', () => {
  it('so a transaction that another one follows has ended without telling', async () => {
    const { engine, stationId, plugIn, advance } = await rigWithCar();
    await advance(MINUTE_MS);
    await plugIn(stationId, OTHER);
    await advance(1_000);
    const lost = await engine.useCases.session(TX);
    expect(lost?.session).toMatchObject({ state: 'ended', stoppedReason: 'Lost', flags: ['event-gap'] });
    expect(engine.stationEvents.activeTransaction(stationId, 1)).toBe(OTHER);
    expect(engine.useCases.fleet().sessionsActive).toBe(1);
  });

  it('also when the new one does not say at first which EVSE it is on', async () => {
    const { engine, stationId, clock, advance } = await rigWithCar();
    await advance(MINUTE_MS);
    const { evseNumber: _, ...event } = eventOf(0, { transactionId: OTHER, atMs: clock.nowMs() });
    await engine.stationEvents.transactionEvent(stationId, event);
    expect(engine.useCases.fleet().sessionsActive).toBe(1);
  });

  it('but an old transaction that is told late does not end the one that runs', async () => {
    const { engine, stationId, advance } = await rigWithCar();
    const old = (seqNo: number, minutes: number, kind: 'started' | 'ended') =>
      eventOf(seqNo, {
        kind,
        transactionId: OTHER,
        atMs: NOON_MS + minutes * MINUTE_MS,
        offline: true,
        readings: [readingAt(minutes, { importRegisterWh: 100 * seqNo })],
      });
    await engine.stationEvents.transactionEvent(stationId, old(0, -60, 'started'));
    expect(engine.stationEvents.activeTransaction(stationId, 1)).toBe(TX);
    await engine.stationEvents.transactionEvent(stationId, old(1, -30, 'ended'));
    await advance(1_000);
    expect(engine.stationEvents.activeTransaction(stationId, 1)).toBe(TX);
    expect((await engine.useCases.session(OTHER))?.session.state).toBe('ended');
    expect((await engine.useCases.session(TX))?.session.state).toBe('active');
  });

  it('and a session moves to the EVSE that a later event names', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    const { evseNumber: _, ...started } = eventOf(0);
    await rig.engine.stationEvents.transactionEvent(stationId, started);
    await rig.engine.stationEvents.transactionEvent(stationId, eventOf(1, { evseNumber: 2 }));
    expect(rig.engine.stationEvents.activeTransaction(stationId, 1)).toBeUndefined();
    expect(rig.engine.stationEvents.activeTransaction(stationId, 2)).toBe(TX);
  });
});

describe('needs', () => {
  it('bring their profile to the station within two seconds', async () => {
    const { link, clock, startMs } = await rigWithCar();
    const [profile, ...more] = link.profilesTo(EVSE);
    expect(profile).toMatchObject({ transactionId: TX, revision: 1, maxOfflineS: 900 });
    expect(profile!.createdAtMs - startMs).toBeLessThanOrEqual(2_000);
    expect(more).toEqual([]);
    expect(clock.isFree()).toBe(true);
  });

  it('that come before their transaction wait for it, with an alarm', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    const answer = await rig.engine.stationEvents.chargingNeeds(stationId, 1, needsOf());
    expect(answer).toMatchObject({ status: 'Processing', reasonCode: 'TxNotFound' });
    await rig.advance(1_000);
    expect(rig.link.profilesTo(EVSE)).toEqual([]);
    await rig.plugIn(stationId, TX, null);
    await rig.advance(1_000);
    expect(rig.link.profilesTo(EVSE)).toHaveLength(1);
    expect(rig.alarms()).toEqual(['needs-without-transaction']);
  });

  it('that waited too long for a transaction are another car’s', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    await rig.engine.stationEvents.chargingNeeds(stationId, 1, needsOf());
    await rig.advance(11 * MINUTE_MS);
    await rig.plugIn(stationId, TX, null);
    await rig.advance(1_000);
    expect(rig.link.profilesTo(EVSE)).toEqual([]);
  });

  it('that were stated long before the transaction are refused', async () => {
    const { engine, stationId, link, advance } = await rigWithCar(null);
    const answer = await engine.stationEvents.chargingNeeds(
      stationId,
      1,
      needsOf({ statedAtMs: NOON_MS - HOUR_MS }),
    );
    expect(answer).toMatchObject({ status: 'NoChargingProfile', reasonCode: 'InvalidValue' });
    await advance(1_000);
    expect(link.profilesTo(EVSE)).toEqual([]);
  });

  it('with a departure in the past: the car charges at once and never exports', async () => {
    const rig = await startRig();
    const stationId = await rig.commission();
    await rig.plugIn(stationId, TX, null);
    const answer = await rig.engine.stationEvents.chargingNeeds(
      stationId,
      1,
      needsOf({ departureMs: NOON_MS - HOUR_MS, statedAtMs: rig.clock.nowMs() }),
    );
    expect(answer).toMatchObject({ status: 'NoChargingProfile', reasonCode: 'InvalidValue' });
    await rig.advance(1_000);
    const [profile] = rig.link.profilesTo(EVSE);
    expect(profile?.periods[0]?.powerKw).toBeCloseTo(11, 6);
    expect(profile?.periods.every((period) => period.powerKw >= 0)).toBe(true);
    expect((await rig.engine.useCases.session(TX))?.plan?.because[0]?.text).toMatch(/departure has passed/);
    expect(rig.engine.useCases.latestPlan()?.sessions[0]?.shortfallKwh).toBe(0);
  });

  it('with a target above the battery are cut to it, noted, and planned', async () => {
    const { engine } = await rigWithCar({ targetEnergyKwh: 60 });
    const view = await engine.useCases.session(TX);
    expect(view).toMatchObject({ targetEnergyKwh: 57 });
    expect(view?.session.window?.notes).toEqual(['target-above-capacity']);
    expect(view?.plan?.shortfallKwh).toBeCloseTo(0, 6);
  });

  it('that cannot be met give the best plan there is and the shortfall', async () => {
    const { engine } = await rigWithCar({ targetEnergyKwh: 37, departureMs: NOON_MS + HOUR_MS });
    const view = await engine.useCases.session(TX);
    expect(view?.plan?.netKw.every((kw) => Math.abs(kw - 11) < 1e-6)).toBe(true);
    expect(view?.plan?.shortfallKwh).toBeGreaterThan(25);
  });

  it('that are newer win over those that arrive after them', async () => {
    const { engine, stationId, clock, advance } = await rigWithCar();
    const nowMs = clock.nowMs();
    await engine.stationEvents.chargingNeeds(
      stationId,
      1,
      needsOf({ statedAtMs: nowMs, targetEnergyKwh: 30 }),
    );
    await engine.stationEvents.chargingNeeds(
      stationId,
      1,
      needsOf({ statedAtMs: nowMs - 500, targetEnergyKwh: 5 }),
    );
    await advance(1_000);
    expect((await engine.useCases.session(TX))?.targetEnergyKwh).toBe(50);
  });

  it('that come in a burst make one plan', async () => {
    const rig = await startRig();
    const stations = [];
    for (let number = 1; number <= 5; number++) stations.push(await rig.commission(`cs-${number}`));
    await rig.advance(1_000);
    const plans = rig.events.filter((event) => event.kind === 'plan').length;
    await Promise.all(stations.map((stationId, index) => rig.plugIn(stationId, `tx-${index}`)));
    await rig.advance(1_000);
    expect(rig.events.filter((event) => event.kind === 'plan').length).toBe(plans + 1);
    for (const stationId of stations) expect(rig.link.profilesTo(evseIdOf(stationId, 1))).toHaveLength(1);
  });
});

describe('a session without needs', () => {
  it('gets no profile of ours and counts as load that nobody steers', async () => {
    const { link, meter, stationId, advance, engine } = await rigWithCar(null);
    await meter(stationId, TX, 1, { importRegisterWh: 1_200, importKw: 9 });
    await advance(6 * MINUTE_MS);
    expect(link.profilesTo(EVSE)).toEqual([]);
    expect(engine.useCases.latestPlan()?.netKw[0]).toBeCloseTo(9, 9);
  });
});

describe('readings outside a transaction', () => {
  it('are kept apart from the books', async () => {
    const { engine, stationId, store } = await rigWithCar(null);
    await engine.stationEvents.meterValues(stationId, 1, [readingAt(0, { importRegisterWh: 77 })]);
    expect((store as MemoryStore).idleReadings).toHaveLength(1);
    expect(engine.useCases.fleet().importKwhTotal).toBe(0);
  });
});

describe('sessions of many stations', () => {
  it('are listed newest first, active ones from memory, ended ones from the store', async () => {
    const { engine, commission, plugIn, meter, stationId, advance } = await rigWithCar();
    await advance(MINUTE_MS);
    const second = await commission('cs-2');
    await plugIn(second, OTHER);
    await meter(stationId, TX, 1, { importRegisterWh: 2_000 }, 'ended');
    const list = async (state: 'active' | 'ended') =>
      (await engine.useCases.sessions({ state, limit: 10 })).map((view) => view.session.transactionId);
    expect(await list('active')).toEqual([OTHER]);
    expect(await list('ended')).toEqual([TX]);
    expect(await engine.useCases.session(asTransactionId('nobody'))).toBeUndefined();
    expect(asStationId('cs-2')).toBe(second);
  });
});
