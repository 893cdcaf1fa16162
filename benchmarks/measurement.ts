import type { Phase } from './cases.js';

/** One phase of one case by one solver. Times in milliseconds; the first solve of the process is apart. */
export interface Measurement {
  readonly case: string;
  readonly solver: string;
  readonly phase: Phase;
  readonly firstMs: number;
  readonly times: readonly number[];
  readonly objective: number;
  readonly gap: number;
  readonly peakMb: number;
  /** It was ended after this long, without a result. */
  readonly overMs?: number;
  /** Why there is no result. */
  readonly failed?: string;
}

/** A saved run. */
export interface BenchmarkResult {
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  readonly processors: number;
  readonly loadAtStart: number;
  readonly measurements: readonly Measurement[];
}

/** The value below which the given share of the times lies; the first solve where there is no other. */
export function quantile({ times, firstMs }: Measurement, share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? firstMs;
}

/** What a run says of one phase of one case by one solver; undefined when it is not in the run or failed. */
export function measured(
  result: BenchmarkResult,
  name: string,
  solver: string,
  phase: Phase,
): Measurement | undefined {
  return result.measurements.find(
    (m) => m.case === name && m.solver === solver && m.phase === phase && m.failed === undefined,
  );
}
