import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROBLEM_DEPOT, plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { randomFleet } from '../../benchmarks/random-fleet.js';
import { previousBacking } from '../../solver/backends/backed.js';
import { createFleetModel } from '../../solver/fleet-model.js';
import {
  createReplanner,
  evaluatePlan,
  lowerBound,
  type PlanDocument,
  type ProblemDocument,
  type ReserveDocument,
  relativeGap,
  solve,
  type WarmStart,
} from '../../solver/index.js';
import { type BackingRequest, backReserves } from '../../solver/interior/back-reserves.js';
import { describeSchedule } from '../../solver/schedule.js';
import { multipliersFor } from '../../solver/warm-start.js';
import { arbitraryProblem } from './arbitrary-problem.js';

/** The search by itself, whatever the size of the problem, as a plan. */
function searched(problem: ProblemDocument, change: Partial<BackingRequest> = {}) {
  const model = createFleetModel(problem);
  const backing = backReserves({
    problem,
    model,
    gap: 1e-3,
    timeLimitMs: Number.POSITIVE_INFINITY,
    stopped: () => false,
    now: () => 0,
    ...change,
  });
  const plan = { ...describeSchedule(problem, model, backing) } as unknown as PlanDocument;
  return { ...backing, plan, evaluation: evaluatePlan(problem, plan) };
}

/** The search by itself from an earlier plan; given a time limit, on a clock that does not move. */
const again =
  (problem: ProblemDocument, warm: WarmStart, gap = 1e-3) =>
  (timeLimitMs = Number.POSITIVE_INFINITY) => {
    const model = createFleetModel(problem);
    const previous = previousBacking(problem, model, warm.plan);
    const startMultipliers = multipliersFor(problem, warm);
    const found = searched(problem, { previous, startMultipliers, gap, timeLimitMs });
    return { ...found, gap: relativeGap(found.objective, found.lowerBound) };
  };

const slack = (value: number) => 1e-5 * Math.max(1, Math.abs(value));
const everything = { coupled: true, vehicles: 4, slots: 6, reserves: 3 } as const;
const block = (change: Partial<ReserveDocument> = {}): ReserveDocument => ({
  id: 'r',
  direction: 'symmetric',
  fromSlot: 0,
  endSlot: 2,
  pricePerKwPerHour: 0.1,
  sustainMinutes: 60,
  powerFactor: 1,
  ...change,
});
/** More window slots than go to HiGHS, in blocks of four hours. */
const fleet = randomFleet({
  seed: 4,
  vehicles: 60,
  slots: 48,
  slotMinutes: 30,
  deviationPerKwh: 0.1,
  reserveBlocks: 6,
});
const onSites = randomFleet({
  seed: 4,
  vehicles: 60,
  slots: 48,
  slotMinutes: 30,
  deviationPerKwh: 0.1,
  reserveBlocks: 6,
  siteSize: 20,
});

