import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { asTransactionId } from '../../src/domain/ids.js';
import type { Store } from '../../src/ports/store.js';
import { openStore } from '../../src/store/open-store.js';
import { carAt, hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { EVSE, HOUR_MS, MINUTE_MS, NOON_MS, needsOf } from '../support/engine/fixtures.js';
import { createMemoryStore } from '../support/engine/memory-store.js';

const TX = asTransactionId('tx-1');
const LOGGER = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const DEAR_FIRST = hourlyPrices([0.6, 0.4, 0.3, 0.2, ...new Array<number>(20).fill(0.05)]);
const CALLER = { keyId: 'key', role: 'trader' as const };
const cleanups: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

async function embeddedStore(): Promise<Store> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'ebbflow-engine-'));
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }));
  const { store, close } = await openStore({ dataDir, logger: LOGGER });
  cleanups.push(close);
  return store;
}

describe.each([
  ['in memory', async () => createMemoryStore() as Store],
  ['embedded', embeddedStore],
])('an engine that is started again on the same store (%s)', (_name, openedStore) => {
  it('knows the needs that came before their transaction, which it had answered', async () => {
    const store = await openedStore();
    const first = await startRig({ store });
    await first.engine.useCases.putPrices(DEAR_FIRST);
    const stationId = await first.commission();
    await first.engine.stationEvents.chargingNeeds(stationId, 1, needsOf());
    await first.engine.stop();
    const { clock, link } = first;
    const second = await startRig({ store, clock, link });
    await second.plugIn(stationId, TX, null);
    await second.settle();
    expect(await second.engine.useCases.session(TX)).toMatchObject({
      session: { needs: { targetEnergyKwh: 20, maxEnergyKwh: 37 } },
    });
    expect(second.engine.useCases.stations()[0]?.station.earlyNeeds).toBeUndefined();
  });

  it('has the same books, orders, plan input and profiles, tells the station nothing new, and goes on', async () => {
    const store = await openedStore();
    const first = await startRig({ store });
    await first.engine.useCases.putPrices(DEAR_FIRST);
    const stationId = await first.commission();
    await first.plugIn(stationId, TX);
    await first.advance(1_000);
    const car = carAt(stationId, TX);
    await first.follow(car, 20);
    await first.engine.useCases.overrideSession(TX, { targetEnergyKwh: 44 });
    const placed = await first.engine.useCases.createDispatch(
      { startMs: NOON_MS + HOUR_MS, endMs: NOON_MS + 2 * HOUR_MS, targetNetKw: -4, reason: 'r' },
      'key',
      CALLER,
    );
    await first.advance(1_000);
    const before = {
      fleet: first.engine.useCases.fleet(),
      session: await first.engine.useCases.session(TX),
      plan: first.engine.useCases.latestPlan(),
      order: (await first.engine.useCases.dispatch(placed.view.order.dispatchId))!,
      settlements: await first.engine.useCases.settlements({ fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS }),
    };
    expect(before.fleet.exportKwhTotal).toBeGreaterThan(3);
    expect(before.order.order.state).toBe('dispatched');
    // No stop: a process that is killed says nothing. Its clock stands still from now on for the first engine.
    const calls = first.link.calls.length;
    const second = await startRig({ store, startMs: first.clock.nowMs(), link: first.link });
    await second.engine.stationEvents.connected(stationId, 'ocpp2.1');
    await second.advance(1_000);
    const fleet = second.engine.useCases.fleet();
    expect(fleet.importKwhTotal).toBeCloseTo(before.fleet.importKwhTotal, 9);
    expect(fleet.exportKwhTotal).toBeCloseTo(before.fleet.exportKwhTotal, 9);
    expect(fleet.storedKwh).toBeCloseTo(before.fleet.storedKwh, 1);
    const session = await second.engine.useCases.session(TX);
    expect(session?.session).toEqual(before.session?.session);
    expect(session?.acknowledged).toEqual(before.session?.acknowledged);
    const after = await second.engine.useCases.dispatch(before.order.order.dispatchId);
    expect(after?.order.state).toBe('dispatched');
    expect(after?.order.askedNetKw).toEqual(before.order.order.askedNetKw);
    expect(await second.engine.useCases.settlements({ fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS })).toEqual(
      before.settlements,
    );
    expect(second.link.calls.slice(calls).map(({ kind }) => kind)).toEqual(['read-back']);
    expect(second.engine.useCases.latestPlan()?.causes).toContain('start');
    // The same transaction event again is known, a new one counts.
    await second.meter(stationId, TX, car.seqNo, { importRegisterWh: 9_999_999 });
    expect(second.engine.useCases.fleet().importKwhTotal).toBeCloseTo(before.fleet.importKwhTotal, 9);
    await second.follow(car, 10);
    expect(second.engine.useCases.fleet().exportKwhTotal).toBeGreaterThan(before.fleet.exportKwhTotal);
    expect(second.link.profilesTo(EVSE).map((profile) => profile.revision)).toEqual(
      [...second.link.profilesTo(EVSE).keys()].map((index) => index + 1),
    );
  });

  it('sends what the crash kept from being announced', async () => {
    const store = await openedStore();
    const first = await startRig({ store });
    await first.engine.useCases.putPrices(DEAR_FIRST);
    const stationId = await first.commission();
    first.queue.isPaused = true;
    await first.plugIn(stationId, TX);
    first.clock.advanceTo(first.clock.nowMs() + 1_000);
    while ((await store.profiles.desired(EVSE)) === undefined)
      await new Promise<void>((resolve) => setImmediate(resolve));
    expect(first.link.profilesTo(EVSE)).toEqual([]);
    const second = await startRig({ store, startMs: first.clock.nowMs() + MINUTE_MS, link: first.link });
    await second.engine.stationEvents.connected(stationId, 'ocpp2.1');
    await second.advance(1_000);
    expect(second.link.profilesTo(EVSE).length).toBeGreaterThanOrEqual(1);
    const view = await second.engine.useCases.session(TX);
    expect(view?.acknowledged?.revision).toBe(view?.desired?.revision);
  });
});
