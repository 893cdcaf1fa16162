import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { randomFleet } from '../../benchmarks/random-fleet.js';
import { calmPlan } from '../../solver/coordination/calm-plan.js';
import { coordinate } from '../../solver/coordination/coordinate.js';
import { createCouplingRows } from '../../solver/coordination/coupling-rows.js';
import { Loads } from '../../solver/coordination/loads.js';
import { evenShift, findPriceTies } from '../../solver/even-ties.js';
import { createFleetModel } from '../../solver/fleet-model.js';
import { evaluatePlan, type PlanDocument, type ProblemDocument, solve } from '../../solver/index.js';
import { previousSchedule } from '../../solver/previous-schedule.js';
import { arbitraryProblem } from './arbitrary-problem.js';

const squares = ({ vehicles }: PlanDocument): number =>
  vehicles.reduce((sum, { netKw }) => sum + netKw.reduce((inner, kw) => inner + kw * kw, 0), 0);
function rawPlan(problem: ProblemDocument) {
  const model = createFleetModel(problem);
  const rows = createCouplingRows(problem, model);
  const { change } = coordinate({
    model,
    rows,
    gap: 1e-4,
    timeLimitMs: Number.POSITIVE_INFINITY,
    now: () => 0,
  });
  return { model, rows, change, outOfTime: () => false };
}

describe('calmPlan', () => {
  it('keeps limits, cost and net power of the fleet, and evens out power', () => {
    for (const siteSize of [undefined, 10]) {
      const size = siteSize === undefined ? {} : { siteSize };
      const problem = randomFleet({ seed: 11, vehicles: 40, deviationPerKwh: 0.1, ...size });
      const request = rawPlan(problem);
      const before = new Loads(request.model, request.rows, request.change);
      const calm = calmPlan(request);
      const after = new Loads(request.model, request.rows, calm);
      expect(after.totalCost()).toBeCloseTo(before.totalCost(), 7);
      expect(after.keepsLimits()).toBe(true);
      after.fleetKw.forEach((kw, t) => {
        expect(kw).toBeCloseTo(before.fleetKw[t]!, 3);
      });
      const unrest = (change: Float64Array) => change.reduce((sum, moved) => sum + moved * moved, 0);
      expect(unrest(calm)).toBeLessThan(0.95 * unrest(request.change));
    }
  });

  it('never costs more and keeps every limit, whatever the problem', () => {
    fc.assert(
      fc.property(arbitraryProblem({ coupled: true }), (problem) => {
        const request = rawPlan(problem);
        const cost = new Loads(request.model, request.rows, request.change).totalCost();
        const after = new Loads(request.model, request.rows, calmPlan(request));
        expect(after.totalCost()).toBeLessThanOrEqual(cost + 3e-6 * Math.abs(cost) + 1e-9);
        expect(after.keepsLimits()).toBe(true);
      }),
      { numRuns: 150, seed: 21 },
    );
  });

  it('does nothing when there is no time', () => {
    const request = rawPlan(randomFleet({ seed: 11, vehicles: 10, deviationPerKwh: 0.1 }));
    expect(calmPlan({ ...request, outOfTime: () => true })).toEqual(request.change);
    let asked = 0;
    const late = calmPlan({
      ...request,
      outOfTime: () => {
        asked += 1;
        return asked > 2;
      },
    });
    expect(new Loads(request.model, request.rows, late).keepsLimits()).toBe(true);
  });
});

describe('a flat price', () => {
  it('gives full power first where nothing ties vehicles together, and even power under a commitment', async () => {
    const prices = new Array<number>(8).fill(0.1);
    const lossy = { chargeEfficiency: 0.95, dischargeEfficiency: 0.93, wearPerKwh: 0.02 };
    const cars = [24, 31, 38].map((targetEnergyKwh, i) =>
      plainVehicle({ id: `ev-${i}`, endSlot: 8, targetEnergyKwh, maxChargeKw: 7, ...lossy }),
    );
    const free = await solve(plainProblem(prices, cars));
    // Alone: full power, one slot at part power, then none.
    expect(free.plan.vehicles.map(({ netKw }) => netKw.filter((kw) => kw > 0))).toEqual(
      [[4 / 0.95], [7, 11 / 0.95 - 7], [7, 7, 18 / 0.95 - 14]].map((list) =>
        list.map((kw) => expect.closeTo(kw, 9)),
      ),
    );
    const sold = plainProblem(prices, cars, {
      commitment: { netKw: new Array<number>(8).fill(33 / 0.95 / 8), deviationPerKwh: 0.2 },
    });
    const { plan } = await solve(sold, { threads: 0 });
    expect(plan.status).toBe('optimal');
    for (const { netKw } of plan.vehicles) {
      const mean = netKw.reduce((sum, kw) => sum + kw, 0) / 8;
      for (const kw of netKw) expect(kw).toBeCloseTo(mean, 1);
    }
  });

  it('is evened out towards the earlier plan, within energy bounds and power', () => {
    const problem = plainProblem([0.1, 0.1, 0.1], [plainVehicle({ endSlot: 3, targetEnergyKwh: 38 })]);
    const model = createFleetModel(problem);
    const ties = findPriceTies(model);
    const change = Float64Array.of(10, 5, 3);
    expect([...evenShift(model, 0, ties, change, undefined)!]).toEqual([-4, 1, 3]);
    const wanted = Float64Array.of(6, 6, 0);
    const towards = evenShift(model, 0, ties, change, wanted)!;
    expect([...towards].map((moved, k) => moved + change[k]!)).toEqual([8, 8, 2]);
    expect(evenShift(model, 0, ties, Float64Array.of(6, 6, 6), undefined)).toBeUndefined();
    const distinct = createFleetModel(plainProblem([0.1, 0.2, 0.3], [plainVehicle({ endSlot: 3 })]));
    expect(findPriceTies(distinct).count).toBe(0);
  });
});

describe('solving again after a change', () => {
  const fleet = randomFleet({ seed: 11, vehicles: 60, deviationPerKwh: 0.1 });

  it('stays nearer to the earlier plan than the search does', async () => {
    const first = await solve(fleet, { threads: 0, gap: 1e-3 });
    const changed = {
      ...fleet,
      vehicles: fleet.vehicles.map((vehicle, i) =>
        i === 7 ? { ...vehicle, targetEnergyKwh: vehicle.targetEnergyKwh * 0.9 } : vehicle,
      ),
    };
    const again = await solve(changed, { threads: 0, gap: 1e-3, warm: first.warm });
    expect(again.plan.status).toBe('optimal');
    const request = rawPlan(changed);
    const previous = previousSchedule(changed, request.model, first.plan);
    const distance = (change: Float64Array) =>
      change.reduce((sum, moved, at) => sum + (moved - previous[at]!) ** 2, 0);
    expect(distance(calmPlan({ ...request, previous }))).toBeLessThan(0.9 * distance(request.change));
  });

  it('does not give up more than a millionth of the cost for an earlier plan', async () => {
    const good = await solve(fleet, { threads: 0, gap: 1e-5 });
    const poor = await solve(fleet, { threads: 0, gap: 2e-2 });
    const other = { ...fleet, shortfallPenaltyPerKwh: 6 };
    const again = await solve(other, { threads: 0, gap: 1e-5, previous: poor.plan });
    expect(evaluatePlan(other, again.plan).violations).toEqual([]);
    expect(again.plan.objective).toBeLessThan(good.plan.objective * (1 + 2e-5));
    expect(squares(again.plan)).toBeGreaterThan(0);
  });
});
