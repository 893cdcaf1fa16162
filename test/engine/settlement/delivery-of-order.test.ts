import { describe, expect, it } from 'vitest';
import { asDispatchId, asSiteId, evseIdOf, type StationId } from '../../../src/domain/ids.js';
import { type EngineRig, hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';

const TRADER = { keyId: 'trader-1', role: 'trader' as const };

describe('the delivery report of an order in the engine', () => {
  it('equals the meter, and flags the time in which the meter was silent', async () => {
    const rig = await startRig();
    await rig.engine.useCases.putPrices(hourlyPrices(Array(12).fill(0.2), Array(12).fill(0.1)));
    const station = await rig.commission();
    await rig.plugIn(station, 'tx-1');
    const startMs = Math.ceil(rig.clock.nowMs() / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
    const request = { startMs, endMs: startMs + 30 * MINUTE_MS, targetNetKw: -6, reason: 'test' };
    const { view } = await rig.engine.useCases.createDispatch(request, 'key-1', TRADER);
    await rig.advance(startMs - rig.clock.nowMs());
    // A reading a minute for twenty minutes at 6 kW of export, then silence until the end.
    for (let minute = 0; minute <= 20; minute++) {
      const exportRegisterWh = 500 + minute * 100;
      await rig.meter(station, 'tx-1', minute + 1, { importRegisterWh: 1000, exportRegisterWh });
      await rig.advance(MINUTE_MS);
    }
    await rig.advance(9 * MINUTE_MS);
    await rig.meter(station, 'tx-1', 22, { importRegisterWh: 1000, exportRegisterWh: 3500 });
    await rig.advance(HOUR_MS);
    const report = await rig.engine.useCases.deliveryReport(view.order.dispatchId, { baseline: 'zero' });
    expect(report).toMatchObject({ direction: 'up', provisional: false, missingSteps: 2, initiationS: 300 });
    expect(report?.askedKwh).toBeCloseTo(3, 9);
    expect(report?.creditedKwh).toBeCloseTo(2, 6);
    expect(report?.exportKwh).toBeCloseTo(2, 6);
    expect(report?.importKwh).toBe(0);
    expect(startMs).toBeGreaterThanOrEqual(NOON_MS);
    expect(await rig.engine.useCases.deliveryReport(asDispatchId('none'))).toBeUndefined();
  });

  it('compares every baseline, each with its error on days without an order', async () => {
    // Monday to Wednesday without an order, a car that draws 6 kW at noon; Thursday with one, and nothing drawn.
    const rig = await startRig({ startMs: NOON_MS - 24 * HOUR_MS - 4 * HOUR_MS });
    await rig.engine.useCases.putPrices(hourlyPrices(Array(12).fill(0.2), Array(12).fill(0.1)));
    const station = await rig.commission();
    for (const day of [1, 2, 3]) await drawAtNoon(rig, station, `tx-${day}`, 6);
    const startMs = rig.clock.nowMs() + 4 * HOUR_MS;
    const request = { startMs, endMs: startMs + 30 * MINUTE_MS, targetNetKw: 0, reason: 'test' };
    const { view } = await rig.engine.useCases.createDispatch(request, 'key-1', TRADER);
    await drawAtNoon(rig, station, 'tx-4', 0);
    const { dispatchId } = view.order;
    const rules = { highest: 1, ofDays: 2, adjustment: 'none' as const };
    const report = await rig.engine.useCases.deliveryReport(dispatchId, { baseline: 'high-x-of-y', rules });
    expect(report?.steps[0]?.baselineKw).toBeCloseTo(6, 6);
    expect(report?.creditedKwh).toBeCloseTo(3, 6);
    expect(report?.basis).toMatchObject({ days: ['2026-01-21'], excludedDays: [] });
    const comparisons = await rig.engine.useCases.deliveryBaselines(dispatchId, rules);
    const of = (name: string) => comparisons?.find(({ baseline }) => baseline === name);
    expect(of('high-x-of-y')).toMatchObject({
      unavailable: null,
      kpis: { days: ['2026-01-21'], biasKw: expect.closeTo(0, 6) },
    });
    expect(of('zero')?.kpis).toMatchObject({
      days: ['2026-01-21', '2026-01-20', '2026-01-19'],
      biasKw: expect.closeTo(-6, 6),
    });
    expect(of('control-group')?.unavailable).toContain('control-group needs 5 EVSEs');
    expect(of('nominated-plan')?.unavailable).toContain('has no nominated plan');
    await expect(
      rig.engine.useCases.deliveryReport(dispatchId, { baseline: 'high-x-of-y', rules: { ofDays: 9 } }),
    ).rejects.toThrow(
      'baseline: high-x-of-y needs 9 like days without an order and with meters; there are 3',
    );
    await expect(
      rig.engine.useCases.deliveryReport(dispatchId, { baseline: 'high-x-of-y', rules: { highest: 9 } }),
    ).rejects.toThrow('highest: must be at most ofDays (5)');
  });

  it('on a site is held against the site’s own EVSEs and like days, whatever others do', async () => {
    const rig = await startRig({ startMs: NOON_MS - 24 * HOUR_MS - 4 * HOUR_MS });
    const { useCases } = rig.engine;
    await useCases.putPrices(hourlyPrices(Array(12).fill(0.2), Array(12).fill(0.1)));
    const [north, south] = [await rig.commission('cs-1'), await rig.commission('cs-2')];
    for (const [name, station] of [
      ['north', north],
      ['south', south],
    ] as const)
      await useCases.saveSite({ siteId: asSiteId(name), name, stationIds: [station] });
    const day = async (number: number, northKw: number, southKw: number) => {
      const fromMs = rig.clock.nowMs();
      await Promise.all([rig.plugIn(north, `n-${number}`, null), rig.plugIn(south, `s-${number}`, null)]);
      await drawUntilNoon(rig, [
        { stationId: north, transactionId: `n-${number}`, drawKw: northKw },
        { stationId: south, transactionId: `s-${number}`, drawKw: southKw },
      ]);
      await rig.advance(fromMs + 24 * HOUR_MS - rig.clock.nowMs());
    };
    const orderOn = (site: string, key: string) => {
      const startMs = rig.clock.nowMs() + 4 * HOUR_MS;
      const request = { startMs, endMs: startMs + 30 * MINUTE_MS, targetNetKw: 0, reason: 'test' };
      return useCases.createDispatch({ ...request, siteId: asSiteId(site) }, key, TRADER);
    };
    await day(1, 6, 20);
    await orderOn('south', 'key-1');
    await day(2, 6, 20);
    const { view } = await orderOn('north', 'key-2');
    await day(3, 0, 20);
    const { dispatchId } = view.order;
    const rules = { highest: 2, ofDays: 2, adjustment: 'none' as const };
    const report = await useCases.deliveryReport(dispatchId, { baseline: 'high-x-of-y', rules });
    expect(report?.basis).toMatchObject({ days: ['2026-01-20', '2026-01-19'], excludedDays: [] });
    expect(report?.steps[0]?.baselineKw).toBeCloseTo(6, 3);
    expect(report?.creditedKwh).toBeCloseTo(3, 3);
    expect(report?.evses.map(({ evseId }) => evseId)).toEqual([evseIdOf(north, 1)]);
    const comparisons = await useCases.deliveryBaselines(dispatchId, rules);
    expect(comparisons?.find(({ baseline }) => baseline === 'zero')?.kpis).toMatchObject({
      biasKw: expect.closeTo(-6, 3),
    });
    expect(comparisons?.find(({ baseline }) => baseline === 'control-group')?.unavailable).toContain(
      'control-group needs 5 EVSEs',
    );
  });
});

/** Plugs in four hours before noon, draws from then on for five hours, metered every five minutes; ends a day later. */
async function drawAtNoon(
  rig: EngineRig,
  stationId: StationId,
  transactionId: string,
  drawKw: number,
): Promise<void> {
  const fromMs = rig.clock.nowMs();
  await rig.plugIn(stationId, transactionId, null);
  await drawUntilNoon(rig, [{ stationId, transactionId, drawKw }]);
  await rig.advance(fromMs + 24 * HOUR_MS - rig.clock.nowMs());
}

/** Cars that are plugged in draw for five hours, metered every five minutes, and leave. */
async function drawUntilNoon(
  rig: EngineRig,
  cars: readonly { readonly stationId: StationId; readonly transactionId: string; readonly drawKw: number }[],
): Promise<void> {
  for (let minute = 5; minute <= 300; minute += 5) {
    await rig.advance(5 * MINUTE_MS);
    for (const { stationId, transactionId, drawKw } of cars) {
      const importRegisterWh = 1000 + (drawKw * 1000 * minute) / 60;
      const kind = minute === 300 ? 'ended' : 'updated';
      await rig.meter(stationId, transactionId, minute / 5, { importRegisterWh }, kind);
    }
  }
}
