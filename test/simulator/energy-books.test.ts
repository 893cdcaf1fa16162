import { describe, expect, it } from 'vitest';
import { backOffMs } from '../../src/simulator/csms-link.js';
import {
  appendSlice,
  type EnergySlice,
  energyPerSlot,
  powerKwInSlices,
} from '../../src/simulator/energy-slice.js';
import { type MeterSnapshot, meterValueOf } from '../../src/simulator/meter-values.js';
import { seededRandom, seedOf } from '../../src/simulator/seeded-random.js';
import { isTargetReachable, uncontrolledCharging } from '../../src/simulator/uncontrolled.js';
import { EVENING, HOUR, MINUTE, sessionPlan } from './test-sessions.js';

describe('uncontrolled charging', () => {
  it('charges at full power from plug-in until the target, and never exports', () => {
    const plan = sessionPlan({ arrivalKwh: 30, targetKwh: 48 });
    const { slices, finalKwh, importKwh } = uncontrolledCharging(plan, 11);
    expect(finalKwh).toBeCloseTo(48, 6);
    expect(importKwh).toBeCloseTo(18 / 0.95, 6);
    expect(slices.at(-1)!.toMs - plan.plugInMs).toBeCloseTo((18 / 0.95 / 11) * HOUR, 0);
    expect(slices.every(({ exportKwh, startKw }) => exportKwh === 0 && startKw === 11)).toBe(true);
  });

  it('stops when the car leaves', () => {
    const plan = sessionPlan({ plugOutMs: EVENING + MINUTE + HOUR });
    expect(uncontrolledCharging(plan, 11).importKwh).toBeCloseTo(11, 9);
  });

  it('tells a target that can be reached from one that cannot', () => {
    // 10.45 kWh an hour are stored at 11 kW.
    const inAnHour = (targetKwh: number) => sessionPlan({ targetKwh, plugOutMs: EVENING + MINUTE + HOUR });
    expect(isTargetReachable(inAnHour(40), 11)).toBe(true);
    expect(isTargetReachable(inAnHour(40.5), 11)).toBe(false);
    expect(isTargetReachable(inAnHour(40), 7)).toBe(false);
    expect(isTargetReachable(sessionPlan({ targetKwh: 61 }), 11)).toBe(false);
    // A full battery takes the taper into account: the last 10 % are slow.
    const toFull = sessionPlan({ arrivalKwh: 55, targetKwh: 60, plugOutMs: EVENING + MINUTE + HOUR / 2 });
    expect(isTargetReachable(toFull, 11)).toBe(false);
  });
});

describe('energy per price slot', () => {
  const slice = (fromMin: number, toMin: number, kw: number): EnergySlice => ({
    fromMs: EVENING + fromMin * MINUTE,
    toMs: EVENING + toMin * MINUTE,
    startKw: kw,
    endKw: kw,
    importKwh: (Math.max(0, kw) * (toMin - fromMin)) / 60,
    exportKwh: (Math.max(0, -kw) * (toMin - fromMin)) / 60,
  });

  it('adds import and export apart, and leaves out what lies outside', () => {
    const slices = [slice(-15, 0, 4), slice(0, 15, 8), slice(15, 30, -4), slice(60, 75, 12)];
    expect(energyPerSlot(slices, { startMs: EVENING, slotMinutes: 60, slots: 1 })).toEqual({
      importKwh: [2],
      exportKwh: [1],
    });
  });

  it('shares out within a quarter hour by time', () => {
    const { importKwh } = energyPerSlot([slice(0, 15, 12)], { startMs: EVENING, slotMinutes: 5, slots: 3 });
    expect(importKwh.map((kwh) => Math.round(kwh * 1e9) / 1e9)).toEqual([1, 1, 1]);
  });

  it('merges what goes on at the same power, but not over a quarter hour', () => {
    const slices: EnergySlice[] = [];
    for (const [from, to, kw] of [
      [0, 5, 8],
      [5, 15, 8],
      [15, 20, 8],
      [20, 30, 9],
    ] as const) {
      appendSlice(slices, slice(from, to, kw));
    }
    expect(slices.map(({ fromMs, toMs }) => (toMs - fromMs) / MINUTE)).toEqual([15, 5, 10]);
  });

  it('finds the power at an instant', () => {
    const slices = [slice(0, 15, 8), slice(20, 30, -4)];
    const at = (minute: number) => powerKwInSlices(slices, EVENING + minute * MINUTE);
    expect([-1, 0, 14, 15, 20, 29, 30].map(at)).toEqual([0, 8, 8, 0, -4, -4, 0]);
  });
});

describe('what a meter says', () => {
  const snapshot = (powerKw: number, setpointKw?: number): MeterSnapshot => ({
    timestamp: '2026-01-20T18:00:00.000Z',
    importWh: 5,
    exportWh: 7,
    powerKw,
    ...(setpointKw === undefined ? {} : { setpointKw }),
    socFraction: 0.619,
    targetRequestKwh: 1.5,
    minRequestKwh: -3,
    maxRequestKwh: 4,
    minV2xRequestKwh: -2,
    maxV2xRequestKwh: 3,
  });
  const valuesOf = (of: MeterSnapshot, style: 'import-and-export' | 'negative-import', ...names: string[]) =>
    meterValueOf(of, names, 'Sample.Periodic', style)?.sampledValue.map(({ value }) => value);
  const POWERS = [
    'Power.Active.Import',
    'Power.Active.Export',
    'Power.Active.Setpoint',
    'Power.Active.Residual',
  ];

  it('gives import and export as two magnitudes, the residual with the sign of the standard', () => {
    expect(valuesOf(snapshot(-9.93, -10), 'import-and-export', ...POWERS)).toEqual([0, 9930, -10_000, -70]);
    expect(valuesOf(snapshot(10.94, 11), 'import-and-export', ...POWERS)).toEqual([10_940, 0, 11_000, -60]);
  });

  it('or import below zero and no export, as many stations do', () => {
    expect(valuesOf(snapshot(-9.93), 'negative-import', ...POWERS)).toEqual([-9930]);
  });

  it('gives whole percents and signed energy requests, and leaves out what it does not know', () => {
    expect(
      valuesOf(
        snapshot(0),
        'import-and-export',
        'SoC',
        'EnergyRequest.Target',
        'EnergyRequest.Minimum.V2X',
        'Voltage',
      ),
    ).toEqual([61, 1500, -2000]);
    expect(valuesOf(snapshot(0), 'import-and-export', 'Voltage')).toBeUndefined();
  });
});

describe('chance', () => {
  it('is the same for the same seed and another for another name', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(1)).toEqual(draw(1));
    expect(draw(seedOf(1, 'a'))).not.toEqual(draw(seedOf(1, 'b')));
  });

  it('is even: the mean of ten thousand draws is near a half', () => {
    const random = seededRandom(42);
    const draws = Array.from({ length: 10_000 }, random);
    expect(draws.reduce((sum, value) => sum + value, 0) / draws.length).toBeCloseTo(0.5, 1.5);
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
  });

  it('doubles the wait before a reconnect so many times and no more', () => {
    const backOff = { waitMinimumS: 10, randomRangeS: 4, repeatTimes: 3 };
    const half = () => 0.5;
    expect([0, 1, 2, 3, 4, 9].map((failures) => backOffMs(backOff, failures, half) / 1000)).toEqual([
      12, 22, 42, 82, 82, 82,
    ]);
  });
});
