import { describe, expect, it } from 'vitest';
import { parseProblem } from '../../../solver/index.js';
import type { DispatchOrder } from '../../../src/domain/dispatch.js';
import { asDispatchId, asSiteId } from '../../../src/domain/ids.js';
import { scopeAsks } from '../../../src/engine/dispatch/scopes.js';
import { buildProblem, horizonFor, type PlanningInput } from '../../../src/engine/planning/problem.js';
import { unsteeredLoad } from '../../../src/engine/planning/unsteered-load.js';
import { DEFAULT_SETTINGS } from '../../../src/engine/settings.js';
import { goalOfCar, HOUR_MS, MINUTE_MS, NOON_MS, sessionOf } from '../../support/engine/fixtures.js';

const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;
const SITE = asSiteId('site-1');
const orderOf = (
  id: string,
  fromMinutes: number,
  toMinutes: number,
  netKw: number,
  createdAtMs = NOON_MS,
): DispatchOrder => ({
  dispatchId: asDispatchId(id),
  startMs: at(fromMinutes),
  endMs: at(toMinutes),
  targetNetKw: netKw,
  reason: '',
  createdAtMs,
  createdBy: '',
  state: 'accepted',
  askedNetKw: [{ startMs: at(fromMinutes), netKw }],
});
const drawing = (kw: number) => ({
  session: sessionOf({ siteId: SITE }),
  netKw: new Array<number>(12).fill(kw),
  reason: '',
});
const asksOf = (orders: readonly DispatchOrder[], slots: number) =>
  scopeAsks(orders, { startMs: NOON_MS, slotMinutes: 5, slots });
const inputOf = (changes: Partial<PlanningInput> = {}, slots = 12): PlanningInput => ({
  goals: [goalOfCar()],
  horizon: { startMs: NOON_MS, slotMinutes: 5, slots },
  prices: {
    currency: 'EUR',
    importPerKwh: new Array(slots).fill(0.2),
    exportPerKwh: new Array(slots).fill(0.1),
  },
  sites: [],
  asks: [],
  unsteered: unsteeredLoad([], slots),
  settings: DEFAULT_SETTINGS,
  ...changes,
});

describe('the horizon', () => {
  it('begins with the slot that contains now and ends with the last goal or order', () => {
    const goal = goalOfCar({ planUntilMs: at(61) });
    expect(horizonFor([goal], [], at(3), DEFAULT_SETTINGS)).toEqual({
      startMs: NOON_MS,
      slotMinutes: 5,
      slots: 13,
    });
    expect(horizonFor([goal], [orderOf('a', 60, 90, 1)], NOON_MS, DEFAULT_SETTINGS).slots).toBe(18);
  });

  it('has one slot for an empty fleet and at most the longest', () => {
    expect(horizonFor([], [], NOON_MS, DEFAULT_SETTINGS).slots).toBe(1);
    const nextWeek = goalOfCar({ planUntilMs: NOON_MS + 200 * HOUR_MS });
    expect(horizonFor([nextWeek], [], NOON_MS, DEFAULT_SETTINGS).slots).toBe(36 * 12);
  });
});

describe('the problem document', () => {
  it('is what the solver’s own check accepts, with one vehicle per goal under its transaction id', () => {
    const problem = buildProblem(inputOf());
    expect(parseProblem(problem)).toEqual(problem);
    expect(problem.vehicles[0]).toMatchObject({
      id: 'tx-1',
      firstSlot: 0,
      energyKwh: 20,
      minEnergyKwh: 6,
      maxEnergyKwh: 57,
      targetEnergyKwh: 40,
      maxChargeKw: 11,
      maxDischargeKw: 11,
    });
    expect(problem.commitment).toBeUndefined();
  });

  it('gives a car only whole slots before its end, and the present one when that is all', () => {
    const endSlot = (minutes: number) =>
      buildProblem(inputOf({ goals: [goalOfCar({ planUntilMs: at(minutes) })] })).vehicles[0]?.endSlot;
    expect([14, 15, 4, 0, 600].map(endSlot)).toEqual([2, 3, 1, 1, 12]);
  });

  it('asks no more of a car that charges at once than full power can do in whole slots', () => {
    const goal = goalOfCar({ chargeNow: 'opted-out', maxDischargeKw: 0, planUntilMs: at(13) });
    const [vehicle] = buildProblem(inputOf({ goals: [goal] })).vehicles;
    // Two slots of 5 minutes at 11 kW with 92 %.
    expect(vehicle?.targetEnergyKwh).toBeCloseTo(20 + (11 / 6) * 0.92, 9);
  });

  it('leaves a site’s import limit less what nobody steers there, never below zero', () => {
    const site = { siteId: SITE, name: 'Depot', importLimitKw: 50, exportLimitKw: 20, stationIds: [] };
    const withLoad = (importKw: number) =>
      buildProblem(
        inputOf({
          sites: [site],
          unsteered: unsteeredLoad([drawing(importKw)], 12),
        }),
      ).sites;
    expect(withLoad(15)).toEqual([{ id: 'site-1', importLimitKw: 35, exportLimitKw: 20 }]);
    expect(withLoad(80)[0]?.importLimitKw).toBe(0);
  });

  it('ties a car to its site only when that site is known', () => {
    const goals = [goalOfCar({ session: sessionOf({ siteId: SITE }) })];
    expect(buildProblem(inputOf({ goals })).vehicles[0]).not.toHaveProperty('siteId');
    const sites = [{ siteId: SITE, name: '', stationIds: [] }];
    expect(buildProblem(inputOf({ goals, sites })).vehicles[0]?.siteId).toBe('site-1');
    expect(buildProblem(inputOf({ goals, sites })).sites).toEqual([{ id: 'site-1' }]);
  });

  it('commits the steered cars to what an order asks, less what nobody steers', () => {
    const problem = buildProblem(
      inputOf(
        { asks: asksOf([orderOf('a', 10, 25, -30)], 6), unsteered: unsteeredLoad([drawing(4)], 12) },
        6,
      ),
    );
    expect(problem.commitment).toEqual({ netKw: [null, null, -34, -34, -34, null], deviationPerKwh: 1 });
  });

  it('gives a slot to an order that covers its middle', () => {
    const netKw = buildProblem(inputOf({ asks: asksOf([orderOf('a', 2, 13, 9)], 4) }, 4)).commitment?.netKw;
    expect(netKw).toEqual([9, 9, 9, null]);
    expect(buildProblem(inputOf({ asks: asksOf([orderOf('a', 3, 7, 9)], 2) }, 2)).commitment).toBeUndefined();
  });

  it('lets the newest of two orders have the slots that both want', () => {
    const older = orderOf('a', 0, 20, 10, NOON_MS);
    const newer = orderOf('b', 10, 15, -5, NOON_MS + 1);
    for (const orders of [
      [older, newer],
      [newer, older],
    ])
      expect(buildProblem(inputOf({ asks: asksOf(orders, 5) }, 5)).commitment?.netKw).toEqual([
        10,
        10,
        -5,
        10,
        null,
      ]);
  });
});