describe('the search for a plan with reserves', () => {
  it('keeps every limit, backs every share, and agrees with HiGHS', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ ...everything, lowestPrice: 0.05 }), async (problem) => {
        const { objective, lowerBound: bound, evaluation } = searched(problem);
        expect(evaluation.violations).toEqual([]);
        expect(Math.abs(evaluation.objective - objective)).toBeLessThan(1e-6);
        const { plan: reference } = await solve(problem, { backend: 'highs', gap: 1e-9 });
        expect(bound).toBeLessThanOrEqual(reference.objective + slack(reference.objective));
        expect(reference.lowerBound).toBeLessThanOrEqual(objective + slack(objective));
        expect(objective - reference.objective).toBeLessThan(0.01 * Math.max(1, Math.abs(objective)));
      }),
      { numRuns: 50, seed: 21 },
    );
  }, 60_000);

  it('stays honest where negative prices pay for burning energy', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ ...everything, lowestPrice: -0.4 }), async (problem) => {
        const { objective, lowerBound: bound, evaluation } = searched(problem);
        expect(evaluation.violations).toEqual([]);
        const { plan: reference } = await solve(problem, { backend: 'highs', gap: 1e-9 });
        expect(bound).toBeLessThanOrEqual(reference.objective + slack(reference.objective));
        expect(reference.lowerBound).toBeLessThanOrEqual(objective + slack(objective));
      }),
      { numRuns: 40, seed: 22 },
    );
  }, 60_000);

  it.each(PROBLEM_DEPOT.filter(({ small }) => small))(
    'finds the known optimum of $name',
    ({ problem, optimum }) => {
      const { objective, lowerBound: bound, evaluation } = searched(problem, { gap: 1e-4 });
      expect(evaluation.violations).toEqual([]);
      expect(bound).toBeLessThanOrEqual(optimum + slack(optimum));
      expect(objective).toBeLessThanOrEqual(optimum + 2e-3 * Math.max(1, Math.abs(optimum)));
    },
  );

  it('sells what is asked and no more, of several products at once', () => {
    const problem = plainProblem([0.2, 0.2], [plainVehicle(), plainVehicle({ id: 'b' })], {
      reserves: [
        block({ id: 'up', direction: 'up', maxKw: 3, pricePerKwPerHour: 1 }),
        block({ id: 'down', direction: 'down', maxKw: 4, pricePerKwPerHour: 1, sustainMinutes: 15 }),
        block({ id: 'both', maxKw: 5, endSlot: 1, pricePerKwPerHour: 1 }),
      ],
    });
    const { reserves, evaluation, objective } = searched(problem, { gap: 1e-5 });
    expect(evaluation.violations).toEqual([]);
    expect(reserves.map(({ kw }) => kw)).toEqual([
      expect.closeTo(3, 3),
      expect.closeTo(4, 3),
      expect.closeTo(5, 3),
    ]);
    expect(objective).toBeCloseTo(-19, 2);
  });

  it('sells nothing that earns nothing, that nobody can back or that has no slot', () => {
    const problem = plainProblem([0.2, 0.2, 0.2], [plainVehicle({ endSlot: 2 })], {
      reserves: [
        block({ id: 'free', pricePerKwPerHour: 0 }),
        block({ id: 'dear', pricePerKwPerHour: -1 }),
        block({ id: 'unasked', maxKw: 0 }),
        block({ id: 'empty', endSlot: 0 }),
        block({ id: 'nobody', fromSlot: 1, endSlot: 3 }),
      ],
    });
    const { reserves, evaluation } = searched(problem);
    expect(reserves.map(({ kw }) => kw)).toEqual([0, 0, 0, 0, 0]);
    expect(evaluation.violations).toEqual([]);
  });

  it('gives up trade for a reserve that earns more, and a reserve for a target', () => {
    const trade = plainProblem([0.1, 0.3], [plainVehicle()]);
    expect(searched(trade, { gap: 1e-4 }).objective).toBeCloseTo(-2, 3);
    const held = searched({ ...trade, reserves: [block({ pricePerKwPerHour: 1 })] }, { gap: 1e-5 });
    expect(held.objective).toBeCloseTo(-20, 2);
    const needed = plainProblem([0.1, 0.3], [plainVehicle({ targetEnergyKwh: 40 })], {
      reserves: [block({ direction: 'down', pricePerKwPerHour: 1 })],
    });
    const { plan } = searched(needed, { gap: 1e-5 });
    expect(plan.vehicles[0]!.shortfallKwh).toBeLessThan(0.01);
  });

  it('stops when told to and when time is up, with a plan that keeps the limits and an honest gap', () => {
    const told = searched(onSites, { stopped: () => true });
    expect(told.iterations).toBe(0);
    expect(told.evaluation.violations).toEqual([]);
    expect(told.lowerBound).toBeLessThan(told.objective);
    expect(Number.isFinite(told.lowerBound)).toBe(true);
    let clock = 0;
    const late = searched(onSites, { gap: 1e-9, timeLimitMs: 60, now: () => clock++ });
    expect(late.evaluation.violations).toEqual([]);
    expect(late.iterations).toBeGreaterThan(0);
    expect(relativeGap(late.objective, late.lowerBound)).toBeGreaterThan(1e-9);
    expect(late.objective).toBeLessThanOrEqual(told.objective);
  });
});

