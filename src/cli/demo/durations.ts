/** Median, 95th percentile and maximum of durations, seconds; undefined without any. */
export interface DurationSummary {
  readonly count: number;
  readonly p50S: number;
  readonly p95S: number;
  readonly maxS: number;
}

export function summarise(durationsS: readonly number[]): DurationSummary | undefined {
  if (durationsS.length === 0) return undefined;
  const ordered = [...durationsS].sort((a, b) => a - b);
  const at = (fraction: number) =>
    ordered[Math.min(ordered.length - 1, Math.floor(fraction * ordered.length))] ?? 0;
  return { count: ordered.length, p50S: at(0.5), p95S: at(0.95), maxS: at(1) };
}

/** `1.2 ms (p95 3.4, max 5.0, 120 times)`. */
export function describe(summary: DurationSummary | undefined): string {
  if (summary === undefined) return 'none';
  const ms = (seconds: number) => (seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0);
  return `${ms(summary.p50S)} ms (p95 ${ms(summary.p95S)}, max ${ms(summary.maxS)}, ${summary.count} times)`;
}
