import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { envelopeOf } from '../../../src/engine/aggregates/envelope.js';
import { flexibilityOf } from '../../../src/engine/aggregates/fleet-snapshot.js';
import { EMPTY_BOOKS } from '../../../src/engine/metering/books.js';
import { goalOfCar, HOUR_MS, NOON_MS, sessionOf } from '../../support/engine/fixtures.js';

const HORIZON = { startMs: NOON_MS, slotMinutes: 60, slots: 4 };
const LOSSLESS = { chargeEfficiency: 1, dischargeEfficiency: 1 };

describe('the flexibility envelope', () => {
  it('brackets power by the cars that are there and energy by what keeps every target', () => {
    // 20 kWh stored, 40 wanted in 3 h at 11 kW: after the first hour at least 18, after the second 29.
    const goal = goalOfCar({ planUntilMs: NOON_MS + 3 * HOUR_MS });
    const steps = envelopeOf([goal], HORIZON, LOSSLESS);
    expect(steps.map((step) => [step.minNetKw, step.maxNetKw])).toEqual([
      [-11, 11],
      [-11, 11],
      [-11, 11],
      [0, 0],
    ]);
    expect(steps.map((step) => step.minEnergyKwh)).toEqual([-2, 9, 20, 20]);
    expect(steps.map((step) => step.maxEnergyKwh)).toEqual([11, 22, 33, 33]);
  });

  it('takes efficiencies from the side of the meter', () => {
    const efficiency = { chargeEfficiency: 0.5, dischargeEfficiency: 0.5 };
    const [first] = envelopeOf([goalOfCar({ targetEnergyKwh: 0, minEnergyKwh: 0 })], HORIZON, efficiency);
    // 11 kWh in at the meter stores 5.5; out of storage 20 kWh give 10 at the meter, 22 would be the power limit.
    expect(first).toMatchObject({ maxEnergyKwh: 11, minEnergyKwh: -10 });
  });

  it('is one line for a target that cannot be reached: charging all the time', () => {
    const goal = goalOfCar({ targetEnergyKwh: 57, planUntilMs: NOON_MS + 2 * HOUR_MS });
    for (const step of envelopeOf([goal], HORIZON, LOSSLESS))
      expect(step.minEnergyKwh).toBe(step.maxEnergyKwh);
  });

  it('brackets every feasible plan of lossless cars, in power and energy', () => {
    const choice = fc.double({ min: 0, max: 1, noNaN: true });
    const car = fc.record({
      storedKwh: fc.double({ min: 0, max: 57, noNaN: true }),
      targetEnergyKwh: fc.double({ min: 0, max: 57, noNaN: true }),
      hours: fc.integer({ min: 1, max: 4 }),
      choices: fc.array(choice, { minLength: 4, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(car, { minLength: 1, maxLength: 4 }), (cars) => {
        const goals = cars.map(({ storedKwh, targetEnergyKwh, hours }) =>
          goalOfCar({ storedKwh, targetEnergyKwh, planUntilMs: NOON_MS + hours * HOUR_MS }),
        );
        const steps = envelopeOf(goals, HORIZON, LOSSLESS);
        const netKw = [0, 0, 0, 0];
        cars.forEach(({ storedKwh, targetEnergyKwh, hours, choices }) => {
          let kwh = storedKwh;
          for (let hour = 0; hour < hours; hour++) {
            // A feasible move: within power and battery, and never so low that the target gets out of reach.
            const high = Math.min(57, kwh + 11);
            const low = Math.min(
              high,
              Math.max(Math.min(6, storedKwh), kwh - 11, targetEnergyKwh - (hours - 1 - hour) * 11),
            );
            const next = low + (high - low) * choices[hour]!;
            netKw[hour]! += next - kwh;
            kwh = next;
          }
        });
        let energyKwh = 0;
        steps.forEach((step, hour) => {
          energyKwh += netKw[hour]!;
          expect(netKw[hour]).toBeGreaterThanOrEqual(step.minNetKw - 1e-9);
          expect(netKw[hour]).toBeLessThanOrEqual(step.maxNetKw + 1e-9);
          expect(energyKwh).toBeGreaterThanOrEqual(step.minEnergyKwh - 1e-9);
          expect(energyKwh).toBeLessThanOrEqual(step.maxEnergyKwh + 1e-9);
        });
      }),
    );
  });
});

describe('flexibility now', () => {
  const charging = sessionOf({ books: { ...EMPTY_BOOKS, importKw: 7 } });

  it('is the way from the present power to the limits', () => {
    expect(flexibilityOf([goalOfCar({ session: charging })])).toEqual({ flexUpKw: 18, flexDownKw: 4 });
  });

  it('ends at the floor and at the ceiling', () => {
    expect(flexibilityOf([goalOfCar({ session: charging, storedKwh: 6 })]).flexUpKw).toBe(7);
    expect(flexibilityOf([goalOfCar({ session: charging, storedKwh: 57 })]).flexDownKw).toBe(0);
  });
});
