import { describe, expect, it } from 'vitest';
import { asTransactionId } from '../../src/domain/ids.js';
import type { PriceSeries } from '../../src/domain/price.js';
import { carAt, hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../support/engine/fixtures.js';

const TX = asTransactionId('tx-1');
const PRICES = hourlyPrices(
  [0.3, ...new Array<number>(23).fill(0.1)],
  [0.25, ...new Array<number>(23).fill(0.05)],
);

async function rigWithCar() {
  const rig = await startRig();
  await rig.engine.useCases.putPrices(PRICES);
  const stationId = await rig.commission();
  await rig.plugIn(stationId, TX);
  await rig.advance(1_000);
  return { ...rig, stationId };
}

describe('the fleet now', () => {
  it('is import and export apart, with the plan and the price beside it', async () => {
    const { engine, meter, stationId, commission, plugIn, advance } = await rigWithCar();
    const second = await commission('cs-2');
    await plugIn(second, 'tx-2');
    await advance(MINUTE_MS);
    await meter(stationId, TX, 1, { importRegisterWh: 1_000, exportRegisterWh: 700, exportKw: 9 });
    await meter(second, 'tx-2', 1, { importRegisterWh: 1_150, exportRegisterWh: 500, importKw: 7 });
    const fleet = engine.useCases.fleet();
    expect(fleet).toMatchObject({
      stationsOnline: 2,
      stationsKnown: 2,
      sessionsActive: 2,
      importKw: 7,
      exportKw: 9,
      netKw: -2,
      importKwhTotal: 0.15,
      exportKwhTotal: 0.2,
      importPerKwh: 0.3,
      exportPerKwh: 0.25,
      currency: 'EUR',
    });
    expect(fleet.evses).toEqual([
      { evseId: 'cs-1/1', importKw: 0, exportKw: 9 },
      { evseId: 'cs-2/1', importKw: 7, exportKw: 0 },
    ]);
    expect(fleet.plannedNetKw).toBeCloseTo(engine.useCases.latestPlan()!.netKw[0]!, 9);
    expect(fleet.flexUpKw).toBeCloseTo(2 + 18, 9);
    expect(fleet.flexDownKw).toBeCloseTo(20 + 4, 9);
  });

  it('is announced at most once a second, however many events come', async () => {
    const { events, meter, stationId, advance } = await rigWithCar();
    const count = () => events.filter((event) => event.kind === 'fleet').length;
    await advance(2_000);
    const before = count();
    for (let seqNo = 1; seqNo <= 20; seqNo++)
      await meter(stationId, TX, seqNo, { importRegisterWh: 1_000 + seqNo });
    await advance(2_000);
    expect(count() - before).toBe(1);
  });

  it('goes on being announced when one listener fails', async () => {
    const { engine, events, meter, stationId, advance, complaints } = await rigWithCar();
    engine.useCases.subscribe(() => {
      throw new Error('a listener with a fault');
    });
    const before = events.length;
    await meter(stationId, TX, 1, { importRegisterWh: 1_001 });
    await advance(2_000);
    expect(events.length).toBeGreaterThan(before);
    expect(complaints).toContain('a listener of engine events failed');
  });

  it('has an envelope that holds its plan', async () => {
    const { engine } = await rigWithCar();
    const plan = engine.useCases.latestPlan()!;
    engine.useCases.envelope().forEach((step, slot) => {
      expect(plan.netKw[slot]).toBeGreaterThanOrEqual(step.minNetKw - 1e-6);
      expect(plan.netKw[slot]).toBeLessThanOrEqual(step.maxNetKw + 1e-6);
    });
  });
});

describe('history and settlement', () => {
  it('hold the same energy as the registers, to the Wh', async () => {
    const { engine, follow, meter, stationId, advance } = await rigWithCar();
    const car = carAt(stationId, TX);
    await follow(car, 47);
    await advance(MINUTE_MS);
    car.seqNo += 1;
    await meter(
      stationId,
      TX,
      car.seqNo,
      { importRegisterWh: car.importRegisterWh, exportRegisterWh: car.exportRegisterWh },
      'ended',
    );
    const importKwh = (car.importRegisterWh - 1_000) / 1000;
    const exportKwh = (car.exportRegisterWh - 500) / 1000;
    const span = { fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS };
    const lines = await engine.useCases.settlements(span);
    const history = await engine.useCases.history({ ...span, stepS: 420 });
    for (const parts of [lines, history]) {
      expect(parts.reduce((sum, part) => sum + part.importKwh, 0)).toBeCloseTo(importKwh, 6);
      expect(parts.reduce((sum, part) => sum + part.exportKwh, 0)).toBeCloseTo(exportKwh, 6);
    }
    expect(importKwh + exportKwh).toBeGreaterThan(4);
    expect(lines.reduce((sum, line) => sum + line.cost!, 0)).toBeCloseTo(importKwh * 0.3, 6);
    expect(lines.reduce((sum, line) => sum + line.credit!, 0)).toBeCloseTo(exportKwh * 0.25, 6);
    expect(lines.every((line) => !line.provisional)).toBe(true);
    expect(engine.useCases.fleet()).toMatchObject({
      importKwhTotal: expect.closeTo(importKwh, 9),
      exportKwhTotal: expect.closeTo(exportKwh, 9),
    });
  });

  it('bill nothing twice over neighbouring spans, wherever they meet', async () => {
    const { engine, follow, stationId } = await rigWithCar();
    await follow(carAt(stationId, TX), 59);
    const whole = await engine.useCases.settlements({ fromMs: NOON_MS, toMs: NOON_MS + HOUR_MS });
    for (const minutes of [10, 15, 22, 44]) {
      const cutMs = NOON_MS + minutes * MINUTE_MS;
      const before = await engine.useCases.settlements({ fromMs: NOON_MS, toMs: cutMs });
      const after = await engine.useCases.settlements({ fromMs: cutMs, toMs: NOON_MS + HOUR_MS });
      expect([...before, ...after]).toEqual(whole);
    }
  });
});

describe('prices', () => {
  it('come back as a series, up to the first gap', async () => {
    const { engine } = await rigWithCar();
    const later = { ...PRICES, startMs: NOON_MS + 30 * HOUR_MS };
    await engine.useCases.putPrices(later);
    const series = await engine.useCases.prices({ fromMs: NOON_MS, toMs: NOON_MS + 60 * HOUR_MS });
    expect(series).toEqual({ ...PRICES, kind: 'day-ahead' });
    expect(await engine.useCases.prices({ fromMs: 0, toMs: 1 })).toBeUndefined();
  });

  it('of another zone never take the place of those in use; the setting chooses, also after a restart', async () => {
    const rig = await startRig();
    const alarms: string[] = [];
    rig.engine.useCases.subscribe((event) => {
      if (event.kind === 'alarm') alarms.push(event.alarm.code);
    });
    await rig.engine.useCases.putPrices({ ...PRICES, zone: 'Z' });
    await rig.advance(1_000);
    const other = { ...PRICES, zone: 'A', importPerKwh: PRICES.importPerKwh.map(() => 1) };
    await rig.engine.useCases.putPrices(other);
    expect(alarms).toEqual(['price-zone-unused']);
    expect(rig.engine.useCases.fleet().importPerKwh).toBe(PRICES.importPerKwh[0]);
    const again = await startRig({ store: rig.store });
    expect(again.engine.useCases.fleet().importPerKwh).toBe(PRICES.importPerKwh[0]);
    const chosen = await startRig({ store: rig.store, settings: { priceZone: 'A' } });
    expect(chosen.engine.useCases.fleet().importPerKwh).toBe(1);
    const ask = { fromMs: NOON_MS, toMs: NOON_MS + 60 * HOUR_MS };
    expect((await chosen.engine.useCases.prices(ask))?.zone).toBe('A');
    expect((await chosen.engine.useCases.prices({ ...ask, zone: 'Z' }))?.zone).toBe('Z');
  });

  it('of the configured market count, day-ahead ones where it has none, and the plan says which', async () => {
    const rig = await startRig({ settings: { priceKind: 'intraday' } });
    await rig.plugIn(await rig.commission(), TX);
    await rig.engine.useCases.putPrices({ ...PRICES, source: 'the auction' });
    await rig.advance(1_000);
    expect(rig.engine.useCases.fleet().importPerKwh).toBe(PRICES.importPerKwh[0]);
    const quarter = { ...PRICES, slotMinutes: 15, importPerKwh: [0.9], exportPerKwh: [0.8] };
    await rig.engine.useCases.putPrices({ ...quarter, kind: 'intraday', source: 'the exchange' });
    await rig.advance(1_000);
    const plan = rig.engine.useCases.latestPlan()!;
    expect(plan.importPerKwh.slice(0, 4)).toEqual([0.9, 0.9, 0.9, PRICES.importPerKwh[0]]);
    expect(plan.priceBasis).toMatchObject({ zone: PRICES.zone, kind: 'intraday', source: 'the exchange' });
  });

  it('that end while a car is plugged in are bridged, with one alarm until new ones are there', async () => {
    const rig = await startRig();
    await rig.engine.useCases.putPrices({ ...PRICES, importPerKwh: [0.3], exportPerKwh: [0.2] });
    await rig.plugIn(await rig.commission(), TX);
    await rig.advance(HOUR_MS - 60_000);
    expect(rig.alarms()).not.toContain('price-missing');
    await rig.advance(HOUR_MS);
    expect(rig.alarms().filter((code) => code === 'price-missing')).toHaveLength(1);
    expect(rig.engine.useCases.latestPlan()?.priceBasis?.bridges[0]).toMatchObject({
      fromSlot: 0,
      rule: 'mean',
    });
    await rig.engine.useCases.putPrices(PRICES);
    await rig.advance(1_000);
    expect(rig.engine.useCases.latestPlan()?.priceBasis?.bridges.some(({ fromSlot }) => fromSlot === 0)).toBe(
      false,
    );
  });

  it('that came before change nothing and ask for no plan', async () => {
    const rig = await startRig();
    const slots = PRICES.importPerKwh.length;
    expect(await rig.engine.useCases.putPrices(PRICES)).toEqual({ slots, changedSlots: slots });
    await rig.advance(1_000);
    const before = rig.engine.useCases.latestPlan()?.planId;
    expect(await rig.engine.useCases.putPrices(PRICES)).toEqual({ slots, changedSlots: 0 });
    await rig.advance(1_000);
    expect(rig.engine.useCases.latestPlan()?.planId).toBe(before);
  });

  it('that are missing are named, with the sources of the others', async () => {
    const rig = await startRig();
    await rig.engine.useCases.putPrices({ ...PRICES, source: 'the auction' });
    const hours = PRICES.importPerKwh.length * (PRICES.slotMinutes / 60);
    const endMs = PRICES.startMs + hours * HOUR_MS;
    const coverage = await rig.engine.useCases.priceCoverage({
      fromMs: PRICES.startMs - HOUR_MS,
      toMs: endMs + HOUR_MS,
    });
    expect(coverage.missing).toEqual([
      { fromMs: PRICES.startMs - HOUR_MS, toMs: PRICES.startMs },
      { fromMs: endMs, toMs: endMs + HOUR_MS },
    ]);
    expect(coverage.sources).toMatchObject([{ source: 'the auction', slots: PRICES.importPerKwh.length }]);
  });

  it.each<[string, Partial<PriceSeries>]>([
    ['importPerKwh', { importPerKwh: [], exportPerKwh: [] }],
    ['exportPerKwh', { exportPerKwh: [1] }],
    ['importPerKwh[1]', { importPerKwh: [1, Number.NaN], exportPerKwh: [1, 1] }],
    ['exportPerKwh[0]', { importPerKwh: [1], exportPerKwh: [Number.POSITIVE_INFINITY] }],
    ['slotMinutes', { slotMinutes: 0 }],
    ['start', { startMs: Number.NaN }],
  ])('are refused by the name of the field: %s', async (fieldPath, changes) => {
    const { engine, store } = await startRig();
    await expect(engine.useCases.putPrices({ ...PRICES, ...changes })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      faults: [{ path: fieldPath }],
    });
    expect(await store.prices.slots({ fromMs: 0, toMs: 1e15 })).toEqual([]);
  });

  it('that are missing leave cars to charge, not to export', async () => {
    const rig = await startRig();
    await rig.plugIn(await rig.commission(), TX);
    await rig.advance(1_000);
    const plan = rig.engine.useCases.latestPlan()!;
    expect(plan.bridgedFromSlot).toBe(0);
    expect(plan.priceBasis?.bridges).toEqual([{ fromSlot: 0, endSlot: plan.netKw.length, rule: 'none' }]);
    expect(Math.min(...plan.netKw)).toBeGreaterThanOrEqual(-1e-6);
    expect(plan.sessions[0]?.shortfallKwh).toBe(0);
  });
});

