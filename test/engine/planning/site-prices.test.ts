import { describe, expect, it } from 'vitest';
import { asSiteId, asTransactionId, type SiteId } from '../../../src/domain/ids.js';
import type { Tariff } from '../../../src/domain/tariff.js';
import { sitePricesOver } from '../../../src/engine/prices/site-prices.js';
import { createState } from '../../../src/engine/state.js';
import type { PriceSlot } from '../../../src/ports/store.js';
import { carAt, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';

const CALLER = { keyId: 'key-1', role: 'trader' as const };
const HOME = asSiteId('home');
const DEPOT = asSiteId('depot');
const fees = (changes: Partial<Tariff> = {}): Tariff => ({
  version: 1,
  id: 'fees',
  currency: 'EUR',
  timeZone: 'Europe/Berlin',
  validFrom: '2026-01-01',
  importParts: [
    { id: 'energy', kind: 'market', adderPerKwh: 0.01 },
    { id: 'grid-fee', kind: 'fixed', perKwh: 0.08, windows: [{ from: '22:00', to: '06:00', perKwh: 0.02 }] },
    { id: 'vat', kind: 'percent', fraction: 0.19, of: ['energy', 'grid-fee'] },
  ],
  exportParts: [{ id: 'energy', kind: 'market', adderPerKwh: -0.004 }],
  ...changes,
});
const slot = (zone: string, hour: number, price: number, currency = 'EUR'): PriceSlot => ({
  kind: 'day-ahead',
  zone,
  currency,
  startMs: NOON_MS + hour * HOUR_MS,
  slotMinutes: 60,
  importPerKwh: price,
  exportPerKwh: price,
  knownAtMs: NOON_MS,
});
const HORIZON = { startMs: NOON_MS, slotMinutes: 60, slots: 12 };

function stateWith(tariffs: readonly Tariff[]) {
  const state = createState();
  const hours = Array.from({ length: 12 }, (_, hour) => hour);
  state.priceZone = 'DE-LU';
  state.prices = hours.map((hour) => slot('DE-LU', hour, 0.1));
  state.pricesByZone = new Map([
    ['DE-LU', state.prices],
    ['AT', hours.map((hour) => slot('AT', hour, 0.2))],
    ['SE3', hours.map((hour) => slot('SE3', hour, 2, 'SEK'))],
  ]);
  for (const [siteId, priceZone] of [
    [HOME, undefined],
    [DEPOT, 'AT'],
    [asSiteId('north'), 'SE3'],
  ] as const) {
    const zone = priceZone === undefined ? {} : { priceZone };
    state.sites.set(siteId, { siteId, name: siteId, stationIds: [], ...zone });
  }
  state.tariffs = tariffs;
  return state;
}

describe('prices at a site', () => {
  it('are the market’s with every fee, levy and tax on import, and the fee of marketing off export', () => {
    const { prices, tariffIds } = sitePricesOver(stateWith([fees()]), HORIZON)(HOME);
    // Noon UTC is 13:00 in Berlin; the night rate begins at 22:00, in hour 9.
    expect(prices.importPerKwh[8]).toBeCloseTo((0.11 + 0.08) * 1.19, 12);
    expect(prices.importPerKwh[9]).toBeCloseTo((0.11 + 0.02) * 1.19, 12);
    expect(prices.exportPerKwh[0]).toBeCloseTo(0.096, 12);
    expect(tariffIds).toEqual(['fees']);
  });

  it('are those of the site’s own zone', () => {
    const pricesAt = sitePricesOver(stateWith([]), HORIZON);
    expect(pricesAt(DEPOT)).toMatchObject({ zone: 'AT', tariffIds: [] });
    expect(pricesAt(DEPOT).prices.importPerKwh[0]).toBe(0.2);
    expect(pricesAt(undefined)).toBe(pricesAt(HOME));
    expect(pricesAt(HOME).prices.importPerKwh[0]).toBe(0.1);
  });

  it('change with the tariff at the local midnight on which another begins to hold', () => {
    const until = fees({ validTo: '2026-01-21' });
    const after = fees({
      id: 'next',
      validFrom: '2026-01-21',
      importParts: [{ id: 'all', kind: 'fixed', perKwh: 1 }],
    });
    const { prices, tariffIds } = sitePricesOver(stateWith([until, after]), HORIZON)(HOME);
    expect(tariffIds).toEqual(['fees', 'next']);
    // Midnight in Berlin is 23:00 UTC, hour 11.
    expect([prices.importPerKwh[10] === 1, prices.importPerKwh[11]]).toEqual([false, 1]);
  });

  it('go by the tariff that names the site before one for all', () => {
    const named = fees({
      id: 'own',
      siteIds: [DEPOT],
      importParts: [{ id: 'all', kind: 'fixed', perKwh: 0.5 }],
    });
    const pricesAt = sitePricesOver(stateWith([fees(), named]), HORIZON);
    expect(pricesAt(DEPOT).prices.importPerKwh[0]).toBe(0.5);
    expect(pricesAt(DEPOT).prices.exportPerKwh[0]).toBeCloseTo(0.196, 12);
    expect(pricesAt(HOME).tariffIds).toEqual(['fees']);
  });

  it('of another currency count as missing and are said to be bridged, and a foreign tariff is left aside', () => {
    const pricesAt = sitePricesOver(stateWith([fees({ currency: 'SEK' })]), HORIZON);
    expect(pricesAt(asSiteId('north')).prices).toMatchObject({
      currency: 'EUR',
      bridges: [{ fromSlot: 0, endSlot: 12, rule: 'none' }],
    });
    expect(pricesAt(HOME)).toMatchObject({ tariffIds: [] });
    expect(pricesAt(HOME).prices.importPerKwh[0]).toBe(0.1);
  });
});

/** Two cars, one at each of two sites; cheap hours first, dear ones after three hours. */
async function twoSites(tariffs: readonly Tariff[], zone?: string) {
  const rig = await startRig();
  const { useCases } = rig.engine;
  const prices = Array.from({ length: 24 }, (_, hour) => (hour < 3 ? 0.1 : 0.3));
  await useCases.putPrices(hourlyPrices(prices));
  const cars: ReturnType<typeof carAt>[] = [];
  for (const [index, siteId] of [HOME, DEPOT].entries()) {
    const stationId = await rig.commission(`cs-${index}`);
    await rig.plugIn(stationId, `tx-${index}`);
    cars.push(carAt(stationId, `tx-${index}`));
    const priceZone = siteId === DEPOT && zone !== undefined ? { priceZone: zone } : {};
    await useCases.saveSite({ siteId, name: siteId, stationIds: [stationId], ...priceZone });
  }
  for (const tariff of tariffs) await useCases.saveTariff(tariff);
  await rig.advance(1_000);
  const plannedKw = (index: number) =>
    useCases
      .latestPlan()
      ?.sessions.find(({ transactionId }) => transactionId === asTransactionId(`tx-${index}`))?.netKw ?? [];
  return { rig, useCases, cars, plannedKw };
}
const exports = (netKw: readonly number[]) => netKw.some((kw) => kw < -0.1);
const onlyAt = (siteId: SiteId) => fees({ siteIds: [siteId] });

describe('a plan', () => {
  it('trades where the spread pays, and not behind fees that eat it', async () => {
    const { plannedKw, useCases } = await twoSites([onlyAt(HOME)]);
    expect(exports(plannedKw(0))).toBe(false);
    expect(exports(plannedKw(1))).toBe(true);
    const plan = useCases.latestPlan();
    expect(plan).toMatchObject({ status: 'optimal' });
    expect(plan?.lowerBound).toBeLessThanOrEqual((plan?.objective ?? 0) + 1e-9);
    const bases = [plan?.priceBasis, ...(plan?.priceBasis?.elsewhere ?? [])];
    expect(bases.map((basis) => basis?.tariffIds)).toContainEqual(['fees']);
    expect(plan?.priceBasis?.elsewhere).toHaveLength(1);
  });

  it('follows a tariff from the moment at which it is laid down, and after a restart', async () => {
    const { rig, plannedKw, useCases } = await twoSites([]);
    expect([exports(plannedKw(0)), exports(plannedKw(1))]).toEqual([true, true]);
    await useCases.saveTariff(fees());
    await rig.advance(1_000);
    expect([exports(plannedKw(0)), exports(plannedKw(1))]).toEqual([false, false]);
    const again = await startRig({ store: rig.store, clock: rig.clock, link: rig.link });
    expect(again.engine.useCases.latestPlan()?.priceBasis).toMatchObject({ tariffIds: ['fees'] });
    expect(again.engine.useCases.latestPlan()?.priceBasis?.elsewhere).toBeUndefined();
  });

  it('uses the prices of a site’s own zone, and settlement does too', async () => {
    const { rig, plannedKw, useCases, cars } = await twoSites([], 'AT');
    expect(rig.alarms()).toContain('price-missing');
    const flat = { ...hourlyPrices(Array<number>(24).fill(0.25)), zone: 'AT' };
    await useCases.putPrices(flat);
    await rig.advance(1_000);
    expect([exports(plannedKw(0)), exports(plannedKw(1))]).toEqual([true, false]);
    expect(rig.alarms()).not.toContain('price-zone-unused');
    for (const car of cars) {
      await rig.advance(30 * MINUTE_MS);
      await rig.meter(car.stationId, car.transactionId, 1, {
        importRegisterWh: car.importRegisterWh + 2_000,
        exportRegisterWh: car.exportRegisterWh,
      });
    }
    const lines = await useCases.settlements({ fromMs: NOON_MS, toMs: NOON_MS + 2 * HOUR_MS });
    const rateOf = (siteId: SiteId) => {
      const own = lines.filter((line) => line.siteId === siteId && line.importKwh > 0);
      const kwh = own.reduce((sum, { importKwh }) => sum + importKwh, 0);
      return own.reduce((sum, { cost }) => sum + (cost ?? Number.NaN), 0) / kwh;
    };
    expect(rateOf(HOME)).toBeCloseTo(0.1, 9);
    expect(rateOf(DEPOT)).toBeCloseTo(0.25, 9);
  });

  it('fulfils an order on the fleet over sites of different prices: the second does what the first cannot', async () => {
    const { rig, plannedKw, useCases } = await twoSites([onlyAt(HOME)]);
    const order = { startMs: NOON_MS + HOUR_MS, endMs: NOON_MS + 2 * HOUR_MS, reason: 'test' };
    const before = useCases.latestPlan()?.objective ?? Number.NaN;
    const { costDelta } = await useCases.previewDispatch({ ...order, targetNetKw: -18 });
    await useCases.createDispatch({ ...order, targetNetKw: -18 }, 'key-1', CALLER);
    await rig.advance(1_000);
    const plan = useCases.latestPlan();
    const at = (netKw: readonly number[]) => netKw[14] ?? Number.NaN;
    expect(at(plannedKw(0)) + at(plannedKw(1))).toBeCloseTo(-18, 1);
    expect(plan?.netKw[14]).toBeCloseTo(-18, 1);
    expect(plan?.lowerBound).toBeLessThanOrEqual((plan?.objective ?? 0) + 1e-9);
    // What the plan gets dearer by is energy and wear, and no penalty.
    expect(plan?.objective).toBeCloseTo(before + costDelta, 1);
  });

  it('keeps a cap on the fleet over sites of different prices, and still brings both cars their target', async () => {
    const { rig, useCases } = await twoSites([onlyAt(HOME)]);
    const cap = { startMs: NOON_MS, endMs: NOON_MS + 4 * HOUR_MS, importCapKw: 9, reason: 'cap' };
    await useCases.createDispatch(cap, 'key-1', CALLER);
    await rig.advance(1_000);
    const plan = useCases.latestPlan();
    for (const kw of plan?.netKw.slice(0, 47) ?? []) expect(kw).toBeLessThanOrEqual(9.01);
    expect(plan?.sessions.every(({ shortfallKwh }) => shortfallKwh < 0.01)).toBe(true);
  });

  it('previews an order at the prices of each site', async () => {
    const { useCases } = await twoSites([onlyAt(HOME)]);
    const order = {
      startMs: NOON_MS + 4 * HOUR_MS,
      endMs: NOON_MS + 5 * HOUR_MS,
      siteId: HOME,
      reason: 'why',
    };
    const dear = await useCases.previewDispatch({ ...order, targetNetKw: 11 });
    const other = await useCases.previewDispatch({ ...order, siteId: DEPOT, targetNetKw: 11 });
    expect(dear.worstDeviationKw).toBeLessThan(0.1);
    expect(dear.costDelta).toBeGreaterThan(0.5);
    expect(other.worstDeviationKw).toBeLessThan(0.1);
  });
});
