import { BENCHMARK_CASES } from './cases.js';
import { type BenchmarkResult, measured, quantile } from './measurement.js';

/** Exponent of growth of the median from the smallest to the largest size of a family at one gap. */
export function growthExponent(
  result: BenchmarkResult,
  family: string,
  gap: number,
  from = 1000,
): number | undefined {
  const points = BENCHMARK_CASES.filter(
    (test) => test.family === family && test.gap === gap && test.vehicles >= from,
  ).flatMap((test) => {
    const m = measured(result, test.name, 'fleet', 'cold');
    return m === undefined ? [] : [{ n: test.vehicles, ms: quantile(m, 0.5) }];
  });
  const first = points[0];
  const last = points[points.length - 1];
  if (first === undefined || last === undefined || first === last) return undefined;
  return Math.log(last.ms / first.ms) / Math.log(last.n / first.n);
}
