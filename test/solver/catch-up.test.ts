import { describe, expect, it } from 'vitest';
import { randomFleet } from '../../benchmarks/random-fleet.js';
import { answerCoordination } from '../../solver/backends/answer-coordination.js';
import { createCouplingRows } from '../../solver/coordination/coupling-rows.js';
import { leavingAtMost, mostRegretful, regretsOf } from '../../solver/coordination/regrets.js';
import { createFleetModel, windowSlots } from '../../solver/fleet-model.js';
import { evaluatePlan, type ProblemDocument, solve } from '../../solver/index.js';
import { previousSchedule } from '../../solver/previous-schedule.js';
import { scheduleCost } from '../../solver/schedule-cost.js';

const withNewTargets = (problem: ProblemDocument, every: number): ProblemDocument => ({
  ...problem,
  vehicles: problem.vehicles.map((vehicle, i) =>
    i % every === 0
      ? { ...vehicle, targetEnergyKwh: vehicle.targetEnergyKwh * (i % (2 * every) === 0 ? 0.85 : 1.05) }
      : vehicle,
  ),
});

describe('a warm solve after one vehicle in a hundred changed', () => {
  it.each([
    ['under a commitment', randomFleet({ seed: 9, vehicles: 1000, deviationPerKwh: 0.1 }), 1e-4],
    ['with sites', randomFleet({ seed: 9, vehicles: 400, deviationPerKwh: 0.1, siteSize: 20 }), 1e-3],
  ])('%s is a whole solve that sweeps far less than a cold one', async (_, problem, gap) => {
    const cold = await solve(problem, { gap, threads: 0 });
    const changed = withNewTargets(problem, 100);
    const { plan } = await solve(changed, { gap, threads: 0, warm: cold.warm });
    expect(evaluatePlan(changed, plan).violations).toEqual([]);
    expect(plan.status).toBe('optimal');
    const unmoved = plan.vehicles.filter((vehicle, i) => {
      const before = cold.plan.vehicles[i];
      return vehicle.netKw.every((kw, k) => Math.abs(kw - (before?.netKw[k] ?? 0)) < 1e-9);
    });
    expect(unmoved.length).toBeGreaterThan(0.1 * problem.vehicles.length);

    const model = createFleetModel(changed);
    const rows = createCouplingRows(changed, model);
    const job = { model, rows, gap, deadlineMs: Number.POSITIVE_INFINITY, signals: new Int32Array(2) };
    const sweeps = answerCoordination(job).sweeps;
    const [fleet, site] = [
      new Float64Array(rows.slotCount),
      new Float64Array(rows.siteCount * rows.slotCount),
    ];
    cold.warm.fleetPerKwh.forEach((price, t) => {
      fleet[t] = price;
    });
    for (const { id, perKwh } of cold.warm.sites)
      site.set(perKwh, changed.sites.findIndex((candidate) => candidate.id === id) * rows.slotCount);
    const warmJob = {
      ...job,
      startPrices: { fleet, site },
      startChange: previousSchedule(changed, model, cold.plan),
    };
    expect(answerCoordination(warmJob).sweeps).toBeLessThan(0.3 * sweeps);
  });

  it('keeps the gap asked for when vehicles go back to their earlier schedules', async () => {
    const problem = randomFleet({ seed: 10, vehicles: 300, deviationPerKwh: 0.1 });
    for (const gap of [5e-4, 1e-3, 2e-3]) {
      const { warm } = await solve(problem, { gap, threads: 0 });
      const { plan } = await solve(withNewTargets(problem, 30), { gap, threads: 0, warm });
      expect(plan.gap).toBeLessThanOrEqual(gap);
    }
  });

  it('is a whole search when most of the fleet has changed', async () => {
    const problem = randomFleet({ seed: 9, vehicles: 200, deviationPerKwh: 0.1 });
    const { warm } = await solve(problem, { gap: 1e-3, threads: 0 });
    const changed = withNewTargets(problem, 2);
    const { plan } = await solve(changed, { gap: 1e-3, threads: 0, warm });
    expect(evaluatePlan(changed, plan).violations).toEqual([]);
    expect(plan.status).toBe('optimal');
  });

  it('ends at once when told to stop, with the earlier plan as it can still be kept', async () => {
    const problem = randomFleet({ seed: 9, vehicles: 200, deviationPerKwh: 0.1 });
    const { plan } = await solve(problem, { gap: 1e-3, threads: 0 });
    const changed = withNewTargets(problem, 50);
    const model = createFleetModel(changed);
    const found = answerCoordination({
      model,
      rows: createCouplingRows(changed, model),
      gap: 1e-9,
      deadlineMs: Number.POSITIVE_INFINITY,
      startChange: previousSchedule(changed, model, plan),
      signals: new Int32Array([1, 0]),
    });
    expect(found.sweeps).toBe(0);
    expect(found.objective).toBeGreaterThanOrEqual(found.lowerBound);
  });
});

describe('regrets', () => {
  const problem = randomFleet({ seed: 3, vehicles: 12 });
  const model = createFleetModel(problem);
  const free = { fleet: new Float64Array(model.slotCount), site: new Float64Array(0) };

  it('are what a schedule costs more than the best answer', async () => {
    const { plan } = await solve(problem);
    const best = previousSchedule(problem, model, plan);
    const idle = new Float64Array(windowSlots(model));
    const regrets = regretsOf(model, free, idle, best);
    regrets.forEach((regret, i) => {
      const at = model.offset[i] as number;
      const more = scheduleCost(model, i, idle, at) - scheduleCost(model, i, best, at);
      expect(regret).toBeCloseTo(more, 9);
      expect(regret).toBeGreaterThanOrEqual(0);
    });
    expect([...regretsOf(model, free, best, best)]).toEqual(new Array(12).fill(0));
  });

  it('count the prices of the rows', () => {
    const idle = new Float64Array(windowSlots(model));
    const some = idle.slice();
    some[0] = -1;
    const dear = { ...free, fleet: free.fleet.map(() => 1) };
    const [plain] = regretsOf(model, free, some, idle);
    const [priced] = regretsOf(model, dear, some, idle);
    expect((priced as number) - (plain as number)).toBeCloseTo(-(model.dischargeEfficiency[0] as number), 9);
  });

  it('choose as few vehicles as leave no more than asked, or the first so many', () => {
    const regrets = Float64Array.of(0.1, 5, 0.2, 0, 3, 0.3);
    expect([...leavingAtMost(regrets, 0.7)]).toEqual([1, 4]);
    expect([...leavingAtMost(regrets, 0.5)]).toEqual([1, 4, 5]);
    expect([...leavingAtMost(regrets, 0)]).toEqual([0, 1, 2, 4, 5]);
    expect([...leavingAtMost(regrets, 100)]).toEqual([]);
    expect([...mostRegretful(regrets, 2)]).toEqual([1, 4]);
    expect([...mostRegretful(regrets, 3)]).toEqual([1, 4, 5]);
    expect([...mostRegretful(regrets, 100)]).toEqual([0, 1, 2, 4, 5]);
    expect([...mostRegretful(new Float64Array(3), 2)]).toEqual([]);
  });
});
