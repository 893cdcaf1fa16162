import { createReplanner, solve } from '../solver/index.js';
import { BENCHMARK_CASES, type BenchmarkCase, LIMIT_MS, type Phase, problemOf } from './cases.js';
import type { Measurement } from './measurement.js';
import { solveByRival } from './rivals.js';

/** Measures one phase of one case by one solver in a process of its own; prints the result as JSON. */
async function measure(test: BenchmarkCase, solver: string, phase: Phase): Promise<Measurement> {
  const times: number[] = [];
  let [firstMs, objective, gap] = [0, 0, 0];
  const record = (milliseconds: number, first: boolean): void => {
    if (first) firstMs = milliseconds;
    else times.push(milliseconds);
  };
  const problem = problemOf(test);
  if (solver !== 'fleet') {
    const repeats = test.vehicles > 500 ? 0 : 2;
    for (let k = 0; k <= repeats; k += 1) {
      const answer = await solveByRival(solver, problem);
      record(answer.milliseconds, k === 0);
      objective = answer.objective;
    }
  } else if (phase === 'cold') {
    for (let k = 0; k <= test.repeats; k += 1) {
      const started = performance.now();
      const { plan } = await solve(problem, { gap: test.gap });
      record(performance.now() - started, k === 0);
      [objective, gap] = [plan.objective, plan.gap];
    }
  } else if (phase === 'warm') {
    const { warm } = await solve(problem, { gap: test.gap });
    // One in a hundred has changed its mind: half of them need more, half less.
    const changed = {
      ...problem,
      vehicles: problem.vehicles.map((vehicle, i) =>
        i % 100 === 0
          ? { ...vehicle, targetEnergyKwh: vehicle.targetEnergyKwh * (i % 200 === 0 ? 0.85 : 1.05) }
          : vehicle,
      ),
    };
    for (let k = 0; k <= test.repeats; k += 1) {
      const started = performance.now();
      const { plan } = await solve(changed, { gap: test.gap, warm });
      record(performance.now() - started, k === 0);
      [objective, gap] = [plan.objective, plan.gap];
    }
  } else if (phase === 'limited') {
    for (let k = 0; k <= test.repeats; k += 1) {
      const started = performance.now();
      const { plan } = await solve(problem, { gap: 0, timeLimitMs: LIMIT_MS });
      record(performance.now() - started, k === 0);
      [objective, gap] = [plan.objective, plan.gap];
    }
  } else {
    const { warm } = await solve(problem, { gap: test.gap });
    const replanner = createReplanner(problem, warm);
    for (let k = 0; k <= 2000; k += 1) {
      const vehicle = problem.vehicles[k % problem.vehicles.length]!;
      const started = performance.now();
      replanner.replan({ ...vehicle, id: `new-${k}` });
      record(performance.now() - started, k === 0);
    }
  }
  const peakMb = process.resourceUsage().maxRSS / 1024;
  return { case: test.name, solver, phase, firstMs, times, objective, gap, peakMb };
}

const [name, solver = 'fleet', phase = 'cold'] = process.argv.slice(2);
const test = BENCHMARK_CASES.find((entry) => entry.name === name);
if (test === undefined) throw new Error(`no case is called ${name}`);
process.stdout.write(`${JSON.stringify(await measure(test, solver, phase as Phase))}\n`);
