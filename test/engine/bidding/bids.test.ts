import { describe, expect, it } from 'vitest';
import type { Bid } from '../../../src/domain/bid.js';
import type { HolidayCalendar } from '../../../src/domain/holidays.js';
import {
  asBidId,
  asSiteId,
  asStationId,
  asTransactionId,
  evseIdOf,
  type SiteId,
} from '../../../src/domain/ids.js';
import type { MarketProduct } from '../../../src/domain/market-product.js';
import type { Session } from '../../../src/domain/session.js';
import { energyWindowOf } from '../../../src/engine/sessions/energy-window.js';
import { productOf } from '../../support/engine/bidding-fixtures.js';
import { type EngineRig, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, NOON_MS, needsOf, sessionOf } from '../../support/engine/fixtures.js';
import { createMemoryStore, type MemoryStore } from '../../support/engine/memory-store.js';

const DAY_MS = 24 * HOUR_MS;
const TRADER = { keyId: 'trader-1', role: 'trader' as const };
/** The block from 16:00 to 20:00 in Berlin, 22 January 2026; its gate closes on the 21st at 08:00. */
const BLOCK_MS = Date.UTC(2026, 0, 22, 15);
const up = productOf({ minKw: 10, stepKw: 5 });
const fcr = productOf({ id: 'test-sym', direction: 'symmetric', minKw: 5, stepKw: 5 });

/** Ten cars that were plugged in from 14:00 to 08:00 UTC on each of the last 180 days, 20 kWh above their floor. */
async function storeWithHistory(days = 180): Promise<MemoryStore> {
  const store = createMemoryStore();
  for (let back = 1; back <= days; back++) {
    for (let car = 0; car < 10; car++) {
      const startedAtMs = NOON_MS - back * DAY_MS + 2 * HOUR_MS;
      const departureMs = startedAtMs + 18 * HOUR_MS;
      const needs = needsOf({ statedAtMs: startedAtMs, receivedAtMs: startedAtMs, departureMs });
      const session: Session = sessionOf({
        transactionId: asTransactionId(`past-${back}-${car}`),
        stationId: asStationId(`cs-${car}`),
        evseId: evseIdOf(asStationId(`cs-${car}`), 1),
        startedAtMs,
        endedAtMs: departureMs,
        state: 'ended',
        needs,
        window: energyWindowOf(needs),
      });
      await store.sessions.save(session);
    }
  }
  return store;
}

async function rigWithHistory(
  products: readonly MarketProduct[] = [up, fcr],
  options: Parameters<typeof startRig>[0] = {},
): Promise<EngineRig> {
  const rig = await startRig({ store: await storeWithHistory(), products, ...options });
  for (let car = 0; car < 10; car++) await rig.commission(`cs-${car}`);
  await rig.engine.useCases.putPrices(hourlyPrices(Array(72).fill(0.2), Array(72).fill(0.1)));
  return rig;
}
const request = { product: 'test-up', startMs: BLOCK_MS };
const create = (rig: EngineRig, changes: object = {}) =>
  rig.engine.useCases.createBid({ ...request, ...changes }, TRADER);

