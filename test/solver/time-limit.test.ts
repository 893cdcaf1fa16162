import { describe, expect, it } from 'vitest';
import { plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { randomFleet } from '../../benchmarks/random-fleet.js';
import type { BackendName } from '../../solver/backend.js';
import { createLinearProgramBackend } from '../../solver/backends/linear-program-backend.js';
import { searchLinearProgram } from '../../solver/backends/linear-program-search.js';
import { monotonicMs } from '../../solver/backends/monotonic-clock.js';
import { uncoupledSchedule } from '../../solver/backends/uncoupled.js';
import { createFleetModel } from '../../solver/fleet-model.js';
import { evaluatePlan, type ProblemDocument, solve } from '../../solver/index.js';
import { buildLinearProgram } from '../../solver/linear-program.js';
import { lowerBound } from '../../solver/lower-bound.js';
import { mostReserveRevenue } from '../../solver/reserve-revenue.js';
import { describeSchedule } from '../../solver/schedule.js';

const sizes = { seed: 1, vehicles: 24 };
const FLEETS: readonly (readonly [string, ProblemDocument])[] = [
  ['uncoupled', randomFleet(sizes)],
  ['with a commitment', randomFleet({ ...sizes, deviationPerKwh: 0.1 })],
  ['on sites', randomFleet({ ...sizes, deviationPerKwh: 0.1, siteSize: 8 })],
  ['with reserves', randomFleet({ ...sizes, deviationPerKwh: 0.1, reserveBlocks: 6 })],
];
const BACKENDS: readonly BackendName[] = ['fleet', 'highs', 'javascript-lp-solver'];
const idleCost = (problem: ProblemDocument): number =>
  evaluatePlan(problem, {
    vehicles: problem.vehicles.map(({ id, firstSlot, endSlot, energyKwh, targetEnergyKwh }) => ({
      id,
      netKw: new Array<number>(endSlot - firstSlot).fill(0),
      shortfallKwh: Math.max(0, targetEnergyKwh - energyKwh),
    })),
    fleet: { netKw: new Array<number>(problem.horizon.slots).fill(0) },
    reserves: problem.reserves.map(({ id }) => ({ id, kw: 0 })),
  }).objective;

describe.each(BACKENDS)('%s without time', (backend) => {
  it.each(FLEETS)(
    'leaves a plan of a fleet %s that keeps every limit, beats idling and has a bound',
    async (_, problem) => {
      const { plan } = await solve(problem, { backend, timeLimitMs: 1, gap: 1e-9 });
      expect(evaluatePlan(problem, plan).violations).toEqual([]);
      expect(plan.objective).toBeLessThan(idleCost(problem));
      expect(Number.isFinite(plan.lowerBound)).toBe(true);
      expect(plan.lowerBound).toBeLessThanOrEqual(plan.objective);
      expect(plan.status === 'optimal').toBe(plan.gap <= 1e-9);
    },
  );

  it('rejects when aborted, and solves the next problem', async () => {
    const [, problem] = FLEETS[3]!;
    const controller = new AbortController();
    const pending = solve(problem, { backend, signal: controller.signal, gap: 0 });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    const { plan } = await solve(plainProblem([0.1, 0.2], [plainVehicle()]), { backend });
    expect(plan.status).toBe('optimal');
  });
});

describe('a search that is asked for more than it can reach', () => {
  it.each([
    ['with a commitment', randomFleet({ seed: 2, vehicles: 2000, deviationPerKwh: 0.1 }), 300],
    ['with reserves', randomFleet({ seed: 2, vehicles: 60, deviationPerKwh: 0.1, reserveBlocks: 6 }), 40],
  ])('in a thread ends when its time does, %s', async (_, problem, timeLimitMs) => {
    const { plan } = await solve(problem, { gap: 0, timeLimitMs });
    expect(plan.status).toBe('feasible');
    expect(evaluatePlan(problem, plan).violations).toEqual([]);
    expect(Number.isFinite(plan.lowerBound)).toBe(true);
  });
});

describe('what reserves can earn at the most', () => {
  it('is nothing for a block without slots or without a price', () => {
    const reserve = {
      id: 'r',
      direction: 'up',
      fromSlot: 0,
      endSlot: 1,
      pricePerKwPerHour: 0.5,
      sustainMinutes: 60,
      powerFactor: 2,
    } as const;
    const { maxChargeKw, maxDischargeKw } = plainVehicle();
    const one = plainProblem([0.1], [plainVehicle({ endSlot: 1 })], { reserves: [reserve] });
    expect(mostReserveRevenue(one)).toBeCloseTo((0.5 * (maxChargeKw + maxDischargeKw)) / 2, 9);
    expect(mostReserveRevenue(plainProblem([0.1], [], { reserves: [{ ...reserve, endSlot: 0 }] }))).toBe(0);
    expect(
      mostReserveRevenue(plainProblem([0.1], [], { reserves: [{ ...reserve, pricePerKwPerHour: 0 }] })),
    ).toBe(0);
  });
});

describe('vehicles for which there is no time', () => {
  it('stay idle, and the bound holds', () => {
    const problem = randomFleet({ seed: 1, vehicles: 300 });
    const model = createFleetModel(problem);
    const request = { problem, model, gap: 1e-4, threads: 0 };
    const cut = uncoupledSchedule({ ...request, deadlineMs: 0 });
    const whole = uncoupledSchedule({ ...request, deadlineMs: Number.POSITIVE_INFINITY });
    expect(cut.change.subarray(model.offset[299]).every((moved) => moved === 0)).toBe(true);
    expect(whole.change.subarray(model.offset[299]).some((moved) => moved !== 0)).toBe(true);
    const [loose, tight] = [cut, whole].map(({ multipliers }) => lowerBound(problem, multipliers));
    expect(loose!).toBeLessThan(tight!);
    expect(Number.isFinite(loose)).toBe(true);
  });
});

describe('a general solver', () => {
  const problem = plainProblem(
    [-0.4, -0.3, -0.4, -0.35],
    [plainVehicle({ endSlot: 4, chargeEfficiency: 0.8, dischargeEfficiency: 0.8 })],
  );
  const search = (deadlineMs: number) => ({
    solver: 'highs' as const,
    problem,
    model: createFleetModel(problem),
    gap: 1e-6,
    deadlineMs,
  });

  it('hands back a plan that keeps the limits and what its duals prove', async () => {
    const { status, found, proof } = await searchLinearProgram(search(Number.POSITIVE_INFINITY));
    expect(status).toBe('solved');
    const own = await solve(problem);
    expect(found!.change.length).toBe(4);
    expect(proof!.provedBound).toBeLessThanOrEqual(own.plan.objective);
  });

  it('reads shares of reserves and the prices of sites', async () => {
    const whole = randomFleet({ seed: 3, vehicles: 6, deviationPerKwh: 0.1, siteSize: 3, reserveBlocks: 6 });
    const model = createFleetModel(whole);
    const { status, found, proof } = await searchLinearProgram({
      ...search(Number.POSITIVE_INFINITY),
      problem: whole,
      model,
    });
    expect(status).toBe('solved');
    const plan = describeSchedule(whole, model, {
      change: found!.change,
      reserves: found!.reserves!,
      multipliers: proof!.multipliers,
    });
    const { objective, violations } = evaluatePlan(whole, plan);
    expect(violations).toEqual([]);
    expect(plan.reserves.some(({ kw }) => kw > 0)).toBe(true);
    expect(proof!.multipliers.sitePerKwh).toHaveLength(2);
    expect(proof!.provedBound).toBeLessThanOrEqual(objective);
    expect(objective - proof!.provedBound).toBeLessThan(1e-4 * Math.abs(objective));
  });

  it('takes a vehicle that is never there', async () => {
    const absent = plainProblem([0.1], [plainVehicle({ endSlot: 0, targetEnergyKwh: 30 })]);
    const model = createFleetModel(absent);
    const { found, proof } = await searchLinearProgram({
      ...search(Number.POSITIVE_INFINITY),
      problem: absent,
      model,
    });
    expect(found!.change).toHaveLength(0);
    expect(proof!.provedBound).toBeCloseTo(10 * absent.shortfallPenaltyPerKwh, 6);
  });

  it('keeps what it has when time is up among binary columns, unless that burns energy', async () => {
    const { program, map } = buildLinearProgram(problem);
    const idle = program.cost.map(() => 0);
    for (let k = 0; k < 4; k += 1) idle[map.energyColumn[0]! + k] = problem.vehicles[0]!.energyKwh;
    const burning = [...idle];
    burning[map.importColumn[0]!] = 1;
    burning[map.exportColumn[0]!] = 1;
    const late = (columnValue: readonly number[]) =>
      searchLinearProgram(search(Number.POSITIVE_INFINITY), async () => ({
        status: 'time-limit',
        columnValue,
      }));
    expect(Array.from((await late(idle)).found!.change)).toEqual([0, 0, 0, 0]);
    expect(await late(burning)).toEqual({ status: 'time-limit' });
  });

  it('says that time is up, and finds nothing then', async () => {
    const large = randomFleet({ seed: 1, vehicles: 60, deviationPerKwh: 0.1, reserveBlocks: 6 });
    const answer = await searchLinearProgram({
      ...search(monotonicMs()),
      problem: large,
      model: createFleetModel(large),
    });
    expect(answer).toEqual({ status: 'time-limit' });
  });

  it('says why it failed', async () => {
    const broken = { ...problem, shortfallPenaltyPerKwh: Number.NaN };
    const answer = await searchLinearProgram({ ...search(Number.POSITIVE_INFINITY), problem: broken });
    expect(answer.status).toBe('failed');
    const backend = createLinearProgramBackend('highs', () => Promise.reject(new Error('no own search')));
    const request = { problem: broken, model: createFleetModel(broken), gap: 1e-4, threads: 0 };
    await expect(backend.solve({ ...request, deadlineMs: Number.POSITIVE_INFINITY })).rejects.toThrow();
  });
});
