import { describe, expect, it } from 'vitest';
import {
  asSiteId,
  asStationId,
  asTransactionId,
  type StationId,
  type TransactionId,
} from '../../src/domain/ids.js';
import type { ChargingNeeds } from '../../src/domain/session.js';
import { DEFAULT_SETTINGS } from '../../src/engine/settings.js';
import { hourlyPrices, startRig } from '../support/engine/engine-rig.js';
import { HOUR_MS, NOON_MS, needsOf, v2gModel } from '../support/engine/fixtures.js';
import { readScenarios, type Scenario } from './scenario.js';

const CALLER = { keyId: 'scenario', role: 'trader' as const };
const SLOTS_PER_HOUR = 60 / DEFAULT_SETTINGS.planSlotMinutes;
/** Powers below this are none, kW. */
const NO_KW = 0.01;

async function play(scenario: Scenario) {
  const rig = await startRig();
  const { useCases, stationEvents } = rig.engine;
  if (scenario.prices !== undefined) {
    const { importPerKwh, exportPerKwh } = scenario.prices;
    await useCases.putPrices(hourlyPrices(importPerKwh, exportPerKwh));
  }
  const stationIds: StationId[] = [];
  for (const { station, model } of scenario.cars)
    stationIds.push(await rig.commission(station, v2gModel(model)));
  for (const { siteId, stations, ...limits } of scenario.sites ?? []) {
    await useCases.saveSite({
      siteId: asSiteId(siteId),
      name: siteId,
      stationIds: stations.map(asStationId),
      ...limits,
    });
  }
  const transactionIds: TransactionId[] = [];
  for (const [index, car] of scenario.cars.entries()) {
    const transactionId = asTransactionId(`tx-${index}`);
    transactionIds.push(transactionId);
    await rig.plugIn(stationIds[index]!, transactionId, null);
    await stationEvents.chargingNeeds(stationIds[index]!, 1, needsFor(car, rig.clock.nowMs()));
    if (car.optOut === true) await useCases.overrideSession(transactionId, { optOut: true });
  }
  await rig.advance(1_000);
  for (const [index, { fromHour, toHour, targetNetKw }] of (scenario.orders ?? []).entries()) {
    const span = { startMs: NOON_MS + fromHour * HOUR_MS, endMs: NOON_MS + toHour * HOUR_MS };
    await useCases.createDispatch({ ...span, targetNetKw, reason: 'scenario' }, `order-${index}`, CALLER);
  }
  await rig.advance(1_000);
  const views = await Promise.all(transactionIds.map((transactionId) => useCases.session(transactionId)));
  return { plan: useCases.latestPlan()!, views, alarms: rig.alarms() };
}

function needsFor({ departureHour, needs }: Scenario['cars'][number], nowMs: number): ChargingNeeds {
  const { departureMs: _, ...open } = needsOf({ ...needs, statedAtMs: nowMs, receivedAtMs: nowMs });
  return departureHour === null ? open : { ...open, departureMs: NOON_MS + departureHour * HOUR_MS };
}

/** Hours in which the plan does what `isSo` says, at least for one slot. */
function hoursWith(netKw: readonly number[], isSo: (kw: number) => boolean): number[] {
  const hours = netKw.flatMap((kw, slot) => (isSo(kw) ? [Math.floor(slot / SLOTS_PER_HOUR)] : []));
  return [...new Set(hours)];
}

/** What holds in every scenario: battery and power limits, and a shortfall that is what is missing. */
function checkPhysics(scenario: Scenario, { plan, views }: Awaited<ReturnType<typeof play>>): void {
  const { chargeEfficiency, dischargeEfficiency } = DEFAULT_SETTINGS;
  views.forEach((view, index) => {
    const { window, needs } = view!.session;
    const planned = plan.sessions.find((session) => session.transactionId === view!.session.transactionId)!;
    let kwh = window!.energyAtStatedKwh;
    const floorKwh = Math.min(window!.minEnergyKwh, kwh);
    const ceilingKwh = Math.max(window!.targetEnergyKwh, window!.v2xCeilingKwh ?? window!.maxEnergyKwh);
    for (const kw of planned.netKw) {
      expect(kw).toBeLessThanOrEqual(needs!.maxChargeKw! + 1e-6);
      expect(kw).toBeGreaterThanOrEqual(-needs!.maxDischargeKw! - 1e-6);
      kwh += (kw > 0 ? kw * chargeEfficiency : kw / dischargeEfficiency) / SLOTS_PER_HOUR;
      expect(kwh).toBeGreaterThanOrEqual(floorKwh - 1e-3);
      expect(kwh).toBeLessThanOrEqual(ceilingKwh + 1e-3);
    }
    const isEnding = scenario.cars[index]!.departureHour !== null && scenario.cars[index]!.optOut !== true;
    if (isEnding) expect(Math.max(0, window!.targetEnergyKwh - kwh)).toBeCloseTo(planned.shortfallKwh, 2);
  });
}

describe('the plan of a scenario', () => {
  it.each(readScenarios())('$name: $scenario.title', async ({ scenario }) => {
    const played = await play(scenario);
    const { plan, views, alarms } = played;
    const wanted = scenario.expect;
    checkPhysics(scenario, played);
    if (wanted.mostNetKw !== undefined)
      expect(Math.max(...plan.netKw)).toBeLessThanOrEqual(wanted.mostNetKw + 1e-6);
    if (wanted.leastNetKw !== undefined)
      expect(Math.min(...plan.netKw)).toBeGreaterThanOrEqual(wanted.leastNetKw - 1e-6);
    for (const [hour, kw] of Object.entries(wanted.netKwInHour ?? {})) {
      const slots = plan.netKw.slice(Number(hour) * SLOTS_PER_HOUR, (Number(hour) + 1) * SLOTS_PER_HOUR);
      expect(Math.abs(slots.reduce((sum, one) => sum + one, 0) / slots.length - kw)).toBeLessThan(0.05);
    }
    expect(alarms).toEqual(wanted.alarms ?? []);
    wanted.cars.forEach((car, index) => {
      const view = views[index]!;
      const netKw = view.plan!.netKw;
      if (car.exportHours !== undefined)
        expect(hoursWith(netKw, (kw) => kw < -NO_KW)).toEqual(car.exportHours);
      if (car.importHours !== undefined)
        expect(hoursWith(netKw, (kw) => kw > NO_KW)).toEqual(car.importHours);
      if (car.shortfallKwh !== undefined) expect(view.plan!.shortfallKwh).toBeCloseTo(car.shortfallKwh, 1);
      if (car.notes !== undefined) expect(view.session.window!.notes).toEqual(car.notes);
      if (car.because !== undefined)
        expect(view.plan!.because.map((reason) => reason.text).join(' ')).toContain(car.because);
    });
  });
});
