import { BENCHMARK_CASES, type BenchmarkCase, CLAIMED_FACTORS, LIMIT_MS } from './cases.js';
import { growthExponent } from './growth.js';
import { type BenchmarkResult, type Measurement, measured, quantile } from './measurement.js';

const MOST_WARM_SHARE = 0.3;
/** p99 of planning one vehicle among the others, ms: up to 10,000 vehicles, and beyond. */
const MOST_INCREMENTAL_MS = [2, 5] as const;
const MOST_MB = 2.5e9 / 2 ** 20;
const MOST_EXPONENT = 1.15;

const milliseconds = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toPrecision(3)} s` : `${value.toPrecision(3)} ms`;

const line = (name: string, claim: string, figure: string, holds: boolean | undefined): string =>
  `| ${name} | ${claim} | ${figure} | ${holds === undefined ? '' : holds ? 'holds' : 'does not hold'} |`;

/** What the project claims of its speed, each with what this run says of it: all that was measured, holding or not. */
export function renderClaims(result: BenchmarkResult): string {
  const lines = BENCHMARK_CASES.flatMap((test) => {
    const cold = measured(result, test.name, 'fleet', 'cold');
    return cold === undefined
      ? []
      : [...ownClaims(result, test, cold), ...rivalClaims(result, test, quantile(cold, 0.5))];
  });
  for (const gap of [1e-3, 1e-4]) {
    const exponent = growthExponent(result, 'commitment', gap);
    const name = `commitment, gap ${gap.toExponential(0)}`;
    const claim = `growth exponent from 1,000 on at most ${MOST_EXPONENT}`;
    if (exponent !== undefined) lines.push(line(name, claim, exponent.toFixed(2), exponent <= MOST_EXPONENT));
  }
  return ['| case | claim | measured | |', '| --- | --- | --- | --- |', ...lines].join('\n');
}

/** Time, memory, warm and incremental solves. */
function ownClaims(result: BenchmarkResult, test: BenchmarkCase, cold: Measurement): string[] {
  const { name, barMs, vehicles, family } = test;
  const lines: string[] = [];
  const medianMs = quantile(cold, 0.5);
  if (barMs !== undefined)
    lines.push(line(name, `at most ${milliseconds(barMs)}`, milliseconds(medianMs), medianMs <= barMs));
  const warm = measured(result, name, 'fleet', 'warm');
  if (warm !== undefined) {
    const share = quantile(warm, 0.5) / medianMs;
    const figure = `${(100 * share).toFixed(0)} %`;
    lines.push(line(name, 'warm at most 30 % of cold', figure, share <= MOST_WARM_SHARE));
  }
  const incremental = measured(result, name, 'fleet', 'incremental');
  if (incremental !== undefined) {
    const mostMs = MOST_INCREMENTAL_MS[vehicles > 10_000 ? 1 : 0];
    const p99Ms = quantile(incremental, 0.99);
    lines.push(line(name, `one vehicle p99 at most ${mostMs} ms`, milliseconds(p99Ms), p99Ms <= mostMs));
  }
  const limited = measured(result, name, 'fleet', 'limited');
  if (limited !== undefined) {
    const mostMs = LIMIT_MS * 1.1 + 50;
    const longestMs = Math.max(limited.firstMs, ...limited.times);
    const claim = `a limit of ${milliseconds(LIMIT_MS)} kept within 10 % + 50 ms`;
    lines.push(line(name, claim, milliseconds(longestMs), longestMs <= mostMs));
  }
  if (vehicles === 100_000 && family === 'commitment')
    lines.push(line(name, 'memory at most 2.5 GB', `${cold.peakMb.toFixed(0)} MiB`, cold.peakMb <= MOST_MB));
  return lines;
}

/** How many times slower others are: those of whom a factor is claimed, and the fastest. */
function rivalClaims(result: BenchmarkResult, test: BenchmarkCase, medianMs: number): string[] {
  const rivals = result.measurements.filter(
    (m) => m.case === test.name && m.solver !== 'fleet' && (m.failed === undefined || m.overMs !== undefined),
  );
  const factorOf = (m: Measurement): number => (m.overMs ?? quantile(m, 0.5)) / medianMs;
  const sorted = [...rivals].sort((one, two) => factorOf(one) - factorOf(two));
  const claims = CLAIMED_FACTORS.filter(({ name }) => name === test.name);
  const figure = (m: Measurement): string =>
    `${m.overMs === undefined ? '' : 'more than '}${factorOf(m).toFixed(0)} × ${m.solver}`;
  const lines = claims.flatMap(({ factor, of, solvers }) => {
    const fastest = sorted.find(({ solver }) => solvers === undefined || solvers.includes(solver));
    if (fastest === undefined) return [];
    return [line(test.name, `at least ${factor} × ${of}`, figure(fastest), factorOf(fastest) >= factor)];
  });
  const [fastest] = sorted;
  const told = claims.some(({ solvers }) => solvers === undefined);
  if (fastest !== undefined && !told)
    lines.push(line(test.name, 'fastest other', figure(fastest), undefined));
  return lines;
}
