import type { Reading } from '../../domain/reading.js';

/** A stretch in which a meter spoke often enough that energy between its readings is measured, not guessed. */
export interface Covered {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Where a session's meter covers time: between neighbouring readings of a register at most `longestGapMs`
 * apart. Ascending; stretches that touch are one.
 */
export function coverageOf(readings: readonly Reading[], longestGapMs: number): Covered[] {
  const instants = readings
    .filter(({ importRegisterWh, exportRegisterWh }) => (importRegisterWh ?? exportRegisterWh) !== undefined)
    .map(({ atMs }) => atMs)
    .sort((a, b) => a - b);
  const covered: Covered[] = [];
  for (let index = 1; index < instants.length; index++) {
    const fromMs = instants[index - 1] ?? 0;
    const toMs = instants[index] ?? 0;
    if (toMs - fromMs > longestGapMs) continue;
    const last = covered.at(-1);
    if (last?.toMs === fromMs) covered[covered.length - 1] = { fromMs: last.fromMs, toMs };
    else covered.push({ fromMs, toMs });
  }
  return covered;
}

/** Whether [fromMs, toMs) lies in one stretch. */
export function isCovered(covered: readonly Covered[], fromMs: number, toMs: number): boolean {
  return covered.some((stretch) => stretch.fromMs <= fromMs && stretch.toMs >= toMs);
}

/** Share of [fromMs, toMs) that is covered, 0…1. */
export function coveredShare(covered: readonly Covered[], fromMs: number, toMs: number): number {
  const coveredMs = covered.reduce(
    (sum, stretch) => sum + Math.max(0, Math.min(toMs, stretch.toMs) - Math.max(fromMs, stretch.fromMs)),
    0,
  );
  return coveredMs / (toMs - fromMs);
}
