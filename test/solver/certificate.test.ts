import { describe, expect, it } from 'vitest';
import { PROBLEM_DEPOT, plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { randomFleet } from '../../benchmarks/random-fleet.js';
import { ChainKernel } from '../../solver/chain-kernel.js';
import { dualBound } from '../../solver/dual-bound.js';
import { createFleetModel } from '../../solver/fleet-model.js';
import { evaluatePlan, lowerBound, type PlanDocument, solve } from '../../solver/index.js';
import { buildLinearProgram } from '../../solver/linear-program.js';
import { noMultipliers } from '../../solver/multipliers.js';

const coupled = randomFleet({
  seed: 5,
  vehicles: 12,
  deviationPerKwh: 0.1,
  siteSize: 6,
  slots: 48,
  slotMinutes: 30,
});

/** A copy of a plan with one power changed. */
function bent(plan: PlanDocument, vehicle: number, slot: number, byKw: number): PlanDocument {
  const vehicles = plan.vehicles.map((entry, i) =>
    i === vehicle ? { ...entry, netKw: entry.netKw.map((kw, k) => (k === slot ? kw + byKw : kw)) } : entry,
  );
  return { ...plan, vehicles };
}

describe('planted faults', () => {
  it('a dropped site limit is seen by the evaluation', async () => {
    const free = { ...coupled, sites: coupled.sites.map(({ id }) => ({ id })) };
    const { plan } = await solve(free, { threads: 0 });
    const { violations } = evaluatePlan(coupled, plan);
    expect(violations.some(({ limit }) => limit === 'site')).toBe(true);
  });

  it('a dropped fleet limit is seen by the evaluation', async () => {
    const { plan } = await solve(coupled, { threads: 0 });
    const limited = { ...coupled, fleet: { importLimitKw: 1 } };
    expect(evaluatePlan(limited, plan).violations.map(({ limit }) => limit)).toContain('fleet');
  });

  it('export beyond the limit of a site or of the fleet is seen', async () => {
    const problem = plainProblem([0.1, 0.5], [plainVehicle({ siteId: 's' })], { sites: [{ id: 's' }] });
    const { plan } = await solve(problem);
    expect(plan.fleet.netKw[1]).toBeCloseTo(-10, 9);
    const limits = (limited: typeof problem) =>
      evaluatePlan(limited, plan).violations.map(({ limit }) => limit);
    expect(limits({ ...problem, sites: [{ id: 's', exportLimitKw: 9 }] })).toEqual(['site']);
    expect(limits({ ...problem, fleet: { exportLimitKw: 9 } })).toEqual(['fleet']);
  });

  it('a share that stored energy backs only before its slot, or only after it, is seen', async () => {
    const backed = (energyKwh: number, netKw: number) => {
      const problem = plainProblem([0.1], [plainVehicle({ endSlot: 1, energyKwh, targetEnergyKwh: 0 })], {
        reserves: [
          {
            id: 'r',
            direction: 'up',
            fromSlot: 0,
            endSlot: 1,
            pricePerKwPerHour: 0,
            sustainMinutes: 60,
            powerFactor: 0.1,
          },
        ],
      });
      const shares = { r: { upKw: [8], downKw: [0] } };
      return evaluatePlan(problem, {
        vehicles: [{ id: 'a', netKw: [netKw], shortfallKwh: 0, reserves: shares }],
        fleet: { netKw: [netKw] },
        reserves: [{ id: 'r', kw: 8 }],
      }).violations.map(({ limit }) => limit);
    };
    expect(backed(12, -4)).toEqual([]);
    expect(backed(12, -5)).toEqual(['reserve']);
    expect(backed(7, 5)).toEqual(['reserve']);
  });

  it('too much power, too much energy and a shortfall that is not told are seen', async () => {
    const problem = plainProblem([0.1, 0.2], [plainVehicle()]);
    const { plan } = await solve(problem);
    const limits = (changed: PlanDocument) =>
      evaluatePlan(problem, changed).violations.map(({ limit }) => limit);
    expect(limits(plan)).toEqual([]);
    expect(limits(bent(plan, 0, 0, 5))).toContain('power');
    expect(limits(bent(bent(plan, 0, 0, 15), 0, 1, 15))).toContain('energy');
    expect(limits(bent(plan, 0, 0, -5))).toContain('shortfall');
    expect(limits({ ...plan, vehicles: [] })).toContain('shape');
    expect(limits({ ...plan, vehicles: [{ ...plan.vehicles[0]!, id: 'b' }] })).toContain('shape');
    expect(limits({ ...plan, fleet: { netKw: [0, 0] } })).toContain('shape');
    expect(limits(bent(plan, 0, 0, Number.NaN))).toContain('power');
  });

  it('a reserve that is not backed, or not the sum of its shares, is seen', async () => {
    const { problem } = PROBLEM_DEPOT.find(({ name }) => name === 'reserve-limited-by-energy')!;
    const { plan } = await solve(problem);
    const limits = (kw: number, upKw: number, downKw = 0) =>
      evaluatePlan(problem, {
        ...plan,
        reserves: [{ id: 'r', kw }],
        vehicles: [{ ...plan.vehicles[0]!, reserves: { r: { upKw: [upKw], downKw: [downKw] } } }],
      }).violations.map(({ limit }) => limit);
    expect(limits(4, 4)).toEqual([]);
    expect(limits(5, 5)).toContain('reserve');
    expect(limits(4, 3)).toContain('reserve');
    expect(limits(-1, -1)).toContain('reserve');
    expect(limits(4, 4, 30)).toContain('reserve');
  });

  it('a share outside its block is seen', async () => {
    const problem = plainProblem([0.1, 0.1], [plainVehicle()], {
      reserves: [
        {
          id: 'r',
          direction: 'up',
          fromSlot: 1,
          endSlot: 2,
          pricePerKwPerHour: 0,
          sustainMinutes: 15,
          powerFactor: 1,
        },
      ],
    });
    const { plan } = await solve(problem);
    const shares = { r: { upKw: [1, 0], downKw: [0, 0] } };
    const changed = {
      ...plan,
      vehicles: [{ ...plan.vehicles[0]!, reserves: shares }],
      reserves: [{ id: 'r', kw: 0 }],
    };
    expect(evaluatePlan(problem, changed).violations.map(({ limit }) => limit)).toEqual(['reserve']);
  });

  it('a wrong threshold makes a plan that its own bound exposes', async () => {
    const problem = plainProblem([0.1, 0.3, 0.2], [plainVehicle({ endSlot: 3 })]);
    const { plan } = await solve(problem);
    // As if the kernel had charged in the middle slot instead of discharging.
    const wrong = bent(bent(plan, 0, 1, 5), 0, 0, -5);
    const { objective } = evaluatePlan(problem, wrong);
    expect(objective).toBeGreaterThan(plan.lowerBound + 0.1);
    expect(lowerBound(problem, noMultipliers(problem))).toBeCloseTo(plan.objective, 12);
  });

  it('a false bound cannot be had from multipliers that a row does not carry', () => {
    const problem = plainProblem([0.1, 0.1], [plainVehicle({ targetEnergyKwh: 40, siteId: 's' })], {
      sites: [{ id: 's' }],
    });
    const bound = lowerBound(problem, { fleetPerKwh: [100, 100], sitePerKwh: [[50, 50]] });
    expect(bound).toBeCloseTo(2, 12);
    expect(lowerBound(problem, { fleetPerKwh: [Number.NaN], sitePerKwh: [[-50, -50]] })).toBeCloseTo(2, 12);
  });
});

describe('dualBound', () => {
  it('never exceeds the optimum, for right and for wrong duals', async () => {
    const { problem, optimum } = PROBLEM_DEPOT.find(({ name }) => name === 'site-limit-binds')!;
    const { program } = buildLinearProgram(problem);
    const rows = program.rowLower.length;
    for (const dual of [0, 1, -1, 7]) {
      expect(dualBound(program, new Array(rows).fill(dual))).toBeLessThanOrEqual(optimum + 1e-9);
    }
    expect(dualBound(program, [])).toBeLessThanOrEqual(optimum);
  });
});

describe('deep negative prices', () => {
  it('are planned exactly over a whole day without burning energy', async () => {
    const base = randomFleet({ seed: 2, vehicles: 4 });
    const negative = base.prices.importPerKwh.map((price, t) =>
      t < 60 ? -0.5 + 0.01 * ((t * 7) % 13) : price,
    );
    const problem = { ...base, prices: { importPerKwh: negative, exportPerKwh: negative } };
    const { plan } = await solve(problem);
    expect(evaluatePlan(problem, plan).violations).toEqual([]);
    expect(plan.gap).toBeLessThan(1e-9);
  });
});

describe('weeks of negative prices', () => {
  it('still get a plan and a bound in reasonable time, with an honest gap', async () => {
    const slots = 2000;
    const prices = Array.from({ length: slots }, (_, t) =>
      t % 96 < 40 ? -0.3 - 0.0001 * ((t * 37) % 101) : 0.2,
    );
    const car = plainVehicle({
      endSlot: slots,
      chargeEfficiency: 0.931,
      dischargeEfficiency: 0.947,
      maxChargeKw: 7.4,
    });
    const problem = plainProblem(prices, [car]);
    const { plan } = await solve({ ...problem, horizon: { ...problem.horizon, slotMinutes: 15 } });
    expect(plan.lowerBound).toBeLessThan(plan.objective);
    expect(plan.status).toBe('feasible');
  });
});

describe('ChainKernel', () => {
  it('falls back on a feasible schedule where there are too many breakpoints to follow', () => {
    const slots = 600;
    const prices = Array.from({ length: slots }, (_, t) => -0.3 - 0.2 * Math.abs(Math.sin(t * t)));
    const cars = [0.83].map((chargeEfficiency, i) =>
      plainVehicle({
        id: `ev-${i}`,
        endSlot: slots,
        chargeEfficiency,
        dischargeEfficiency: 0.8765,
        maxChargeKw: 3.7 + Math.SQRT2,
        maxDischargeKw: Math.PI,
        maxEnergyKwh: 2000,
        energyKwh: 1000,
      }),
    );
    const problem = plainProblem(prices, cars);
    const model = createFleetModel({ ...problem, horizon: { ...problem.horizon, slotMinutes: 5 } });
    const kernel = new ChainKernel(slots);
    const change = new Float64Array(slots);
    const exact = cars.map((_, i) =>
      kernel.solveAny(model, i, model.importPerKwh, model.exportPerKwh, change, 0),
    );
    expect(exact).toContain(false);
    expect(Math.max(...change)).toBeLessThanOrEqual(model.chargeKwh[0]! + 1e-12);
  });

  it('declines a slot that would pay for burning energy, unless told to make it convex', () => {
    const model = createFleetModel(
      plainProblem([-0.4], [plainVehicle({ endSlot: 1, chargeEfficiency: 0.9 })]),
    );
    const kernel = new ChainKernel(1);
    const change = new Float64Array(1);
    expect(kernel.solve(model, 0, model.importPerKwh, model.exportPerKwh, change, 0)).toBe(false);
    const most = new Float64Array([4]);
    expect(
      kernel.solveCapped(model, 0, model.importPerKwh, model.exportPerKwh, most, most, true, change, 0),
    ).toBe(true);
    expect(change[0]).toBe(4);
  });
});
