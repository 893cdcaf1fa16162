import { describe, expect, it } from 'vitest';
import { PROBLEM_DEPOT } from '../../benchmarks/problem-depot.js';
import { evaluatePlan, parseProblem, solve } from '../../solver/index.js';

describe.each(PROBLEM_DEPOT)('$name', ({ problem, optimum, small }) => {
  const scale = Math.max(1, Math.abs(optimum));

  it('is a valid document', () => {
    expect(parseProblem(structuredClone(problem))).toEqual(problem);
  });

  it('is solved by the fleet backend within the gap, with a bound below the optimum', async () => {
    const { plan } = await solve(problem, { threads: 0 });
    expect(evaluatePlan(problem, plan).violations).toEqual([]);
    expect(plan.objective).toBeGreaterThanOrEqual(optimum - 1e-7 * scale);
    expect(plan.objective).toBeLessThanOrEqual(optimum + 1.01e-4 * scale);
    expect(plan.lowerBound).toBeLessThanOrEqual(optimum + 1e-7 * scale);
    expect(plan.status).toBe('optimal');
  });

  it('is solved by HiGHS to its optimum', async () => {
    const { plan } = await solve(problem, { backend: 'highs' });
    expect(evaluatePlan(problem, plan).violations).toEqual([]);
    expect(Math.abs(plan.objective - optimum)).toBeLessThan(1e-6 * scale);
    expect(plan.lowerBound).toBeLessThanOrEqual(optimum + 1e-7 * scale);
  });

  // Its dense tableau takes small problems only; larger ones are not its business.
  if (!small) return;
  it('is solved by javascript-lp-solver to its optimum', async () => {
    const { plan } = await solve(problem, { backend: 'javascript-lp-solver' });
    expect(evaluatePlan(problem, plan).violations).toEqual([]);
    expect(Math.abs(plan.objective - optimum)).toBeLessThan(1e-6 * scale);
    expect(plan.lowerBound).toBeLessThanOrEqual(optimum + 1e-7 * scale);
  });
});
