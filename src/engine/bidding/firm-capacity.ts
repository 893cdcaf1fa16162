import { assert } from '../../domain/assert.js';

/** How a firm quantity is drawn from scenarios. */
export type FirmMethod = 'quantile' | 'cvar';

export interface FirmCapacity {
  /** 0 when the sample is too small to carry the reliability. */
  readonly kw: number;
  /** How many scenarios lie at or below it by rank: `kw` is the rank-th smallest, or the mean of the rank smallest. */
  readonly rank: number;
  readonly scenarios: number;
}

/**
 * The quantity that a new scenario reaches with at least `reliability`, given scenarios that are exchangeable
 * with it. `quantile`: the k-th smallest with k = ⌊(n + 1)(1 − reliability)⌋; a new scenario falls below it with
 * probability at most k / (n + 1), whatever the distribution (order statistics; Vovk et al., conformal
 * prediction). `cvar`: the mean of the k smallest, which also bounds how deep a shortfall is. n < reliability /
 * (1 − reliability) scenarios prove nothing: 0.
 */
export function firmCapacity(
  scenariosKw: readonly number[],
  reliability: number,
  method: FirmMethod,
): FirmCapacity {
  assert(reliability > 0 && reliability < 1, 'a reliability is between 0 and 1');
  const sorted = [...scenariosKw].sort((a, b) => a - b);
  const rank = rankOf(sorted.length, reliability);
  const scenarios = sorted.length;
  if (rank < 1) return { kw: 0, rank: 0, scenarios };
  if (method === 'quantile') return { kw: sorted[rank - 1] ?? 0, rank, scenarios };
  const worst = sorted.slice(0, rank);
  return { kw: worst.reduce((sum, kw) => sum + kw, 0) / rank, rank, scenarios };
}

/** Fewest scenarios that carry a reliability. */
export function scenariosNeeded(reliability: number): number {
  return Math.ceil(1 / (1 - reliability) - 1 - 1e-9);
}

function rankOf(scenarios: number, reliability: number): number {
  return Math.floor((scenarios + 1) * (1 - reliability) + 1e-9);
}

export interface Proportion {
  readonly held: number;
  readonly of: number;
  /** held / of, and its Wilson score interval at 95 %; NaN, 0 and 1 for an empty sample. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Share of successes with its interval (Wilson 1927, z = 1.96). */
export function proportionOf(held: number, of: number): Proportion {
  if (of === 0) return { held, of, share: Number.NaN, low: 0, high: 1 };
  const z = 1.959964;
  const share = held / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return { held, of, share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
