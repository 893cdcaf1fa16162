import type { ProblemDocument, VehicleDocument } from '../solver/index.js';
import { randomFleet } from './random-fleet.js';

/** A named problem with its known optimum: by hand where `by` says so, else agreed on by two solvers. */
export interface DepotProblem {
  readonly name: string;
  readonly problem: ProblemDocument;
  readonly optimum: number;
  readonly by: string;
  /** Small enough for javascript-lp-solver. */
  readonly small: boolean;
}

/** One vehicle for one hour slots: 10 kW both ways, lossless, no wear, 0 to 40 kWh, 20 stored. */
export function plainVehicle(change: Partial<VehicleDocument> = {}): VehicleDocument {
  return {
    id: 'a',
    firstSlot: 0,
    endSlot: 2,
    energyKwh: 20,
    minEnergyKwh: 0,
    maxEnergyKwh: 40,
    targetEnergyKwh: 20,
    maxChargeKw: 10,
    maxDischargeKw: 10,
    chargeEfficiency: 1,
    dischargeEfficiency: 1,
    wearPerKwh: 0,
    ...change,
  };
}

/** Hourly slots at the given prices, the same for import and export. */
export function plainProblem(
  prices: readonly number[],
  vehicles: readonly VehicleDocument[],
  change: Partial<ProblemDocument> = {},
): ProblemDocument {
  return {
    version: 1,
    horizon: { start: '2026-01-20T11:00:00Z', slotMinutes: 60, slots: prices.length },
    currency: 'EUR',
    prices: { importPerKwh: prices, exportPerKwh: prices },
    shortfallPenaltyPerKwh: 5,
    vehicles,
    sites: [],
    reserves: [],
    ...change,
  };
}

const byHand = (name: string, optimum: number, by: string, problem: ProblemDocument): DepotProblem => ({
  name,
  optimum,
  by,
  problem,
  small: true,
});
const car = plainVehicle;
const site = (importLimitKw: number, exportLimitKw: number) => [{ id: 's', importLimitKw, exportLimitKw }];

