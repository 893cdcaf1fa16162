import { describe, expect, it } from 'vitest';
import type { EnergySlice } from '../../src/simulator/energy-slice.js';
import { type PathOrder, PowerPath } from '../../src/simulator/power-path.js';
import { rampSteps } from '../../src/simulator/power-ramp.js';
import { assumedBattery, DEFAULT_CAR } from '../../src/simulator/session-plan.js';
import { HOUR, MINUTE } from './test-sessions.js';

const BATTERY = assumedBattery(60, DEFAULT_CAR);

/** A path whose orders are `[from, kW]` in time; the last holds. */
function pathOf(orders: [number, number][], response = { reactionMs: 0, rampKwPerS: Infinity }) {
  const slices: EnergySlice[] = [];
  const path = new PowerPath({
    rating: { maxChargeKw: 11, maxDischargeKw: 11 },
    response,
    importWh: 1000,
    exportWh: 500,
    order: (atMs): PathOrder => {
      const index = orders.findLastIndex(([fromMs]) => fromMs <= atMs);
      return {
        askedKw: orders[index]?.[1] ?? 0,
        operationMode: 'CentralSetpoint',
        untilMs: orders[index + 1]?.[0] ?? Infinity,
        idle: false,
      };
    },
    onSlice: (slice) => slices.push(slice),
  });
  return { path, slices };
}

describe('a power path', () => {
  it('runs through the edges of its orders however late it is asked', () => {
    const { path, slices } = pathOf([
      [0, 10],
      [HOUR, -5],
      [2 * HOUR, 0],
    ]);
    path.plugIn(BATTERY, 30, true, 0);
    path.advanceTo(10 * HOUR);
    expect(path.registersWh).toEqual({ importWh: 1000 + 10_000, exportWh: 500 + 5_000 });
    expect(path.energyKwh).toBeCloseTo(30 + 10 * 0.95 - 5 / 0.95, 9);
    expect(slices.every(({ fromMs, toMs }) => toMs - fromMs <= 15 * MINUTE)).toBe(true);
    expect(path.timeSpentChargingS).toBe(3600);
  });

  it('is the same asked often as asked once', () => {
    const once = pathOf([[0, 7.3]]).path;
    const often = pathOf([[0, 7.3]]).path;
    for (const path of [once, often]) path.plugIn(BATTERY, 50, true, 0);
    for (let atMs = 0; atMs < 3 * HOUR; atMs += 7_777) often.advanceTo(atMs);
    often.advanceTo(3 * HOUR);
    once.advanceTo(3 * HOUR);
    expect(often.registersWh).toEqual(once.registersWh);
    expect(often.energyKwh).toBeCloseTo(once.energyKwh, 9);
  });

  it('rounds registers down to whole Wh and keeps the exact energy', () => {
    const { path } = pathOf([[0, 10]]);
    path.plugIn(BATTERY, 30, true, 0);
    path.advanceTo(1000);
    expect(path.exactKwh.importKwh).toBeCloseTo(10 / 3600, 12);
    expect(path.registersWh.importWh).toBe(1002);
  });

  it('never exports from a car that only charges, nor above the ratings', () => {
    const { path } = pathOf([
      [0, -11],
      [HOUR, 100],
    ]);
    path.plugIn(BATTERY, 30, false, 0);
    path.advanceTo(2 * HOUR);
    expect(path.exactKwh).toEqual({ importKwh: expect.closeTo(11, 9), exportKwh: 0 });
  });

  it('tells Charging, SuspendedEVSE and SuspendedEV apart', () => {
    const { path } = pathOf([
      [0, 5],
      [HOUR, 0],
      [2 * HOUR, -11],
    ]);
    expect(path.state).toBe('Idle');
    path.plugIn(BATTERY, 20, true, 0);
    expect(path.state).toBe('Charging');
    path.advanceTo(HOUR);
    expect(path.state).toBe('SuspendedEVSE');
    path.advanceTo(2 * HOUR);
    expect(path.state).toBe('Charging');
    path.advanceTo(5 * HOUR);
    expect(path.state).toBe('SuspendedEV');
    expect(path.energyKwh).toBe(12);
  });

  it('foresees when the floor ends its discharge', () => {
    const { path } = pathOf([[0, -9.5]]);
    path.plugIn(BATTERY, 22, true, 0);
    expect(path.nextChangeMs).toBe(HOUR);
  });
});

describe('a ramp', () => {
  const slow = { reactionMs: 2_000, rampKwPerS: 4 };

  it('waits, then climbs in one-second steps', () => {
    expect(rampSteps(0, 10, 0, slow)).toEqual([
      { atMs: 0, powerKw: 0 },
      { atMs: 2_000, powerKw: 4 },
      { atMs: 3_000, powerKw: 8 },
      { atMs: 4_000, powerKw: 10 },
    ]);
  });

  it('lets go of an export at once and only then climbs to import', () => {
    expect(rampSteps(-10, 6, 0, slow)).toEqual([
      { atMs: 0, powerKw: 0 },
      { atMs: 2_000, powerKw: 4 },
      { atMs: 3_000, powerKw: 6 },
    ]);
    expect(rampSteps(-10, -3, 0, slow)).toEqual([{ atMs: 0, powerKw: -3 }]);
    expect(rampSteps(-10, 0, 0, slow)).toEqual([{ atMs: 0, powerKw: 0 }]);
  });

  it('is exact in its energy', () => {
    const { path } = pathOf([[0, -10]], slow);
    path.plugIn(BATTERY, 30, true, 0);
    path.advanceTo(10_000);
    // 1 s at 4 kW, 1 s at 8 kW, 6 s at 10 kW.
    expect(path.exactKwh.exportKwh).toBeCloseTo(72 / 3600, 12);
  });
});