describe('a bid', () => {
  it('offers what ten steady cars hold, on the product’s steps, with rising prices and what backs it', async () => {
    const rig = await rigWithHistory();
    const { bid, state } = await create(rig);
    expect(state).toBe('open');
    expect(bid.firmKw).toBeCloseTo(110, 6);
    expect(bid.offeredKw).toBe(110);
    expect(bid.steps.map(({ kw }) => kw)).toEqual([25, 55, 80, 110]);
    const prices = bid.steps.map(({ pricePerKwPerHour }) => pricePerKwPerHour);
    expect([...prices].sort((a, b) => a - b)).toEqual(prices);
    expect(bid.backing).toMatchObject({ evses: 10, dayType: 'weekday', expectedKw: 110, plannedKw: 110 });
    expect(bid.backing.days).toBeGreaterThan(80);
    expect(bid.backing.backTest).toMatchObject({ held: bid.backing.backTest.of });
    expect(new Date(bid.expiresAtMs).toISOString()).toBe('2026-01-21T07:00:00.000Z');
    expect(await rig.store.bids.get(bid.bidId)).toEqual(bid);
  });

  it('costs more where holding keeps cars from a trade', async () => {
    const rig = await rigWithHistory();
    const calm = (await create(rig)).bid.steps.at(-1)?.pricePerKwPerHour ?? 0;
    const dear = Array.from({ length: 72 }, (_, hour) => (hour >= 51 && hour < 55 ? 0.9 : 0.1));
    await rig.engine.useCases.putPrices(hourlyPrices(dear));
    const { bid } = await create(rig, { maxKw: 60 });
    expect(bid.offeredKw).toBe(0);
    await rig.engine.useCases.withdrawBid((await rig.engine.useCases.bids(all))[0]!.bid.bidId);
    const again = await create(rig, { maxKw: 60 });
    expect(again.bid.offeredKw).toBe(60);
    expect(again.bid.steps.at(-1)?.pricePerKwPerHour).toBeGreaterThan(calm + 0.05);
  });

  it('is of 0 kW and says why where history is too short', async () => {
    const rig = await startRig({ store: await storeWithHistory(5), products: [up] });
    const { bid } = await create(rig);
    expect(bid).toMatchObject({ offeredKw: 0, steps: [] });
    expect(bid.because[0]).toMatch(/0 days like this one are known; reliability 0.9 needs at least 9/);
    await expect(
      rig.engine.useCases.awardBid(bid.bidId, { kw: 10, pricePerKwPerHour: 0 }, TRADER),
    ).rejects.toThrow('kw: 0 kW were offered');
  });

  it('shares no kW with other bids in its time, whatever their product', async () => {
    const rig = await rigWithHistory();
    const first = await create(rig, { maxKw: 60 });
    const second = await create(rig);
    expect(first.bid.offeredKw).toBe(60);
    expect(second.bid.backing.stackedOn).toEqual([first.bid.bidId]);
    expect(second.bid.firmKw).toBeCloseTo(50, 6);
    const third = await create(rig, { product: 'test-sym' });
    expect(third.bid.offeredKw).toBe(0);
    await rig.engine.useCases.withdrawBid(second.bid.bidId);
    const fourth = await create(rig, { product: 'test-sym' });
    const whole = (await create(await rigWithHistory(), { product: 'test-sym' })).bid.firmKw;
    expect(fourth.bid.firmKw).toBeCloseTo((50 / 110) * whole, 6);
  });

  it.each([
    ['an unknown product', { product: 'nope' }, 'product: there is no product nope'],
    [
      'a start that is no block',
      { startMs: BLOCK_MS + 60_000 },
      'block.start: no block of test-up begins then',
    ],
    ['a wrong end', { endMs: BLOCK_MS + HOUR_MS }, 'block.end: the block ends at 2026-01-22T19:00:00.000Z'],
    [
      'a closed gate',
      { startMs: BLOCK_MS - DAY_MS },
      'block.start: gate closure was at 2026-01-20T07:00:00.000Z',
    ],
    [
      'less reliability than the product asks',
      { reliability: 0.8 },
      'reliability: test-up asks for at least 0.9',
    ],
  ])('is refused for %s', async (_, changes, message) => {
    const rig = await startRig({ products: [up] });
    await expect(create(rig, changes)).rejects.toThrow(message);
  });

  it('closes with its gate, and lapses when its block begins without an award', async () => {
    const rig = await rigWithHistory();
    const { bid } = await create(rig);
    const stateNow = async () => (await rig.engine.useCases.bid(bid.bidId))?.state;
    await rig.advance(bid.expiresAtMs - rig.clock.nowMs());
    expect(await stateNow()).toBe('closed');
    await expect(rig.engine.useCases.withdrawBid(bid.bidId)).rejects.toThrow('the bid is closed');
    await rig.advance(bid.startMs - rig.clock.nowMs());
    expect(await stateNow()).toBe('lapsed');
    await expect(
      rig.engine.useCases.awardBid(bid.bidId, { kw: 50, pricePerKwPerHour: 0 }, TRADER),
    ).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

/** A bid for a block that runs now, as if it had been made days ago. */
const runningBid = (changes: Partial<Bid> = {}): Bid => ({
  bidId: asBidId('bid-now'),
  product: up,
  startMs: NOON_MS - HOUR_MS,
  endMs: NOON_MS + 3 * HOUR_MS,
  reliability: 0.9,
  method: 'quantile',
  firmKw: 20,
  offeredKw: 20,
  steps: [],
  backing: {
    dayType: 'weekday',
    days: 60,
    fromDay: null,
    toDay: null,
    rank: 6,
    evses: 2,
    expectedKw: 20,
    leastKw: 20,
    backTest: { held: 9, of: 10, low: 0, high: 1 },
    plannedDay: null,
    plannedKw: 20,
    stackedOn: [],
    sessions: [],
  },
  because: [],
  createdAtMs: NOON_MS - 3 * DAY_MS,
  createdBy: 'trader-1',
  expiresAtMs: NOON_MS - DAY_MS,
  award: { kw: 20, pricePerKwPerHour: 0.02, awardedAtMs: NOON_MS - DAY_MS, awardedBy: 'trader-1' },
  ...changes,
});

describe('a bid on a site or pool', () => {
  const HOME = asSiteId('home');
  const DEPOT = asSiteId('depot');
  /** Six of the ten cars stand on `home`, three on `depot`; both are of the pool `city`, one car is on no site. */
  async function withSites() {
    const rig = await rigWithHistory([{ ...up, minKw: 1, stepKw: 1 }]);
    const site = (siteId: SiteId, cars: number[]) =>
      rig.engine.useCases.saveSite({
        siteId,
        name: siteId,
        pool: 'city',
        stationIds: cars.map((car) => asStationId(`cs-${car}`)),
      });
    await site(HOME, [0, 1, 2, 3, 4, 5]);
    await site(DEPOT, [6, 7, 8]);
    return rig;
  }

  it('counts on the cars there alone, wherever they were known before', async () => {
    const rig = await withSites();
    const home = (await create(rig, { siteId: HOME })).bid;
    expect(home.scope).toEqual({ siteId: HOME, siteIds: [HOME] });
    expect(home.offeredKw).toBe(66);
    expect(home.backing.evses).toBe(6);
    const depot = (await create(rig, { siteId: DEPOT })).bid;
    expect([depot.offeredKw, depot.backing.stackedOn]).toEqual([33, []]);
    await expect(create(rig, { siteId: asSiteId('none') })).rejects.toThrow('siteId: there is no site none');
    await expect(create(rig, { siteId: HOME, pool: 'city' })).rejects.toThrow(
      'pool: give siteId or pool, not both',
    );
  });

  it('shares no kW with bids on parts of it, nor these with it', async () => {
    const rig = await withSites();
    await create(rig, { siteId: HOME, maxKw: 60 });
    const city = (await create(rig, { pool: 'city' })).bid;
    // 6 of 66 kW are left at home, and all 33 of the depot.
    expect(city.firmKw).toBeCloseTo(39, 6);
    expect(city.backing.stackedOn).toHaveLength(1);
    const fleet = (await create(rig)).bid;
    // The one car beside the pool.
    expect(fleet.firmKw).toBeCloseTo(11, 6);
    const more = (await create(rig, { siteId: DEPOT })).bid;
    expect(more.offeredKw).toBe(0);
    const sold = [60, city.offeredKw, fleet.offeredKw].reduce((sum, kw) => sum + kw, 0);
    expect(sold).toBeLessThanOrEqual(110);
  });

  it('once awarded is held by its own cars in every later plan, before what the fleet was sold', async () => {
    const store = createMemoryStore();
    const rig = await startRig({ store, products: [up] });
    await rig.engine.useCases.putPrices(hourlyPrices([0.9, ...Array<number>(11).fill(0.1)]));
    for (const name of ['cs-1', 'cs-2', 'cs-3']) {
      const station = await rig.commission(name);
      await rig.plugIn(station, `tx-${name}`);
    }
    await rig.engine.useCases.saveSite({ siteId: HOME, name: 'home', stationIds: [asStationId('cs-1')] });
    const scope = { siteId: HOME, siteIds: [HOME] };
    await store.bids.insert(runningBid({ bidId: asBidId('of-home'), scope, award: awardOf(11) }));
    await store.bids.insert(runningBid({ bidId: asBidId('of-fleet'), award: awardOf(22) }));
    const again = await startRig({ store, products: [up], clock: rig.clock, link: rig.link });
    const plan = again.engine.useCases.latestPlan();
    const held = (id: string) =>
      (plan?.reserves ?? []).filter(({ bidId }) => bidId === id).map(({ heldKw }) => heldKw);
    expect(held('of-home')).toHaveLength(12);
    for (const kw of [...held('of-home')]) expect(kw).toBeCloseTo(11, 2);
    for (const kw of held('of-fleet')) expect(kw).toBeCloseTo(22, 2);
    expect(plan?.sessions.every(({ shortfallKwh }) => shortfallKwh < 0.01)).toBe(true);
    expect(plan?.lowerBound).toBeLessThanOrEqual((plan?.objective ?? 0) + 1e-9);
  });
});

describe('holidays', () => {
  const calendar: HolidayCalendar = {
    version: 1,
    id: 'here',
    title: 'Here',
    fixed: ['01-22'],
    easterDays: [],
    weekdays: [],
    substitute: false,
    days: [],
    sources: ['test'],
  };

  it('of the product’s calendar are resampled with weekends', async () => {
    const product = { ...up, holidays: 'here' };
    const calendars = new Map([['here', calendar]]);
    const rig = await rigWithHistory([product], { calendars });
    const { bid } = await create(rig);
    // Thursday 22 January; a bid as of any other Thursday rests on weekdays.
    expect(bid.backing.dayType).toBe('weekend');
    expect(bid.backing.days).toBeLessThan(60);
    expect((await create(await rigWithHistory([product]))).bid.backing.dayType).toBe('weekday');
  });
});

const all = { fromMs: NOON_MS - DAY_MS, toMs: NOON_MS + 30 * DAY_MS };

const awardOf = (kw: number) => ({ kw, pricePerKwPerHour: 0.02, awardedAtMs: 0, awardedBy: 't' });

describe('an award', () => {
  /** Two cars that would discharge at noon, where export pays best; with the award they hold 10 kW each. */
  async function rigAtNoon(bid?: Bid): Promise<EngineRig> {
    const store = createMemoryStore();
    if (bid !== undefined) await store.bids.insert(bid);
    const rig = await startRig({ store, products: [up] });
    await rig.engine.useCases.putPrices(hourlyPrices([0.9, ...Array(11).fill(0.1)]));
    for (const name of ['cs-1', 'cs-2']) {
      const station = await rig.commission(name);
      await rig.plugIn(station, `tx-${name}`);
    }
    await rig.advance(1000);
    return rig;
  }

  it('is held by every later plan, before any trade of energy', async () => {
    const free = (await rigAtNoon()).engine.useCases.latestPlan();
    expect(free?.netKw[0]).toBeLessThan(-15);
    expect(free?.reserves).toBeUndefined();
    const rig = await rigAtNoon(runningBid());
    const plan = rig.engine.useCases.latestPlan();
    const stretches = plan?.reserves ?? [];
    expect(stretches.map(({ fromSlot, endSlot }) => endSlot - fromSlot)).toEqual(Array(12).fill(3));
    for (const { awardedKw, heldKw } of stretches) {
      expect(awardedKw).toBe(20);
      expect(heldKw).toBeCloseTo(20, 3);
    }
    // 22 kW of discharge, 20 of them held back while the block lasts.
    for (const netKw of plan?.netKw.slice(0, 36) ?? []) expect(netKw).toBeGreaterThanOrEqual(-2.01);
    expect(plan?.sessions.every(({ shortfallKwh }) => shortfallKwh < 0.01)).toBe(true);
    expect(plan?.objective).toBeLessThan(50);
    expect(plan?.lowerBound).toBeLessThanOrEqual((plan?.objective ?? 0) + 1e-9);
  });

  it('that the cars cannot hold is held as far as they can, and raises one alarm', async () => {
    const rig = await rigAtNoon(
      runningBid({ award: { kw: 40, pricePerKwPerHour: 0.02, awardedAtMs: 0, awardedBy: 't' } }),
    );
    const [first] = rig.engine.useCases.latestPlan()?.reserves ?? [];
    expect(first).toMatchObject({ awardedKw: 40 });
    expect(first?.heldKw).toBeGreaterThan(20);
    expect(first?.heldKw).toBeLessThan(40);
    await rig.advance(10 * 60_000);
    expect(rig.alarms().filter((code) => code === 'award-not-held')).toHaveLength(1);
    const [shortage] = await rig.store.bids.shortages(asBidId('bid-now'));
    expect(shortage?.startMs).toBe(NOON_MS);
    expect(shortage?.missingKw).toBeGreaterThan(0);
    expect(shortage?.missingKw).toBeLessThanOrEqual(40);
  });

  it('is activated by an order in its direction: as much less is held, the order is planned', async () => {
    const rig = await rigAtNoon(runningBid());
    const order = { startMs: NOON_MS, endMs: NOON_MS + HOUR_MS, deltaKw: -15, reason: 'activation' };
    await rig.engine.useCases.createDispatch(order, 'key-1', TRADER);
    await rig.advance(1000);
    const plan = rig.engine.useCases.latestPlan();
    expect(plan?.reserves?.[0]?.awardedKw).toBe(5);
    expect(plan?.reserves?.at(-1)?.awardedKw).toBe(20);
    expect(plan?.netKw[2]).toBeLessThan(-14);
  });

  it('never costs a driver the target', async () => {
    const rig = await rigAtNoon(runningBid({ product: { ...up, direction: 'down' } }));
    expect(rig.engine.useCases.latestPlan()?.sessions.every(({ shortfallKwh }) => shortfallKwh < 0.01)).toBe(
      true,
    );
  });

  it('is recorded once: the same again changes nothing, another one is refused', async () => {
    const rig = await rigWithHistory();
    const { bid } = await create(rig);
    const award = (kw: number) =>
      rig.engine.useCases.awardBid(bid.bidId, { kw, pricePerKwPerHour: 0.03 }, TRADER);
    await expect(award(111)).rejects.toThrow('kw: 110 kW were offered');
    await expect(award(52)).rejects.toThrow('kw: must be at least 10 in steps of 5');
    const first = await award(80);
    expect(first).toMatchObject({ state: 'awarded', bid: { award: { kw: 80, awardedBy: 'trader-1' } } });
    expect(await award(80)).toEqual(first);
    await expect(award(60)).rejects.toMatchObject({ code: 'CONFLICT' });
    await rig.advance(1000);
    expect(rig.engine.useCases.latestPlan()?.causes).toContain('award');
  });

  describe('that is given back', () => {
    const lent = { ...up, release: { closesMinutesBeforeStart: 60 } };
    const release = (rig: EngineRig, bidId: Bid['bidId'], kw: number) =>
      rig.engine.useCases.releaseBid(bidId, kw, TRADER);
    async function awarded(product: MarketProduct) {
      const rig = await rigWithHistory([product]);
      const { bid } = await create(rig);
      await rig.engine.useCases.awardBid(bid.bidId, { kw: 80, pricePerKwPerHour: 0.03 }, TRADER);
      return { rig, bidId: bid.bidId, startMs: bid.startMs };
    }

    it('in part is held for the rest, in whole is held no more, and its kW can be sold again', async () => {
      const { rig, bidId } = await awarded(lent);
      const part = await release(rig, bidId, 30);
      expect(part.state).toBe('awarded');
      expect(part.bid.award).toMatchObject({ kw: 80, releases: [{ kw: 30, releasedBy: 'trader-1' }] });
      expect((await create(rig)).bid.firmKw).toBeCloseTo(60, 6);
      await expect(release(rig, bidId, 45)).rejects.toThrow('kw: 5 kW would be left');
      await expect(release(rig, bidId, 51)).rejects.toThrow('kw: must be above 0 and at most 50');
      expect((await release(rig, bidId, 50)).state).toBe('released');
      await expect(release(rig, bidId, 10)).rejects.toMatchObject({ code: 'CONFLICT' });
      await rig.advance(1000);
      expect(rig.engine.useCases.latestPlan()?.reserves).toBeUndefined();
    });

    it('is refused where the market does not take it back, and when it is too late', async () => {
      const kept = await awarded(up);
      await expect(release(kept.rig, kept.bidId, 80)).rejects.toThrow(
        'test-up: awarded capacity cannot be given back',
      );
      const { rig, bidId, startMs } = await awarded(lent);
      await rig.advance(startMs - HOUR_MS - rig.clock.nowMs());
      await expect(release(rig, bidId, 80)).rejects.toThrow('giving back ended at');
    });
  });

  it('is known again after a restart', async () => {
    const store = await storeWithHistory();
    const rig = await startRig({ store, products: [up] });
    await rig.commission('cs-1');
    await store.bids.insert(runningBid());
    const restarted = await startRig({ store, products: [], clock: rig.clock, link: rig.link });
    expect(restarted.engine.useCases.latestPlan()?.reserves?.[0]).toMatchObject({ bidId: 'bid-now' });
  });
});