describe('the fleet backend with reserves', () => {
  it('certifies a fleet with a commitment, the same in a thread and on the caller', async () => {
    const [inThread, here] = [
      await solve(fleet, { gap: 1e-3 }),
      await solve(fleet, { gap: 1e-3, threads: 0 }),
    ];
    expect(here.plan.status).toBe('optimal');
    expect(evaluatePlan(fleet, here.plan).violations).toEqual([]);
    expect(inThread.plan.vehicles).toEqual(here.plan.vehicles);
    expect(here.plan.reserves.some(({ kw }) => kw > 10)).toBe(true);
  }, 30_000);

  it('keeps site limits, a commitment and reserves together', async () => {
    const { plan } = await solve(onSites, { gap: 1e-3, threads: 0 });
    expect(plan.status).toBe('optimal');
    expect(evaluatePlan(onSites, plan).violations).toEqual([]);
  }, 30_000);

  it('returns an unchanged plan for an unchanged problem', async () => {
    const first = await solve(fleet, { gap: 1e-3, threads: 0 });
    for (const again of [
      await solve(fleet, { gap: 1e-3, threads: 0, warm: first.warm }),
      await solve(fleet, { gap: 1e-3, threads: 0, warm: first.warm, previous: first.plan }),
    ]) {
      const furthest = Math.max(
        ...again.plan.vehicles.flatMap(({ netKw }, i) =>
          netKw.map((kw, k) => Math.abs(kw - first.plan.vehicles[i]!.netKw[k]!)),
        ),
        ...again.plan.reserves.map(({ kw }, r) => Math.abs(kw - first.plan.reserves[r]!.kw)),
      );
      expect(furthest).toBeLessThan(1e-6);
      expect(again.plan.status).toBe('optimal');
    }
  }, 30_000);

  it('starts from an earlier plan of other vehicles and reserves', async () => {
    const first = await solve(fleet, { gap: 1e-2, threads: 0 });
    const changed: ProblemDocument = {
      ...fleet,
      vehicles: fleet.vehicles.map((vehicle, i) => (i === 3 ? { ...vehicle, id: 'new' } : vehicle)),
      reserves: fleet.reserves.map((reserve, r) => (r === 2 ? { ...reserve, id: 'new' } : reserve)),
    };
    const { plan } = await solve(changed, { gap: 1e-2, threads: 0, warm: first.warm });
    expect(plan.status).toBe('optimal');
    expect(evaluatePlan(changed, plan).violations).toEqual([]);
  }, 30_000);

  it.each([
    ['a fleet', fleet],
    ['sites', onSites],
  ])(
    'plans only some vehicles of %s again when few have changed, and certifies the whole',
    async (_, problem) => {
      const { warm, plan: earlier } = await solve(problem, { gap: 1e-3, threads: 0 });
      const changed = {
        ...problem,
        vehicles: problem.vehicles.map((vehicle, i) =>
          i === 7 ? { ...vehicle, targetEnergyKwh: 0.8 * vehicle.targetEnergyKwh } : vehicle,
        ),
      };
      const start = again(changed, warm);
      // The earlier plan as it stands is not good enough.
      expect(start(0).gap).toBeGreaterThan(1e-3);
      const warmly = start();
      expect(warmly.iterations).toBe(0);
      expect(warmly.gap).toBeLessThanOrEqual(1e-3);
      expect(warmly.evaluation.violations).toEqual([]);
      const kept = warmly.plan.vehicles.filter(({ netKw }, i) =>
        netKw.every((kw, k) => Math.abs(kw - earlier.vehicles[i]!.netKw[k]!) < 1e-9),
      );
      expect(kept.length).toBeGreaterThan(30);
      const cold = searched(changed);
      expect(warmly.lowerBound).toBeLessThanOrEqual(cold.objective + slack(cold.objective));
      expect(cold.lowerBound).toBeLessThanOrEqual(warmly.objective + slack(warmly.objective));
    },
  );

  it('plans everything anew when the earlier prices fit too few vehicles or some vehicles are not enough', async () => {
    const { warm } = await solve(fleet, { gap: 1e-3, threads: 0 });
    const other = {
      ...fleet,
      vehicles: fleet.vehicles.map((vehicle) => ({
        ...vehicle,
        targetEnergyKwh: 0.5 * vehicle.targetEnergyKwh,
      })),
    };
    const anew = again(other, warm)();
    expect(anew.iterations).toBeGreaterThan(0);
    expect(anew.gap).toBeLessThanOrEqual(1e-3);
    expect(anew.evaluation.violations).toEqual([]);
    // No vehicle has changed, and what its shares earn has: the earlier prices prove too little.
    const dearer = {
      ...fleet,
      reserves: fleet.reserves.map((reserve) => ({
        ...reserve,
        pricePerKwPerHour: 1.3 * reserve.pricePerKwPerHour,
      })),
    };
    const priced = again(dearer, warm)();
    expect(priced.iterations).toBeGreaterThan(0);
    expect(priced.gap).toBeLessThanOrEqual(1e-3);
    expect(priced.evaluation.violations).toEqual([]);
  });

  it('starts from a plan of a time when there were no reserves', async () => {
    const { warm } = await solve({ ...fleet, reserves: [] }, { gap: 1e-3, threads: 0 });
    const { gap, evaluation, reserves } = again(fleet, warm)();
    expect(gap).toBeLessThanOrEqual(1e-3);
    expect(evaluation.violations).toEqual([]);
    expect(reserves.some(({ kw }) => kw > 10)).toBe(true);
  });

  it('rejects when aborted, and works again after that', async () => {
    const controller = new AbortController();
    const pending = solve(fleet, { gap: 0, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect((await solve(fleet, { gap: 1e-2 })).plan.status).toBe('optimal');
  }, 30_000);

  it('asks HiGHS where its own search cannot reach the gap', async () => {
    const single = { ...fleet, reserves: [block({ id: 'one', direction: 'up', fromSlot: 10, endSlot: 11 })] };
    const { commitment: _, ...free } = single;
    const { plan } = await solve(free, { gap: 1e-9, threads: 0 });
    expect(plan.status).toBe('optimal');
    expect(evaluatePlan(free, plan).violations).toEqual([]);
    const limited = await solve(free, { gap: 1e-12, threads: 0, timeLimitMs: 20_000 });
    expect(limited.plan.gap).toBeLessThan(1e-5);
  }, 30_000);
});

describe('a vehicle replanned among reserves', () => {
  /** The plan with one vehicle's replaced; what is sold of each reserve is what the shares still sum to. */
  const replaced = (
    problem: ProblemDocument,
    plan: PlanDocument,
    i: number,
    by: PlanDocument['vehicles'][0],
  ) => {
    const vehicles = plan.vehicles.map((vehicle, k) => (k === i ? by : vehicle));
    const netKw = plan.fleet.netKw.map(() => 0);
    vehicles.forEach((vehicle, k) => {
      vehicle.netKw.forEach((kw, slot) => {
        netKw[problem.vehicles[k]!.firstSlot + slot]! += kw;
      });
    });
    return { ...plan, vehicles, fleet: { netKw } };
  };

  it('keeps the shares that it holds, and the plan as a whole keeps every limit', async () => {
    const { plan, warm } = await solve(fleet, { gap: 1e-3, threads: 0 });
    const replanner = createReplanner(fleet, warm);
    for (const i of [0, 7, 31]) {
      const vehicle = fleet.vehicles[i]!;
      const again = replanner.replan(vehicle);
      expect(again.reserves).toEqual(plan.vehicles[i]!.reserves);
      expect(evaluatePlan(fleet, replaced(fleet, plan, i, again)).violations).toEqual([]);
    }
  }, 30_000);

  it('holds nothing when it is new, and backs what is left when it can hold less', async () => {
    const problem = plainProblem([0.1, 0.3], [plainVehicle({ wearPerKwh: 1 })], {
      reserves: [block({ direction: 'up', pricePerKwPerHour: 1, maxKw: 10 })],
    });
    const { plan, warm } = await solve(problem);
    expect(plan.reserves[0]!.kw).toBeCloseTo(10, 6);
    const replanner = createReplanner(problem, warm);
    const none = { upKw: [0, 0], downKw: [0, 0] };
    expect(replanner.replan(plainVehicle({ id: 'new' })).reserves).toEqual({ r: none });
    // 4 kWh are stored instead of 20, so 4 of the 10 kW can be held for an hour.
    const weak = replanner.replan(plainVehicle({ energyKwh: 4, targetEnergyKwh: 0, wearPerKwh: 1 }));
    expect(weak.reserves!.r!.upKw[0]).toBeCloseTo(4, 4);
    const changed = {
      ...problem,
      vehicles: [plainVehicle({ energyKwh: 4, targetEnergyKwh: 0, wearPerKwh: 1 })],
    };
    const kw = weak.reserves!.r!.upKw[0]!;
    const whole = { ...replaced(changed, plan, 0, weak), reserves: [{ id: 'r', kw }] };
    expect(evaluatePlan(changed, whole).violations).toEqual([]);
    // Its power is less than what it holds.
    const slow = replanner.replan(plainVehicle({ maxDischargeKw: 0, maxChargeKw: 1 }));
    expect(slow.reserves!.r!.upKw[0]).toBeLessThanOrEqual(1);
    // Leaves before the block ends and before it began.
    expect(replanner.replan(plainVehicle({ endSlot: 0 })).netKw).toEqual([]);
  });

  it('does as well as the search where it may, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryProblem({ vehicles: 1, slots: 6, reserves: 2, lowestPrice: 0.05 }),
        async (problem) => {
          if (problem.vehicles.length === 0) return;
          const { plan, warm } = await solve(problem, { backend: 'highs' });
          const again = createReplanner(problem, warm).replan(problem.vehicles[0]!);
          const whole = replaced(problem, plan, 0, again);
          const { objective, violations } = evaluatePlan(problem, whole);
          expect(violations).toEqual([]);
          expect(objective - plan.objective).toBeLessThan(1e-4);
        },
      ),
      { numRuns: 100, seed: 24 },
    );
  }, 60_000);
});

