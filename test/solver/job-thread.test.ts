import type { MessagePort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { PROBLEM_DEPOT, plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { randomFleet } from '../../benchmarks/random-fleet.js';
import { answerLinearProgram } from '../../solver/backends/answer-linear-program.js';
import { JobThread } from '../../solver/backends/job-thread.js';
import type { LinearProgramAnswer, LinearProgramJob } from '../../solver/backends/linear-program-job.js';
import { serveJobs } from '../../solver/backends/serve-jobs.js';
import { evaluatePlan, solve } from '../../solver/index.js';
import { buildLinearProgram } from '../../solver/linear-program.js';

const never = Number.POSITIVE_INFINITY;
const job = (
  solver: LinearProgramJob['solver'],
  change: Partial<LinearProgramJob> = {},
): LinearProgramJob => ({
  solver,
  program: buildLinearProgram(PROBLEM_DEPOT[0]!.problem).program,
  gap: 1e-6,
  timeLimitMs: never,
  method: 'simplex',
  ...change,
});

describe('answerLinearProgram', () => {
  it('solves the same program with both solvers', async () => {
    for (const solver of ['highs', 'javascript-lp-solver'] as const) {
      const answer = await answerLinearProgram(job(solver, { timeLimitMs: 5000 }));
      expect(answer.status).toBe('solved');
    }
  });

  it('says so when a program has no solution, and when it makes no sense', async () => {
    const base = job('highs').program;
    const impossible = {
      ...base,
      rowLower: base.rowLower.map(() => 1e6),
      rowUpper: base.rowUpper.map(() => 2e6),
    };
    expect((await answerLinearProgram(job('highs', { program: impossible }))).status).toBe('failed');
    expect((await answerLinearProgram(job('javascript-lp-solver', { program: impossible }))).status).toBe(
      'failed',
    );
    const senseless = { ...base, column: base.column.map(() => -5) };
    expect((await answerLinearProgram(job('highs', { program: senseless }))).status).toBe('failed');
  });

  it('keeps burning out of the plan by binary columns', async () => {
    const problem = plainProblem(
      [-0.4, -0.3],
      [plainVehicle({ chargeEfficiency: 0.8, dischargeEfficiency: 0.8 })],
    );
    const { program } = buildLinearProgram(problem, [[0, 0]]);
    expect(program.binary).toHaveLength(1);
    const [ours, highs, plain] = [
      await solve(problem),
      await solve(problem, { backend: 'highs', timeLimitMs: 10_000 }),
      await solve(problem, { backend: 'javascript-lp-solver' }),
    ];
    expect(highs.plan.objective).toBeCloseTo(ours.plan.objective, 6);
    expect(plain.plan.objective).toBeCloseTo(ours.plan.objective, 6);
  });
});

describe('a general solver without enough time', () => {
  const fleet = randomFleet({ seed: 1, vehicles: 60, deviationPerKwh: 0.1, reserveBlocks: 6 });

  it('leaves a plan that keeps every limit, sells no reserve, and has a bound', async () => {
    const { plan } = await solve(fleet, { timeLimitMs: 30 });
    expect(evaluatePlan(fleet, plan).violations).toEqual([]);
    expect(plan.reserves.every(({ kw }) => kw === 0)).toBe(true);
    expect(Number.isFinite(plan.lowerBound)).toBe(true);
    expect(plan.status).toBe('feasible');
  });

  it('leaves a plan of the own search where there is no reserve', async () => {
    const { plan } = await solve({ ...fleet, reserves: [] }, { backend: 'highs', timeLimitMs: 30 });
    expect(evaluatePlan({ ...fleet, reserves: [] }, plan).violations).toEqual([]);
  });
});

describe('an answer that burns energy when time is up', () => {
  it('is not used', async () => {
    const problem = plainProblem(
      [-0.4, -0.3],
      [plainVehicle({ chargeEfficiency: 0.8, dischargeEfficiency: 0.8 })],
    );
    const { plan } = await solve(problem, { backend: 'highs', timeLimitMs: 1 });
    expect(evaluatePlan(problem, plan).violations).toEqual([]);
    expect(plan.lowerBound).toBeLessThanOrEqual(plan.objective);
  });
});

describe('the worker modules', () => {
  it('do nothing outside a worker', async () => {
    await import('../../solver/backends/linear-program-worker.js');
    await import('../../solver/backends/coordination-worker.js');
  });
});

describe('JobThread', () => {
  it('answers jobs in order and starts anew after a job was aborted', async () => {
    const thread = new JobThread<LinearProgramJob, LinearProgramAnswer>('./linear-program-worker');
    const [a, b] = await Promise.all([
      thread.run(job('highs'), { endAfterMs: never }),
      thread.run(job('javascript-lp-solver'), { endAfterMs: 60_000 }),
    ]);
    expect([a.status, b.status]).toEqual(['solved', 'solved']);
    const controller = new AbortController();
    const aborted = thread.run(job('highs'), { endAfterMs: never, signal: controller.signal });
    const bystander = thread.run(job('highs'), { endAfterMs: never });
    const outcomes = Promise.allSettled([aborted, bystander]);
    controller.abort('no longer wanted');
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect((await thread.run(job('highs'), { endAfterMs: never })).status).toBe('solved');
  });

  it('ends a job that does not keep to its time', async () => {
    const thread = new JobThread<LinearProgramJob, LinearProgramAnswer>('./linear-program-worker');
    await expect(thread.run(job('highs'), { endAfterMs: 0 })).rejects.toThrow(
      'did not keep to its time limit',
    );
  });

  it('fails the job when the thread cannot start', async () => {
    const thread = new JobThread<LinearProgramJob, LinearProgramAnswer>('./no-such-worker');
    await expect(thread.run(job('highs'), { endAfterMs: never })).rejects.toThrow();
  });
});

describe('serveJobs', () => {
  it('answers one after another in the order asked', async () => {
    const sent: unknown[] = [];
    let receive: (message: unknown) => void = () => undefined;
    const port = {
      on: (_: string, listener: (message: unknown) => void) => {
        receive = listener;
      },
      postMessage: (message: unknown) => sent.push(message),
    } as unknown as MessagePort;
    serveJobs<number, number>(async (n) => n * 2, port);
    receive({ id: 1, job: 10 });
    receive({ id: 2, job: 20 });
    await new Promise(setImmediate);
    expect(sent).toEqual([
      { id: 1, answer: 20 },
      { id: 2, answer: 40 },
    ]);
    serveJobs((n: number) => n, null);
  });
});
