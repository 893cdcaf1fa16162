import { once } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { PROBLEM_DEPOT, plainProblem, plainVehicle } from '../../benchmarks/problem-depot.js';
import { answerLinearProgram } from '../../solver/backends/answer-linear-program.js';
import { JobThread } from '../../solver/backends/job-thread.js';
import type { LinearProgramJob } from '../../solver/backends/linear-program-job.js';
import type { LinearProgramFind, LinearProgramSearch } from '../../solver/backends/linear-program-search.js';
import { serveJobs } from '../../solver/backends/serve-jobs.js';
import { createFleetModel } from '../../solver/fleet-model.js';
import { solve } from '../../solver/index.js';
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

  it('takes a program without columns', async () => {
    const { program } = buildLinearProgram(plainProblem([0.1], []));
    expect(await answerLinearProgram(job('highs', { program }))).toEqual({
      status: 'solved',
      columnValue: [],
      rowDual: [],
    });
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

describe('the worker modules', () => {
  it('do nothing outside a worker', async () => {
    await import('../../solver/backends/linear-program-worker.js');
    await import('../../solver/backends/coordination-worker.js');
    await import('../../solver/backends/backing-worker.js');
  });
});

describe('JobThread', () => {
  const search = (solver: LinearProgramSearch['solver']): LinearProgramSearch => {
    const { problem } = PROBLEM_DEPOT[0]!;
    return { solver, problem, model: createFleetModel(problem), gap: 1e-6, deadlineMs: never };
  };
  const start = (most = 1) =>
    new JobThread<LinearProgramSearch, LinearProgramFind>('./linear-program-worker', most);

  it('answers jobs of two solvers, on one thread or two', async () => {
    for (const most of [1, 2]) {
      const thread = start(most);
      const found = await Promise.all([
        thread.run(search('highs'), { endAfterMs: never }),
        thread.run(search('javascript-lp-solver'), { endAfterMs: 600_000 }),
      ]);
      expect(found.map((answer) => answer?.status)).toEqual(['solved', 'solved']);
    }
  });

  it('ends the thread of an aborted job; the jobs behind it are done by another', async () => {
    const thread = start();
    const controller = new AbortController();
    const aborted = thread.run(search('highs'), { endAfterMs: never, signal: controller.signal });
    const waiting = thread.run(search('highs'), { endAfterMs: never, signal: controller.signal });
    const bystander = thread.run(search('highs'), { endAfterMs: never });
    const outcomes = Promise.allSettled([aborted, waiting, bystander]);
    controller.abort('no longer wanted');
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect((await bystander)?.status).toBe('solved');
  });

  it('asks a job that has begun to stop, where it can be asked', async () => {
    const thread = start();
    const controller = new AbortController();
    let asked = 0;
    const pending = thread.run(search('highs'), {
      endAfterMs: never,
      signal: controller.signal,
      stop: () => {
        asked += 1;
      },
    });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect(asked).toBe(1);
    expect((await thread.run(search('highs'), { endAfterMs: never }))?.status).toBe('solved');
  });

  it('gives up a job when its time is up, unless it is told to wait on', async () => {
    const thread = start();
    expect(await thread.run(search('highs'), { endAfterMs: 0 })).toBeUndefined();
    const patient = await thread.run(search('highs'), { endAfterMs: 0, waitOn: () => true });
    expect(patient?.status).toBe('solved');
  });

  it('fails the job when the thread cannot start, and only that job', async () => {
    const thread = new JobThread<LinearProgramSearch, LinearProgramFind>('./no-such-worker');
    await expect(thread.run(search('highs'), { endAfterMs: never })).rejects.toThrow();
    await expect(thread.run(search('highs'), { endAfterMs: never })).rejects.toThrow();
  });
});

describe('serveJobs', () => {
  it('answers what it is sent', async () => {
    const sent: unknown[] = [];
    let receive: (message: unknown) => unknown = () => undefined;
    const port = {
      on: (_: string, listener: (message: unknown) => unknown) => {
        receive = listener;
      },
      postMessage: (message: unknown) => sent.push(message),
    } as unknown as MessagePort;
    serveJobs<number, number>(async (n) => n * 2, port);
    await receive(10);
    await receive(20);
    expect(sent).toEqual([20, 40]);
    serveJobs((n: number) => n, null);
  });

  it('hands columns over instead of copying them, and shares those in shared memory', async () => {
    const { port1: near, port2: far } = new MessageChannel();
    const own = new Float64Array([1, 2]);
    const shared = new Float64Array(new SharedArrayBuffer(8));
    const copied = new Float64Array([3]);
    const answer = { own, shared, copied };
    serveJobs(
      () => answer,
      far,
      (answered) => [answered.own, answered.shared],
    );
    near.postMessage('job');
    const [received]: (typeof answer)[] = await once(near, 'message');
    near.close();
    shared[0] = 4;
    expect(received).toEqual({
      own: new Float64Array([1, 2]),
      shared: new Float64Array([4]),
      copied: new Float64Array([3]),
    });
    expect([own.length, shared.length, copied.length]).toEqual([0, 1, 1]);
  });
});
