import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluatePlan, ProblemError, parseProblem, solve } from '../../solver/index.js';
import { arbitraryProblem } from './arbitrary-problem.js';

/** Replaces one value somewhere in a document. */
function spoil(value: unknown, path: readonly number[], by: unknown): unknown {
  if (path.length === 0 || typeof value !== 'object' || value === null) return by;
  const keys = Object.keys(value);
  if (keys.length === 0) return by;
  const key = keys[path[0]! % keys.length]!;
  const copy = Array.isArray(value) ? [...value] : { ...value };
  const record = copy as Record<string, unknown>;
  record[key] = spoil(record[key], path.slice(1), by);
  return copy;
}

describe('documents from anywhere', () => {
  it('are refused with the place named, or solved: nothing else happens', async () => {
    const path = fc.array(fc.nat(20), { minLength: 1, maxLength: 4 });
    const junk = fc.oneof(
      fc.anything(),
      fc.double(),
      fc.constantFrom(-1, 0, 1e308, Number.NaN, 1e-300, '', null, [], {}, 2000),
    );
    await fc.assert(
      fc.asyncProperty(arbitraryProblem({ coupled: true }), path, junk, async (problem, where, by) => {
        const document = spoil(problem, where, by);
        let parsed: ReturnType<typeof parseProblem>;
        try {
          parsed = parseProblem(document);
        } catch (error) {
          expect(error).toBeInstanceOf(ProblemError);
          expect((error as ProblemError).faults.length).toBeGreaterThan(0);
          return;
        }
        const { plan } = await solve(parsed, { threads: 0, timeLimitMs: 50, gap: 1e-2 });
        expect(evaluatePlan(parsed, plan).violations).toEqual([]);
        expect(plan.lowerBound).toBeLessThanOrEqual(plan.objective);
        expect(Number.isFinite(plan.objective)).toBe(true);
      }),
      { numRuns: 400, seed: 7 },
    );
  }, 60_000);
});
