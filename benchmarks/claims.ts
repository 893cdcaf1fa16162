import { BENCHMARK_CASES } from './cases.js';
import { type BenchmarkResult, type Measurement, quantile } from './measurement.js';

const MOST_WARM_SHARE = 0.3;

function measured(
  result: BenchmarkResult,
  name: string,
  solver: string,
  phase: string,
): Measurement | undefined {
  return result.measurements.find((m) => m.case === name && m.solver === solver && m.phase === phase);
}

/** What the project claims of its ratios, each with what this run says of it: all of them, holding or not. */
export function renderClaims(result: BenchmarkResult): string {
  const lines: string[] = [];
  for (const { name } of BENCHMARK_CASES) {
    const cold = measured(result, name, 'fleet', 'cold');
    if (cold === undefined || cold.failed !== undefined) continue;
    const warm = measured(result, name, 'fleet', 'warm');
    if (warm !== undefined && warm.failed === undefined) {
      const share = quantile(warm, 0.5) / quantile(cold, 0.5);
      const holds = share <= MOST_WARM_SHARE ? 'holds' : 'does not hold';
      lines.push(`| ${name} | warm at most 30 % of cold | ${(100 * share).toFixed(0)} % | ${holds} |`);
    }
    const rivals = result.measurements.filter(
      (m) => m.case === name && m.solver !== 'fleet' && (m.failed === undefined || m.overMs !== undefined),
    );
    if (rivals.length === 0) continue;
    const timeOf = (m: Measurement): number => m.overMs ?? quantile(m, 0.5);
    const fastest = rivals.reduce((best, m) => (timeOf(m) < timeOf(best) ? m : best));
    const factor = timeOf(fastest) / quantile(cold, 0.5);
    const more = fastest.overMs === undefined ? '' : 'more than ';
    const claim = name.startsWith('commitment, 5,000') ? 'at least 20 × the fastest other' : 'fastest other';
    const holds = claim === 'fastest other' ? '' : factor >= 20 ? 'holds' : 'does not hold';
    lines.push(`| ${name} | ${claim} | ${more}${factor.toFixed(0)} × ${fastest.solver} | ${holds} |`);
  }
  return ['| case | ratio in one run | measured | |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
