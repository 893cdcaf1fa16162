import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { evaluatePlan, lowerBound, type PlanDocument, parseProblem, solve } from '../../solver/index.js';
import { noMultipliers } from '../../solver/multipliers.js';
import { arbitraryProblem } from './arbitrary-problem.js';

const slack = (value: number) => 1e-8 * Math.max(1, Math.abs(value));

describe('uncoupled problems', () => {
  it('are solved exactly: plan and bound meet, whatever the prices', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryProblem(), async (problem) => {
        const { plan } = await solve(parseProblem(problem));
        expect(evaluatePlan(problem, plan).violations).toEqual([]);
        expect(plan.objective - plan.lowerBound).toBeLessThanOrEqual(slack(plan.objective));
        // The certificate by the plain dynamic program agrees with the one by energy values.
        const plain = lowerBound(problem, noMultipliers(problem));
        expect(Math.abs(plain - plan.objective)).toBeLessThanOrEqual(slack(plan.objective));
      }),
      { numRuns: 400, seed: 1 },
    );
  });

  it('discharge after a slot that is not convex', async () => {
    const vehicle = plainVehicle({
      endSlot: 4,
      targetEnergyKwh: 0,
      chargeEfficiency: 0.8,
      dischargeEfficiency: 0.8,
    });
    const { plan } = await solve(plainProblem([0.3, -0.4, 0.1, 0.5], [vehicle]), { gap: 1e-9 });
    expect(plan.status).toBe('optimal');
    expect(plan.vehicles[0]!.netKw[1]).toBeCloseTo(10, 9);
    expect(plan.vehicles[0]!.netKw[3]).toBeCloseTo(-10, 9);
  });

  it('agree with HiGHS', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ vehicles: 2, slots: 5 }), async (problem) => {
        const [ours, theirs] = await Promise.all([
          solve(problem),
          solve(problem, { backend: 'highs', gap: 1e-9 }),
        ]);
        expect(Math.abs(ours.plan.objective - theirs.plan.objective)).toBeLessThan(1e-6);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('do not depend on the order of the vehicles', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryProblem(), async (problem) => {
        const turned = { ...problem, vehicles: [...problem.vehicles].reverse() };
        const [a, b] = [await solve(problem), await solve(turned)];
        expect([...b.plan.vehicles].reverse()).toEqual(a.plan.vehicles);
      }),
      { numRuns: 50, seed: 3 },
    );
  });
});

describe('coupled problems', () => {
  it('get a plan that keeps every limit, and a bound below what HiGHS finds', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ coupled: true, vehicles: 3, slots: 4 }), async (problem) => {
        const { plan } = await solve(problem, { threads: 0, gap: 1e-3, timeLimitMs: 300 });
        expect(evaluatePlan(problem, plan).violations).toEqual([]);
        const { plan: reference } = await solve(problem, { backend: 'highs', gap: 1e-9 });
        expect(evaluatePlan(problem, reference).violations).toEqual([]);
        expect(plan.lowerBound).toBeLessThanOrEqual(reference.objective + slack(reference.objective) * 100);
        expect(reference.lowerBound).toBeLessThanOrEqual(plan.objective + slack(plan.objective) * 100);
      }),
      { numRuns: 60, seed: 4 },
    );
  }, 60_000);

  it('cost no less than the same problem without the coupling', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ coupled: true, vehicles: 3, slots: 4 }), async (problem) => {
        const { commitment: _, fleet: _f, ...rest } = problem;
        const { plan: free } = await solve({ ...rest, sites: problem.sites.map(({ id }) => ({ id })) });
        const { plan } = await solve(problem, { threads: 0, gap: 1e-2, timeLimitMs: 100 });
        expect(plan.objective).toBeGreaterThanOrEqual(free.lowerBound - slack(free.lowerBound));
      }),
      { numRuns: 40, seed: 5 },
    );
  }, 60_000);
});

describe('every backend', () => {
  it('gives coupled problems a finite bound below the plans of all others', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ coupled: true, vehicles: 2, slots: 3 }), async (problem) => {
        const backends = ['fleet', 'highs', 'javascript-lp-solver'] as const;
        const plans = [];
        for (const backend of backends) plans.push((await solve(problem, { backend, gap: 1e-6 })).plan);
        const cheapest = Math.min(...plans.map(({ objective }) => objective));
        for (const plan of plans) {
          expect(evaluatePlan(problem, plan).violations).toEqual([]);
          expect(Number.isFinite(plan.lowerBound)).toBe(true);
          expect(plan.lowerBound).toBeLessThanOrEqual(cheapest + slack(cheapest) * 100);
        }
      }),
      { numRuns: 30, seed: 8 },
    );
  }, 60_000);
});

describe('lowerBound', () => {
  it('stays below every plan for any multipliers at all', async () => {
    const wild = fc.array(fc.double({ min: -2, max: 2 }), { minLength: 60, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ coupled: true }), wild, async (problem, numbers) => {
        const { slots } = problem.horizon;
        const idle: PlanDocument['vehicles'] = problem.vehicles.map((vehicle) => ({
          id: vehicle.id,
          netKw: new Array(vehicle.endSlot - vehicle.firstSlot).fill(0),
          shortfallKwh: Math.max(0, vehicle.targetEnergyKwh - vehicle.energyKwh),
        }));
        const plan = {
          vehicles: idle,
          fleet: { netKw: new Array(slots).fill(0) },
          reserves: [],
        } as unknown as PlanDocument;
        const { objective, violations } = evaluatePlan(problem, plan);
        expect(violations).toEqual([]);
        const multipliers = {
          fleetPerKwh: numbers.slice(0, slots),
          sitePerKwh: problem.sites.map((_, s) => numbers.slice(s, s + slots)),
        };
        expect(lowerBound(problem, multipliers)).toBeLessThanOrEqual(objective + slack(objective));
        expect(lowerBound(problem, { ...multipliers, energyPerKwh: numbers })).toBeLessThanOrEqual(
          objective + slack(objective),
        );
      }),
      { numRuns: 300, seed: 6 },
    );
  });
});