describe('API keys', () => {
  it('are known by what the store keeps of them: a digest', async () => {
    const { engine, store } = await startRig();
    const { apiKey, keyId } = await engine.useCases.createApiKey({ role: 'trader', name: 'desk' });
    expect(await engine.useCases.authenticate(apiKey)).toEqual({ keyId, role: 'trader' });
    expect(await engine.useCases.authenticate(apiKey)).toEqual({ keyId, role: 'trader' });
    expect(await engine.useCases.authenticate(`${apiKey}x`)).toBeUndefined();
    expect(await store.apiKeys.findByHash(apiKey)).toBeUndefined();
  });

  it('are refused once revoked: here at once, on other nodes within a minute', async () => {
    const { engine, store, advance } = await startRig();
    const here = await engine.useCases.createApiKey({ role: 'trader', name: 'desk' });
    const there = await engine.useCases.createApiKey({ role: 'viewer', name: 'wall' });
    expect((await engine.useCases.apiKeys()).map((key) => key.name)).toEqual(['desk', 'wall']);
    expect(await engine.useCases.authenticate(here.apiKey)).toBeDefined();
    expect(await engine.useCases.authenticate(there.apiKey)).toBeDefined();

    await engine.useCases.revokeApiKey(here.keyId);
    expect(await engine.useCases.authenticate(here.apiKey)).toBeUndefined();
    await expect(engine.useCases.revokeApiKey(here.keyId)).rejects.toMatchObject({ code: 'NOT_FOUND' });

    await store.apiKeys.remove(there.keyId);
    await advance(60_000);
    expect(await engine.useCases.authenticate(there.apiKey)).toBeUndefined();
  });

  it('have one that the operator set for the start, with all rights', async () => {
    const { engine } = await startRig({ adminKey: 'first-key' });
    expect(await engine.useCases.authenticate('first-key')).toEqual({ keyId: 'bootstrap', role: 'admin' });
    expect((await startRig()).engine.useCases.authenticate('first-key')).resolves.toBeUndefined();
  });

  it('have one of the four roles', async () => {
    const { engine } = await startRig();
    await expect(engine.useCases.createApiKey({ role: 'root' as never, name: 'x' })).rejects.toMatchObject({
      faults: [{ path: 'role' }],
    });
  });
});

describe('readiness', () => {
  it('names what is not ready', async () => {
    const { engine } = await rigWithCar();
    expect(await engine.useCases.readiness()).toMatchObject({ ready: true });
    expect((await engine.useCases.readiness()).checks.map((check) => check.name)).toEqual([
      'store',
      'queue',
      'planner',
    ]);
  });
});
