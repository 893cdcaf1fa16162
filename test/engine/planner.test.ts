import { describe, expect, it } from 'vitest';
import { asSiteId, asTransactionId, evseIdOf } from '../../src/domain/ids.js';
import { profilePowerKwAt } from '../../src/domain/profile.js';
import { hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { EVSE, eventOf, HOUR_MS, MINUTE_MS, NOON_MS } from '../support/engine/fixtures.js';
import type { MemoryStore } from '../support/engine/memory-store.js';

const TX = asTransactionId('tx-1');
const SITE = asSiteId('depot');
const DEAR_FIRST = hourlyPrices([0.6, 0.4, 0.3, 0.2, ...new Array<number>(20).fill(0.05)]);

async function rigWithCars(count: number, stayHours = 8) {
  const rig = await startRig();
  await rig.engine.useCases.putPrices(DEAR_FIRST);
  const stationIds = [];
  for (let number = 1; number <= count; number++) {
    const stationId = await rig.commission(`cs-${number}`);
    stationIds.push(stationId);
    await rig.plugIn(stationId, `tx-${number}`, {
      departureMs: NOON_MS + stayHours * HOUR_MS,
      targetEnergyKwh: stayHours * 2.5,
    });
  }
  await rig.advance(1_000);
  const plan = () => rig.engine.useCases.latestPlan()!;
  const plans = () => rig.events.filter((event) => event.kind === 'plan').length;
  return { ...rig, stationIds, plan, plans };
}

describe('the planner', () => {
  it('plans on a fixed beat when nothing happens', async () => {
    const { advance, plans, plan } = await rigWithCars(1);
    const before = plans();
    await advance(15 * MINUTE_MS);
    expect(plans() - before).toBe(3);
    expect(plan().causes).toEqual(['interval']);
  });

  it('plans an EVSE once, for the later of two transactions that a station claims on it', async () => {
    const { engine, stationIds, advance, plan } = await rigWithCars(2);
    await engine.stationEvents.transactionEvent(
      stationIds[0]!,
      eventOf(0, { transactionId: asTransactionId('stray'), atMs: NOON_MS - HOUR_MS }),
    );
    await advance(5 * MINUTE_MS);
    expect(plan().sessions.map(({ transactionId }) => transactionId)).toEqual(['tx-1', 'tx-2']);
    expect(engine.useCases.fleet().sessionsActive).toBe(3);
  });

  it('plans a fleet of nobody', async () => {
    const { plan } = await rigWithCars(0);
    expect(plan()).toMatchObject({ status: 'optimal', sessions: [], netKw: [0] });
  });

  it('keeps certificate, prices and reasons with the plan', async () => {
    const { plan } = await rigWithCars(1);
    expect(plan()).toMatchObject({ currency: 'EUR', status: 'optimal', startMs: NOON_MS, slotMinutes: 5 });
    expect(plan().lowerBound).toBeLessThanOrEqual(plan().objective);
    expect(plan().importPerKwh[0]).toBe(0.6);
    expect(plan().sessions[0]?.because[0]?.text).toMatch(/^Discharging: /);
  });

  it('exports in the dear hour, never below the V2X band, and has the target in time', async () => {
    const { plan } = await rigWithCars(1);
    const [session] = plan().sessions;
    let kwh = 20;
    session!.netKw.forEach((kw) => {
      kwh += kw > 0 ? (kw / 12) * 0.92 : kw / 12 / 0.92;
      expect(kwh).toBeGreaterThanOrEqual(6 - 1e-6);
    });
    expect(kwh).toBeGreaterThanOrEqual(40 - 1e-6);
    expect(session!.shortfallKwh).toBe(0);
  });

  it('keeps the last plan when planning fails, raises one alarm and tries again soon', async () => {
    const { advance, plan, store, alarms, engine, link } = await rigWithCars(1);
    const memory = store as MemoryStore;
    const before = plan();
    memory.failing = true;
    await advance(6 * MINUTE_MS);
    expect(plan()).toBe(before);
    expect(alarms()).toEqual(['planning-failed']);
    expect(await engine.useCases.readiness()).toMatchObject({ ready: false });
    memory.failing = false;
    await advance(20_000);
    expect(plan()).not.toBe(before);
    expect(plan().causes).toContain('interval');
    expect(link.profilesTo(EVSE).length).toBeGreaterThanOrEqual(2);
    expect(await engine.useCases.readiness()).toMatchObject({ ready: true });
  });

  it('plans nothing after its stop', async () => {
    const { engine, advance, plans, clock } = await rigWithCars(1);
    await engine.stop();
    const before = plans();
    await engine.useCases.putPrices(DEAR_FIRST);
    await advance(2 * HOUR_MS);
    expect(plans()).toBe(before);
    expect(clock.isFree()).toBe(true);
  });

  it('makes the same plan in whatever order the cars came', async () => {
    const forth = await rigWithCars(3);
    const back = await startRig();
    await back.engine.useCases.putPrices(DEAR_FIRST);
    const stationIds = [];
    for (let number = 1; number <= 3; number++) stationIds.push(await back.commission(`cs-${number}`));
    for (let number = 3; number >= 1; number--) await back.plugIn(stationIds[number - 1]!, `tx-${number}`);
    await back.advance(1_000);
    const sessionsOf = (rig: typeof back) =>
      rig.engine.useCases.latestPlan()?.sessions.map((one) => [one.transactionId, one.netKw.length]);
    expect(sessionsOf(back)).toEqual(sessionsOf(forth));
  });
});

describe('a site’s grid connection', () => {
  const limit = (
    importLimitKw: number,
    stationIds: Awaited<ReturnType<typeof rigWithCars>>['stationIds'],
  ) => ({
    siteId: SITE,
    name: 'Depot',
    importLimitKw,
    exportLimitKw: 15,
    stationIds,
  });

  it('limits the cars that are already plugged in, from the moment it is told', async () => {
    const { engine, stationIds, advance, plan } = await rigWithCars(3, 2);
    expect(Math.min(...plan().netKw)).toBeLessThan(-30);
    await engine.useCases.saveSite(limit(14, stationIds));
    await advance(1_000);
    expect(plan().causes).toContain('site');
    for (const kw of plan().netKw) {
      expect(kw).toBeLessThanOrEqual(14 + 1e-6);
      expect(kw).toBeGreaterThanOrEqual(-15 - 1e-6);
    }
  });

  it('leaves to the plan what a car that nobody steers does not take', async () => {
    const { engine, stationIds, advance, plan, commission, plugIn, meter } = await rigWithCars(2, 2);
    const guest = await commission('cs-9');
    await engine.useCases.saveSite(limit(14, [...stationIds, guest]));
    await plugIn(guest, 'tx-9', null);
    await meter(guest, 'tx-9', 1, { importRegisterWh: 1_100, importKw: 5 });
    await advance(6 * MINUTE_MS);
    const steeredKw = plan().netKw.map((kw) => kw - 5);
    expect(Math.max(...steeredKw)).toBeLessThanOrEqual(9 + 1e-6);
  });

  it('is not passed by profiles that go on after the plan for a missed target', async () => {
    const { engine, stationIds, advance, link, plan } = await rigWithCars(2, 2);
    await engine.useCases.saveSite(limit(2, stationIds));
    await advance(1_000);
    expect(plan().sessions.some((session) => session.shortfallKwh > 1)).toBe(true);
    for (let minute = 0; minute < 11 * 60; minute += 7) {
      let totalKw = 0;
      for (const stationId of stationIds) {
        const profile = link.profilesTo(evseIdOf(stationId, 1)).at(-1)!;
        totalKw += profilePowerKwAt(profile, NOON_MS + minute * MINUTE_MS) ?? 0;
      }
      expect(totalKw).toBeLessThanOrEqual(2 + 0.11);
    }
  });

  it('keeps a station on one site, and lets it go when it is no longer listed', async () => {
    const { engine, stationIds } = await rigWithCars(2);
    const other = { siteId: asSiteId('other'), name: 'Other', stationIds: [stationIds[0]!] };
    await engine.useCases.saveSite(limit(14, stationIds));
    await engine.useCases.saveSite(other);
    const siteOf = (index: number) => engine.useCases.stations()[index]?.station.siteId;
    expect([siteOf(0), siteOf(1)]).toEqual(['other', 'depot']);
    expect(engine.useCases.sites().find((site) => site.siteId === SITE)?.stationIds).toEqual([stationIds[1]]);
    await engine.useCases.saveSite(limit(14, []));
    expect(siteOf(1)).toBeUndefined();
    expect((await engine.useCases.session(asTransactionId('tx-2')))?.session.siteId).toBeUndefined();
    await engine.useCases.registerStation({ stationId: stationIds[1]!, siteId: SITE });
    expect(engine.useCases.sites().find((site) => site.siteId === SITE)?.stationIds).toEqual([stationIds[1]]);
  });

  it('is refused with a bad limit or an unknown station', async () => {
    const { engine } = await rigWithCars(0);
    await expect(engine.useCases.saveSite(limit(-1, []))).rejects.toMatchObject({
      faults: [{ path: 'importLimitKw' }],
    });
    await expect(engine.useCases.saveSite(limit(1, ['x' as never]))).rejects.toMatchObject({
      faults: [{ path: 'stationIds[0]' }],
    });
    await expect(
      engine.useCases.registerStation({ stationId: 'cs-1' as never, siteId: asSiteId('none') }),
    ).rejects.toMatchObject({ faults: [{ path: 'siteId' }] });
  });
});

describe('an override', () => {
  it('moves departure and target', async () => {
    const { engine, advance, plan } = await rigWithCars(1);
    const view = await engine.useCases.overrideSession(TX, {
      departureMs: NOON_MS + 2 * HOUR_MS,
      targetEnergyKwh: 30,
    });
    expect(view).toMatchObject({ departureMs: NOON_MS + 2 * HOUR_MS, targetEnergyKwh: 30 });
    await advance(1_000);
    expect(plan().causes).toContain('override');
    expect(plan().sessions[0]?.netKw).toHaveLength(22);
    expect(plan().sessions[0]?.shortfallKwh).toBe(0);
  });

  it('to opt out ends discharge at once and charges to the target', async () => {
    const { engine, advance, link, clock } = await rigWithCars(1);
    expect(profilePowerKwAt(link.profilesTo(EVSE).at(-1)!, clock.nowMs())).toBeLessThan(-10);
    await engine.useCases.overrideSession(TX, { optOut: true });
    await advance(1_000);
    const profile = link.profilesTo(EVSE).at(-1)!;
    expect(profile.periods.every((period) => period.powerKw >= 0)).toBe(true);
    expect(profilePowerKwAt(profile, clock.nowMs())).toBeCloseTo(11, 6);
    // 20 kWh at 11 kW with 92 %: 1.976 h from noon.
    const doneMs = profile.periods.at(-1)!.startMs;
    expect((doneMs - NOON_MS) / HOUR_MS).toBeCloseTo(1.976, 1);
    expect(profile.periods.at(-1)!.powerKw).toBe(0);
  });

  it('is withdrawn by null, one by one, and what the car stated holds again', async () => {
    const { engine, advance, plan } = await rigWithCars(1);
    const { overrideSession } = engine.useCases;
    const stated = await engine.useCases.session(TX);
    await overrideSession(TX, { departureMs: NOON_MS + 2 * HOUR_MS, optOut: true });
    const back = await overrideSession(TX, { departureMs: null });
    expect(back.departureMs).toBe(stated?.departureMs);
    expect(back.session.override).toEqual({ optOut: true });
    const free = await overrideSession(TX, { optOut: null });
    expect(free.session.override).toBeUndefined();
    await advance(1_000);
    expect(Math.min(...plan().sessions[0]!.netKw)).toBeLessThan(-10);
  });

  it('is refused for the past, a bad target, an ended and an unknown session', async () => {
    const { engine, meter, stationIds } = await rigWithCars(1);
    const { overrideSession } = engine.useCases;
    await expect(overrideSession(TX, { departureMs: NOON_MS - 1 })).rejects.toMatchObject({
      faults: [{ path: 'departure' }],
    });
    await expect(overrideSession(TX, { targetEnergyKwh: -1 })).rejects.toMatchObject({
      faults: [{ path: 'targetEnergyKwh' }],
    });
    await expect(overrideSession(asTransactionId('no'), { optOut: true })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await meter(stationIds[0]!, TX, 1, { importRegisterWh: 1_000 }, 'ended');
    await expect(overrideSession(TX, { optOut: true })).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});
