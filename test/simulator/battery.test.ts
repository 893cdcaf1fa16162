import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BatterySpec,
  batteryPowerKw,
  DEFAULT_TAPER,
  msToBound,
  msToCharge,
  stepBattery,
} from '../../src/simulator/battery.js';
import { HOUR } from './test-sessions.js';

/** 60 kWh, 90 % one way, 12 kWh for itself. */
const BATTERY: BatterySpec = {
  capacityKwh: 60,
  chargeEfficiency: 0.9,
  dischargeEfficiency: 0.9,
  maxChargeKw: 11,
  maxDischargeKw: 10,
  floorKwh: 12,
  taper: DEFAULT_TAPER,
};

/** A battery whose charging slows down from 50 % on: 100 kW there, 10 kW when full. */
const TAPERING: BatterySpec = {
  ...BATTERY,
  capacityKwh: 100,
  chargeEfficiency: 1,
  maxChargeKw: 200,
  taper: { fromSocFraction: 0.5, startPerHour: 1, fullPerHour: 0.1 },
};

describe('a battery by hand', () => {
  it('stores 9 kWh of 10 kWh charged', () => {
    expect(stepBattery(BATTERY, 30, 10, HOUR)).toEqual({
      energyKwh: 39,
      importKwh: 10,
      exportKwh: 0,
      startKw: 10,
      endKw: 10,
    });
  });

  it('takes 10 kWh from the cells for 9 kWh at the meter', () => {
    const step = stepBattery(BATTERY, 30, -9, HOUR);
    expect(step.energyKwh).toBeCloseTo(20, 12);
    expect(step).toMatchObject({ importKwh: 0, exportKwh: 9 });
  });

  it('gives no more than its own power, whatever is asked', () => {
    expect(batteryPowerKw(BATTERY, 30, 50)).toBe(11);
    expect(batteryPowerKw(BATTERY, 30, -50)).toBe(-10);
    expect(batteryPowerKw(BATTERY, 30, Number.POSITIVE_INFINITY)).toBe(11);
  });

  it('stops at its floor in the middle of a step', () => {
    // 9 kWh above the floor give 8.1 kWh at the meter.
    expect(stepBattery(BATTERY, 21, -10, 2 * HOUR)).toMatchObject({
      energyKwh: 12,
      exportKwh: 8.1,
      endKw: 0,
    });
    expect(msToBound(BATTERY, 21, -10)).toBeCloseTo(0.81 * HOUR, 6);
  });

  it('gives nothing below its floor but charges there', () => {
    expect(stepBattery(BATTERY, 5, -10, HOUR)).toMatchObject({ energyKwh: 5, exportKwh: 0 });
    expect(stepBattery(BATTERY, 5, 10, HOUR).energyKwh).toBe(14);
  });

  it('slows down near full as the exponential of its taper', () => {
    // From 50 kWh the power falls by 1.8 kW per kWh: P(t) = 100 kW · exp(−1.8 t).
    const step = stepBattery(TAPERING, 50, 200, HOUR / 2);
    expect(step.startKw).toBe(100);
    expect(step.endKw).toBeCloseTo(100 * Math.exp(-0.9), 9);
    expect(step.energyKwh).toBeCloseTo(50 + (100 - 100 * Math.exp(-0.9)) / 1.8, 9);
    // Full when P = 10 kW: ln(10) / 1.8 h.
    expect(msToBound(TAPERING, 50, 200)).toBeCloseTo((Math.log(10) / 1.8) * HOUR, 3);
    expect(stepBattery(TAPERING, 50, 200, 10 * HOUR)).toMatchObject({
      energyKwh: 100,
      importKwh: 50,
      endKw: 0,
    });
  });

  it('charges at the asked power until the taper meets it', () => {
    // 46 kW are accepted up to 80 kWh: 100 − (46 − 10) / 1.8.
    expect(msToCharge(TAPERING, 50, 80, 46)).toBeCloseTo((30 / 46) * HOUR, 3);
    const beyond = msToCharge(TAPERING, 50, 90, 46);
    expect(beyond).toBeCloseTo((30 / 46 + Math.log(46 / 28) / 1.8) * HOUR, 3);
    expect(stepBattery(TAPERING, 50, 46, beyond).energyKwh).toBeCloseTo(90, 6);
  });

  it('never leaves full or floor by itself', () => {
    expect(stepBattery(BATTERY, 60, 11, HOUR)).toMatchObject({ energyKwh: 60, importKwh: 0 });
    expect(msToBound(BATTERY, 60, 11)).toBe(0);
    expect(msToBound(BATTERY, 30, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('any battery, any way of asking', () => {
  const spec = fc
    .record({
      capacityKwh: fc.double({ min: 5, max: 120, noNaN: true }),
      chargeEfficiency: fc.double({ min: 0.5, max: 1, noNaN: true }),
      dischargeEfficiency: fc.double({ min: 0.5, max: 1, noNaN: true }),
      maxChargeKw: fc.double({ min: 1, max: 150, noNaN: true }),
      maxDischargeKw: fc.double({ min: 1, max: 150, noNaN: true }),
      floor: fc.double({ min: 0, max: 0.5, noNaN: true }),
      fromSocFraction: fc.double({ min: 0.3, max: 0.95, noNaN: true }),
    })
    .map(({ floor, fromSocFraction, ...rest }) => ({
      ...rest,
      floorKwh: floor * rest.capacityKwh,
      taper: { fromSocFraction, startPerHour: 1, fullPerHour: 0.05 },
    }));
  const asks = fc.array(
    fc.record({
      askedKw: fc.double({ min: -200, max: 200, noNaN: true }),
      minutes: fc.double({ min: 0.01, max: 600, noNaN: true }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  const start = fc.double({ min: 0, max: 1, noNaN: true });

  it('balances: stored = charged · efficiency − discharged / efficiency; between floor and full', () => {
    fc.assert(
      fc.property(spec, start, asks, (battery, startSoc, list) => {
        let energyKwh = startSoc * battery.capacityKwh;
        for (const { askedKw, minutes } of list) {
          const step = stepBattery(battery, energyKwh, askedKw, minutes * 60_000);
          const stored =
            step.importKwh * battery.chargeEfficiency - step.exportKwh / battery.dischargeEfficiency;
          expect(step.energyKwh - energyKwh).toBeCloseTo(stored, 9);
          expect(step.energyKwh).toBeLessThanOrEqual(battery.capacityKwh);
          if (step.exportKwh > 0) expect(step.energyKwh).toBeGreaterThanOrEqual(battery.floorKwh - 1e-9);
          expect(step.importKwh).toBeGreaterThanOrEqual(0);
          expect(step.exportKwh).toBeGreaterThanOrEqual(0);
          expect(Math.min(step.importKwh, step.exportKwh)).toBe(0);
          energyKwh = step.energyKwh;
        }
      }),
    );
  });

  it('is the same in one step as in two', () => {
    fc.assert(
      fc.property(spec, start, asks, start, (battery, startSoc, [ask], cut) => {
        const energyKwh = startSoc * battery.capacityKwh;
        const ms = ask!.minutes * 60_000;
        const whole = stepBattery(battery, energyKwh, ask!.askedKw, ms);
        const first = stepBattery(battery, energyKwh, ask!.askedKw, ms * cut);
        const second = stepBattery(battery, first.energyKwh, ask!.askedKw, ms * (1 - cut));
        expect(second.energyKwh).toBeCloseTo(whole.energyKwh, 6);
        expect(first.importKwh + second.importKwh).toBeCloseTo(whole.importKwh, 6);
      }),
    );
  });

  it('reaches an energy in just the time that it says', () => {
    fc.assert(
      fc.property(spec, start, start, fc.double({ min: 0.5, max: 200, noNaN: true }), (battery, a, b, kw) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((soc) => soc * battery.capacityKwh);
        const ms = msToCharge(battery, low!, high!, kw);
        expect(stepBattery(battery, low!, kw, ms).energyKwh).toBeCloseTo(high!, 6);
      }),
    );
  });
});
