import { describe, expect, it } from 'vitest';
import { plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { randomFleet } from '../../benchmarks/random-fleet.js';
import { answerCoordination } from '../../solver/backends/answer-coordination.js';
import { createCouplingRows, smoothedPrice } from '../../solver/coordination/coupling-rows.js';
import { Loads } from '../../solver/coordination/loads.js';
import { hasBurningSlots, respondExactly } from '../../solver/coordination/respond-exactly.js';
import { createFleetModel } from '../../solver/fleet-model.js';
import { createReplanner, evaluatePlan, solve } from '../../solver/index.js';

const fleet = randomFleet({ seed: 11, vehicles: 60, deviationPerKwh: 0.1 });
const onSites = randomFleet({ seed: 11, vehicles: 60, deviationPerKwh: 0.1, siteSize: 20 });

const largestDifference = (a: Awaited<ReturnType<typeof solve>>['plan'], b: typeof a) =>
  Math.max(...a.vehicles.flatMap((v, i) => v.netKw.map((kw, k) => Math.abs(kw - b.vehicles[i]!.netKw[k]!))));

describe('the coordinated fleet', () => {
  it('gives the same plan in a worker thread as on the caller', async () => {
    const [inThread, here] = [
      await solve(onSites, { gap: 1e-3 }),
      await solve(onSites, { gap: 1e-3, threads: 0 }),
    ];
    expect(inThread.plan.vehicles).toEqual(here.plan.vehicles);
    expect(inThread.plan.lowerBound).toBe(here.plan.lowerBound);
  });

  it('shares memory with the thread when the fleet is large', async () => {
    const { plan } = await solve(randomFleet({ seed: 1, vehicles: 1200, deviationPerKwh: 0.1 }), {
      gap: 1e-2,
    });
    expect(plan.status).toBe('optimal');
  });

  it('keeps to fleet limits beside a commitment, and to series of limits', async () => {
    const limits = { importLimitKw: fleet.prices.importPerKwh.map((_, t) => 60 + t), exportLimitKw: 20 };
    const problem = { ...fleet, fleet: limits };
    const { plan } = await solve(problem, { threads: 0, gap: 1e-3 });
    expect(evaluatePlan(problem, plan).violations).toEqual([]);
    expect(plan.status).toBe('optimal');
  });

  it('handles vehicles with and without a site, and sites without vehicles', async () => {
    const mixed = {
      ...onSites,
      vehicles: onSites.vehicles.map((vehicle, i) => {
        const { siteId: _, ...loose } = vehicle;
        return i % 3 === 0 ? loose : vehicle;
      }),
      sites: [...onSites.sites, { id: 'empty', importLimitKw: 5 }],
    };
    const { plan } = await solve(mixed, { threads: 0, gap: 1e-3 });
    expect(evaluatePlan(mixed, plan).violations).toEqual([]);
    expect(plan.status).toBe('optimal');
  });

  it('groups many vehicles without a site', async () => {
    const many = randomFleet({ seed: 2, vehicles: 90, deviationPerKwh: 0.1 });
    const { plan } = await solve(many, { threads: 0, gap: 1e-4 });
    expect(plan.status).toBe('optimal');
  });

  it('stops in time with a plan that keeps the limits and an honest gap', async () => {
    let clock = 0;
    const model = createFleetModel(onSites);
    const rows = createCouplingRows(onSites, model);
    const answer = answerCoordination({ model, rows, gap: 1e-9, deadlineMs: 0, signals: new Int32Array(2) });
    expect(answer.objective).toBeGreaterThanOrEqual(answer.lowerBound);
    clock = (await solve(onSites, { threads: 0, gap: 1e-12, timeLimitMs: 60 })).plan.gap;
    expect(clock).toBeGreaterThan(1e-12);
  });

  it('ends when told to stop', () => {
    const model = createFleetModel(fleet);
    const rows = createCouplingRows(fleet, model);
    const signals = new Int32Array([1, 0]);
    const answer = answerCoordination({
      model,
      rows,
      gap: 0,
      deadlineMs: Number.POSITIVE_INFINITY,
      signals,
    });
    expect(answer.sweeps).toBeLessThan(10);
  });

  it('rejects when aborted, before and during the work', async () => {
    await expect(solve(fleet, { signal: AbortSignal.abort(new Error('changed my mind')) })).rejects.toThrow(
      'changed my mind',
    );
    const controller = new AbortController();
    const pending = solve(fleet, { gap: 0, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect((await solve(fleet, { gap: 1e-2 })).plan.status).toBe('optimal');
  });

  it('gives vehicles that are alike the same schedule', async () => {
    const twins = Array.from({ length: 6 }, (_, i) =>
      plainVehicle({ id: `ev-${i}`, endSlot: 4, targetEnergyKwh: 30 }),
    );
    const problem = plainProblem([0.2, 0.1, 0.15, 0.2], twins, {
      commitment: { netKw: [7, 13, 21, 3], deviationPerKwh: 0.2 },
    });
    const { plan } = await solve(problem, { threads: 0 });
    expect(plan.status).toBe('optimal');
    for (const vehicle of plan.vehicles) expect(vehicle.netKw).toEqual(plan.vehicles[0]!.netKw);
  });
});

describe('a few vehicles under a commitment', () => {
  it.each([1, 3, 10])('%i of them are taken on to the optimum, and stay there', async (vehicles) => {
    const problem = randomFleet({ seed: 11, vehicles, deviationPerKwh: 0.1 });
    const { plan, warm } = await solve(problem, { threads: 0 });
    expect(evaluatePlan(problem, plan).violations).toEqual([]);
    expect(plan.status).toBe('optimal');
    const again = await solve(problem, { threads: 0, warm });
    expect(largestDifference(plan, again.plan)).toBeLessThan(1e-9);
  });
});

describe('slots that would pay for burning energy, under a commitment', () => {
  const negative = fleet.prices.importPerKwh.map((price, t) =>
    t < 60 ? -0.5 + 0.01 * ((t * 7) % 13) : price,
  );
  const problem = {
    ...fleet,
    vehicles: fleet.vehicles.slice(0, 12),
    commitment: { ...fleet.commitment!, netKw: fleet.commitment!.netKw.map((kw) => kw! / 5) },
    prices: { importPerKwh: negative, exportPerKwh: negative },
  };

  it('get exact answers of the vehicles where that lowers the cost', () => {
    const model = createFleetModel(problem);
    const rows = createCouplingRows(problem, model);
    const prices = { fleet: new Float64Array(rows.slotCount), site: new Float64Array(0) };
    const change = new Float64Array(model.offset[12]!);
    const idle = new Loads(model, rows, change.slice()).totalCost();
    expect(hasBurningSlots(model)).toBe(true);
    expect(hasBurningSlots(createFleetModel(fleet))).toBe(false);
    respondExactly(model, rows, prices, change, () => true);
    expect(change.every((moved) => moved === 0)).toBe(true);
    respondExactly(model, rows, prices, change, () => false);
    expect(new Loads(model, rows, change).totalCost()).toBeLessThan(idle - 1);
  });

  it('leave an honest gap, and nothing hangs without a limit', async () => {
    const few = { ...problem, vehicles: problem.vehicles.slice(0, 2) };
    const { plan } = await solve(few, { threads: 0 });
    expect(evaluatePlan(few, plan).violations).toEqual([]);
    expect(plan.lowerBound).toBeLessThanOrEqual(plan.objective);
    expect(plan.status === 'optimal').toBe(plan.gap <= 1e-4);
  }, 60_000);
});

describe('solving again', () => {
  it.each([
    ['uncoupled', randomFleet({ seed: 4, vehicles: 30 })],
    ['with a commitment', fleet],
    ['with site limits', onSites],
  ])('an unchanged problem %s returns the unchanged plan', async (_, problem) => {
    const first = await solve(problem, { threads: 0, gap: 1e-3 });
    const warm = await solve(problem, { threads: 0, gap: 1e-3, warm: first.warm });
    expect(largestDifference(first.plan, warm.plan)).toBeLessThan(1e-9);
    const previous = await solve(problem, { threads: 0, gap: 1e-3, previous: first.plan });
    expect(largestDifference(first.plan, previous.plan)).toBeLessThan(1e-9);
  });

  it('keeps a plan that is as cheap as the new one, whatever the ties', async () => {
    const problem = plainProblem([0.1, 0.1, 0.1], [plainVehicle({ endSlot: 3, targetEnergyKwh: 25 })]);
    const { plan } = await solve(problem);
    const late = { ...plan, vehicles: [{ ...plan.vehicles[0]!, netKw: [0, 0, 5] }] };
    expect((await solve(problem)).plan.vehicles[0]!.netKw).toEqual([5, 0, 0]);
    expect((await solve(problem, { previous: late })).plan.vehicles[0]!.netKw).toEqual([0, 0, 5]);
    const gone = { ...late, vehicles: [{ ...late.vehicles[0]!, id: 'other' }] };
    expect((await solve(problem, { previous: gone })).plan.vehicles[0]!.netKw).toEqual([5, 0, 0]);
  });

  it('moves prices along when the horizon has moved, and drops those of other slots', async () => {
    const first = await solve(onSites, { threads: 0, gap: 1e-3 });
    const later = { ...onSites, horizon: { ...onSites.horizon, start: '2026-01-20T11:15:00Z' } };
    const other = { ...onSites, horizon: { ...onSites.horizon, start: '2026-01-20T11:07:00Z' } };
    for (const problem of [later, other]) {
      const { plan } = await solve(problem, { threads: 0, gap: 1e-3, warm: first.warm });
      expect(evaluatePlan(problem, plan).violations).toEqual([]);
      expect(plan.status).toBe('optimal');
    }
  });
});

describe('createReplanner', () => {
  it('plans a new vehicle within the limits that the others leave, and touches nobody else', async () => {
    const { plan, warm } = await solve(onSites, { threads: 0, gap: 1e-3 });
    const replanner = createReplanner(onSites, warm);
    const added = { ...onSites.vehicles[0]!, id: 'new' };
    const planned = replanner.replan(added);
    const problem = { ...onSites, vehicles: [...onSites.vehicles, added] };
    const netKw = [...plan.fleet.netKw];
    planned.netKw.forEach((kw, k) => {
      netKw[added.firstSlot + k]! += kw;
    });
    const together = { ...plan, vehicles: [...plan.vehicles, planned], fleet: { netKw } };
    expect(evaluatePlan(problem, together).violations).toEqual([]);
  });

  it('takes the place of the schedule that the vehicle had', () => {
    const problem = plainProblem([0.1, 0.2], [plainVehicle({ siteId: 's' })], {
      sites: [{ id: 's', importLimitKw: 10, exportLimitKw: 10 }],
    });
    return solve(problem).then(({ plan, warm }) => {
      const replanner = createReplanner(problem, warm);
      for (let again = 0; again < 3; again += 1) {
        const { netKw } = replanner.replan(problem.vehicles[0]!);
        netKw.forEach((kw, k) => {
          expect(kw).toBeCloseTo(plan.vehicles[0]!.netKw[k]!, 6);
        });
      }
      expect(replanner.replan(plainVehicle({ id: 'loose' })).netKw[0]).toBeCloseTo(10, 9);
    });
  });
});

describe('smoothedPrice', () => {
  it('stays within the cost of deviation and follows the load', () => {
    const inf = Number.POSITIVE_INFINITY;
    expect(smoothedPrice(10, 0, 0.01, 10, 0.1, inf, inf)).toBe(0);
    expect(smoothedPrice(15, 0, 0.01, 10, 0.1, inf, inf)).toBeCloseTo(0.05);
    expect(smoothedPrice(50, 0, 0.01, 10, 0.1, inf, inf)).toBeCloseTo(0.1);
    expect(smoothedPrice(-50, 0, 0.01, 10, 0.1, inf, inf)).toBeCloseTo(-0.1);
    expect(smoothedPrice(50, 0, 0.01, 0, 0, 40, inf)).toBeCloseTo(0.1);
    expect(smoothedPrice(-50, 0, 0.01, 0, 0, inf, 40)).toBeCloseTo(-0.1);
    expect(smoothedPrice(30, 0, 0.01, 0, 0, 40, 40)).toBe(0);
  });
});
