import { describe, expect, it } from 'vitest';
import { sessionDocument } from '../../src/api/documents/session-document.js';
import { asSiteId, asTransactionId } from '../../src/domain/ids.js';
import type { Site } from '../../src/domain/station.js';
import { hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { EVSE, HOUR_MS, MINUTE_MS, NOON_MS, needsOf } from '../support/engine/fixtures.js';

const TX = asTransactionId('tx-1');
const SITE = asSiteId('depot');
const CHEAP_LATE = [0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1];

async function rigAtSite(changes: Partial<Site> = {}, options: Parameters<typeof startRig>[0] = {}) {
  const rig = await startRig(options);
  await rig.engine.useCases.putPrices(hourlyPrices(CHEAP_LATE));
  const stationId = await rig.commission();
  const site: Site = { siteId: SITE, name: 'Depot', stationIds: [stationId], ...changes };
  await rig.engine.useCases.saveSite(site);
  const session = async () => (await rig.engine.useCases.session(TX))!;
  return { ...rig, stationId, site, session };
}

describe('a car that states no needs', () => {
  const evDefaults = { departureTime: '20:00', energyKwh: 20 };

  it('is planned by its site’s defaults once it has had time to state some', async () => {
    const { plugIn, advance, session, link, stationId } = await rigAtSite({ evDefaults });
    await plugIn(stationId, TX, null);
    await advance(MINUTE_MS);
    expect((await session()).session.needs).toBeUndefined();
    expect(link.profilesTo(EVSE)).toEqual([]);
    await advance(2 * MINUTE_MS);
    const view = await session();
    expect(view.session.needs).toMatchObject({ source: 'site', bidirectional: false, targetEnergyKwh: 20 });
    expect(view.departureMs).toBe(NOON_MS + 8 * HOUR_MS);
    expect(view.plan!.shortfallKwh).toBeCloseTo(0, 6);
    // It waits while energy is dear, charges when it is cheap, and never exports.
    expect(view.plan!.netKw[0]).toBe(0);
    expect(Math.min(...view.plan!.netKw)).toBe(0);
    expect(link.profilesTo(EVSE)).toHaveLength(1);
    expect(sessionDocument(view).needs).toMatchObject({ source: 'site', departureSource: 'site' });
  });

  it('is planned by what is known of its driver before that of the site', async () => {
    const { advance, session, engine, stationId, clock, store } = await rigAtSite({ evDefaults });
    await engine.useCases.saveDrivers(SITE, [{ idToken: 'ann', energyKwh: 35 }]);
    await engine.stationEvents.transactionEvent(stationId, {
      kind: 'started',
      transactionId: TX,
      seqNo: 0,
      atMs: clock.nowMs(),
      trigger: 'Authorized',
      offline: false,
      evseNumber: 1,
      idToken: 'ann',
      readings: [],
    });
    await advance(3 * MINUTE_MS);
    expect((await session()).session.needs).toMatchObject({ source: 'driver', targetEnergyKwh: 35 });
    expect((await store.sites.list())[0]).toMatchObject({ drivers: [{ idToken: 'ann' }] });
  });

  it('is planned by its real needs as soon as they come, however late', async () => {
    const { plugIn, advance, session, engine, stationId, clock } = await rigAtSite({ evDefaults });
    await plugIn(stationId, TX, null);
    await advance(10 * MINUTE_MS);
    expect((await session()).session.needs!.source).toBe('site');
    const nowMs = clock.nowMs();
    const answer = await engine.stationEvents.chargingNeeds(
      stationId,
      1,
      needsOf({ statedAtMs: nowMs, receivedAtMs: nowMs }),
    );
    expect(answer).toEqual({ status: 'Accepted' });
    await advance(MINUTE_MS);
    const view = await session();
    expect(view.session.needs).not.toHaveProperty('source');
    expect(sessionDocument(view).needs).toMatchObject({ source: 'ev', bidirectional: true });
  });

  it('of which nothing is known charges at once on the charging-only default', async () => {
    const { plugIn, advance, session, link, stationId } = await rigAtSite();
    await plugIn(stationId, TX, null);
    await advance(10 * MINUTE_MS);
    expect((await session()).session.needs).toBeUndefined();
    expect(link.profilesTo(EVSE)).toEqual([]);
  });

  it('takes part once the operator states its departure', async () => {
    const { plugIn, advance, session, engine, stationId } = await rigAtSite();
    await plugIn(stationId, TX, null);
    await advance(10 * MINUTE_MS);
    await engine.useCases.overrideSession(TX, { departureMs: NOON_MS + 9 * HOUR_MS });
    await advance(MINUTE_MS);
    const view = await session();
    expect(view.session.needs).toMatchObject({ source: 'override', targetEnergyKwh: 60 });
    expect(view.plan!.netKw.length).toBeGreaterThan(90);
  });

  it('follows changed defaults of its site', async () => {
    const { plugIn, advance, session, engine, stationId, site } = await rigAtSite({ evDefaults });
    await plugIn(stationId, TX, null);
    await advance(3 * MINUTE_MS);
    await engine.useCases.saveSite({ ...site, evDefaults: { ...evDefaults, energyKwh: 8 } });
    expect((await session()).session.needs!.targetEnergyKwh).toBe(8);
  });

  it('is looked at again when its state of charge is metered at last', async () => {
    const defaults = { departureTime: '20:00', batteryCapacityKwh: 50, targetSocFraction: 0.9 };
    const { plugIn, advance, session, stationId, meter } = await rigAtSite({ evDefaults: defaults });
    await plugIn(stationId, TX, null);
    await advance(5 * MINUTE_MS);
    expect((await session()).session.needs!.targetEnergyKwh).toBe(50);
    await meter(stationId, TX, 1, { importRegisterWh: 1_000, exportRegisterWh: 500, socFraction: 0.7 });
    await advance(0);
    expect((await session()).session.needs).toMatchObject({ targetEnergyKwh: 10 });
  });

  it('is not forgotten over a restart of the engine', async () => {
    const first = await rigAtSite({ evDefaults });
    await first.plugIn(first.stationId, TX, null);
    await first.advance(MINUTE_MS);
    await first.engine.stop();
    const { clock, store, link } = first;
    const again = await startRig({ clock, store, link });
    await again.advance(3 * MINUTE_MS);
    expect((await again.engine.useCases.session(TX))!.session.needs).toMatchObject({ source: 'site' });
  });
});

describe('needs without a departure', () => {
  it('get the usual one, with its source, and are planned', async () => {
    const { plugIn, advance, session, engine, stationId, clock } = await rigAtSite({
      evDefaults: { departureTime: '20:00' },
    });
    await plugIn(stationId, TX, null);
    const nowMs = clock.nowMs();
    const { departureMs: _, ...needs } = needsOf({ statedAtMs: nowMs, receivedAtMs: nowMs });
    expect(await engine.stationEvents.chargingNeeds(stationId, 1, needs)).toEqual({ status: 'Accepted' });
    await advance(MINUTE_MS);
    const view = await session();
    expect(view.departureMs).toBe(NOON_MS + 8 * HOUR_MS);
    expect(sessionDocument(view).needs).toMatchObject({ source: 'ev', departureSource: 'site' });
  });
});

describe('defaults of a site', () => {
  it.each([
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ evDefaults: { minChargeKw: 5, maxChargeKw: 3 } }, 'evDefaults.minChargeKw'],
    [{ evDefaults: { energyKwh: 80, batteryCapacityKwh: 60 } }, 'evDefaults.energyKwh'],
    [{ drivers: [{ idToken: 'a' }, { idToken: 'a' }] }, 'drivers[1].idToken'],
  ])('that make no sense are refused by their field: %j', async (changes, field) => {
    const { engine, site } = await rigAtSite();
    await expect(engine.useCases.saveSite({ ...site, ...changes })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(field),
    });
  });

  it('keep the known drivers when the site is written without them', async () => {
    const { engine, site } = await rigAtSite();
    await engine.useCases.saveDrivers(SITE, [{ idToken: 'ann', stayMinutes: 60 }]);
    await engine.useCases.saveSite({ ...site, name: 'Depot 2' });
    expect(engine.useCases.sites()[0]).toMatchObject({ name: 'Depot 2', drivers: [{ idToken: 'ann' }] });
    await expect(engine.useCases.saveDrivers(asSiteId('nowhere'), [])).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