describe('the bound of a problem with reserves', () => {
  it('stays below the optimum for any multipliers at all', async () => {
    const wild = fc.array(fc.double({ min: -2, max: 3, noNaN: true }), { minLength: 40, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ ...everything, vehicles: 3 }), wild, async (problem, numbers) => {
        const { plan } = await solve(problem, { backend: 'highs', gap: 1e-9 });
        const reserves = problem.reserves.map((_, r) =>
          r === 2 ? undefined : { upPerKwPerHour: numbers.slice(r), downPerKwPerHour: numbers.slice(7 + r) },
        );
        const base = { fleetPerKwh: numbers.slice(0, 6), sitePerKwh: [numbers.slice(6, 12), undefined] };
        for (const energyPerKwh of [undefined, numbers]) {
          const more = energyPerKwh === undefined ? {} : { energyPerKwh };
          const bound = lowerBound(problem, { ...base, reserves, ...more });
          expect(bound).toBeLessThanOrEqual(plan.objective + slack(plan.objective));
        }
      }),
      { numRuns: 60, seed: 23 },
    );
  }, 60_000);

  it('is the optimum at the right prices, by hand', () => {
    // 4 kWh above the floor: 4 kW for an hour; the kWh earns what the kW does.
    const problem = plainProblem([0.1], [plainVehicle({ endSlot: 1, minEnergyKwh: 16 })], {
      reserves: [block({ direction: 'up', endSlot: 1, pricePerKwPerHour: 1 })],
    });
    const prices = { upPerKwPerHour: [1], downPerKwPerHour: [9] };
    const base = { fleetPerKwh: [], sitePerKwh: [], energyPerKwh: [0.1] };
    expect(lowerBound(problem, { ...base, reserves: [prices] })).toBeCloseTo(-4, 9);
    // Too low a price leaves what is sold unpaid, too high a one overpays the car.
    for (const price of [0.5, 2]) {
      const reserves = [{ ...prices, upPerKwPerHour: [price] }];
      expect(lowerBound(problem, { ...base, reserves })).toBeLessThan(-4.5);
    }
    const worthless = [{ upPerKwPerHour: [Number.NaN], downPerKwPerHour: [] }];
    expect(lowerBound(problem, { ...base, reserves: worthless })).toBeCloseTo(-20, 9);
  });
});