/** Named problems for every backend. */
export const PROBLEM_DEPOT: readonly DepotProblem[] = [
  byHand('buy-low-sell-high', -1, '10 kWh in at 0.1, out at 0.2', plainProblem([0.1, 0.2], [car()])),
  byHand(
    'losses-eat-the-spread',
    0,
    '0.1/0.8 in storage against 0.15 times 0.8',
    plainProblem([0.1, 0.15], [car({ chargeEfficiency: 0.8, dischargeEfficiency: 0.8 })]),
  ),
  byHand(
    'wear-eats-the-spread',
    0,
    'spread 0.1 against wear 0.2',
    plainProblem([0.1, 0.2], [car({ wearPerKwh: 0.2 })]),
  ),
  byHand(
    'charge-to-target',
    3.5,
    '10 kWh at 0.1 and 5 kWh at 0.5',
    plainProblem([0.5, 0.1], [car({ targetEnergyKwh: 35, maxDischargeKw: 0 })]),
  ),
  byHand(
    'target-out-of-reach',
    2 + 5 * 10,
    '20 kWh at 0.1, 10 kWh short at 5',
    plainProblem([0.1, 0.1], [car({ energyKwh: 10, targetEnergyKwh: 40 })]),
  ),
  byHand(
    'no-window',
    5 * 5,
    'leaves as it arrives, 5 kWh short',
    plainProblem([0.1, 0.2], [car({ firstSlot: 1, endSlot: 1, targetEnergyKwh: 25 })]),
  ),
  byHand(
    'starts-below-its-floor',
    0.2,
    'floor 25 need not be repaired, target 22 is met: 2 kWh at 0.1',
    plainProblem([0.1, 0.1], [car({ minEnergyKwh: 25, targetEnergyKwh: 22 })]),
  ),
  byHand(
    'target-above-capacity',
    2 + 5 * 10,
    '20 kWh at 0.1, 10 kWh that do not fit',
    plainProblem([0.1, 0.1], [car({ targetEnergyKwh: 50 })]),
  ),
  byHand(
    'negative-price-without-burning',
    -4,
    'full after 10 kWh at −0.4; 8 kWh out and in again would cost at equal prices',
    plainProblem([-0.4, -0.4], [car({ energyKwh: 30, targetEnergyKwh: 0, wearPerKwh: 1 })]),
  ),
  byHand(
    'deep-negative-price-cycles',
    -1.5,
    'half full at 50 %: 10 in at once is 5 stored; discharging pays nothing back: 0.1 × 10 + 0.05 × 10',
    plainProblem([-0.1, -0.05], [car({ chargeEfficiency: 0.5, maxDischargeKw: 0, targetEnergyKwh: 0 })]),
  ),
  byHand(
    'site-limit-binds',
    5 * 0.1 + 15 * 0.3,
    'two cars want 10 each; 5 kW in the cheap hour, 15 in the dear one',
    plainProblem(
      [0.1, 0.3],
      ['a', 'b'].map((id) => car({ id, siteId: 's', targetEnergyKwh: 30, maxDischargeKw: 0 })),
      { sites: [{ id: 's', importLimitKw: [5, 50], exportLimitKw: 50 }] },
    ),
  ),
  byHand(
    'site-shut',
    5 * 10,
    'nothing flows; 10 kWh short',
    plainProblem([0.1, 0.2], [car({ siteId: 's', targetEnergyKwh: 30 })], { sites: site(0, 0) }),
  ),
  byHand(
    'fleet-export-limit-binds',
    -3 * 0.1,
    '3 kW out at 0.2, bought back at 0.1',
    plainProblem([0.2, 0.1], [car()], { fleet: { exportLimitKw: 3 } }),
  ),
  byHand(
    'commitment-followed',
    0.5,
    '5 kWh bought at 0.2 as sold, sold at 0.1 as sold: deviating would cost 1 per kWh',
    plainProblem([0.2, 0.1], [car()], { commitment: { netKw: [5, -5], deviationPerKwh: 1 } }),
  ),
  byHand(
    'commitment-too-cheap-to-follow',
    -1 + 15 * 0.01 * 2,
    'does −10 and +10 against +5 and −5 sold: 15 off in both hours at 0.01',
    plainProblem([0.2, 0.1], [car()], { commitment: { netKw: [5, -5], deviationPerKwh: 0.01 } }),
  ),
  byHand(
    'commitment-in-one-slot',
    -0.8,
    '8 out at 0.2 as sold, 8 in at 0.1; 2 more would earn 0.2 and cost 1',
    plainProblem([0.2, 0.1], [car({ maxDischargeKw: 10 })], {
      commitment: { netKw: [-8, null], deviationPerKwh: 0.5 },
    }),
  ),
  byHand(
    'symmetric-reserve',
    -10,
    '10 kW both ways for an hour at 1; energy for it is there',
    plainProblem([0.1], [car({ endSlot: 1 })], {
      reserves: [
        {
          id: 'r',
          direction: 'symmetric',
          fromSlot: 0,
          endSlot: 1,
          pricePerKwPerHour: 1,
          sustainMinutes: 60,
          powerFactor: 1,
        },
      ],
    }),
  ),
  byHand(
    'reserve-limited-by-energy',
    -4,
    'floor 16, one hour sustained: 4 kW up',
    plainProblem([0.1], [car({ endSlot: 1, minEnergyKwh: 16 })], {
      reserves: [
        {
          id: 'r',
          direction: 'up',
          fromSlot: 0,
          endSlot: 1,
          pricePerKwPerHour: 1,
          sustainMinutes: 60,
          powerFactor: 1,
        },
      ],
    }),
  ),
  byHand(
    'reserve-limited-by-most',
    -3,
    'at most 3 kW bought',
    plainProblem([0.1], [car({ endSlot: 1 })], {
      reserves: [
        {
          id: 'r',
          direction: 'down',
          fromSlot: 0,
          endSlot: 1,
          pricePerKwPerHour: 1,
          sustainMinutes: 15,
          powerFactor: 2,
          maxKw: 3,
        },
      ],
    }),
  ),
  {
    name: 'twenty-with-commitment',
    problem: randomFleet({ seed: 3, vehicles: 20, deviationPerKwh: 0.1 }),
    optimum: 69.00836351969,
    by: 'HiGHS and its dual',
    small: false,
  },
  {
    name: 'forty-on-two-sites-with-commitment',
    problem: randomFleet({ seed: 3, vehicles: 40, deviationPerKwh: 0.1, siteSize: 20 }),
    optimum: 149.692425407206,
    by: 'HiGHS and its dual',
    small: false,
  },
  {
    name: 'forty-on-two-sites',
    problem: randomFleet({ seed: 3, vehicles: 40, siteSize: 20 }),
    optimum: 87.698808938135,
    by: 'HiGHS and its dual',
    small: false,
  },
];
