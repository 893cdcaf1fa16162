import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import { type CapacityRule, type CapacitySession, sessionCapacityKw } from './session-capacity.js';

/** Steps in which a pool's capacity is followed; a car that comes or goes inside one counts for nothing in it. */
export const CAPACITY_STEP_MINUTES = 15;
const STEP_MS = CAPACITY_STEP_MINUTES * MS_PER_MINUTE;

/** Sessions of a pool, found by time. */
export interface SessionHistory {
  /** Sessions that overlap [fromMs, toMs), by start. */
  overlapping(fromMs: number, toMs: number): readonly CapacitySession[];
  /** Number of distinct places with a session that began in [fromMs, toMs). */
  placesSeen(fromMs: number, toMs: number): number;
  /** Start of the first session; undefined without any. */
  readonly firstMs: number | undefined;
  readonly count: number;
}

/** Orders sessions for look-up. Look-ups cost a binary search and the sessions within the longest stay. */
export function createSessionHistory(sessions: readonly CapacitySession[]): SessionHistory {
  const byStart = [...sessions].sort(
    (a, b) => a.startMs - b.startMs || (a.place < b.place ? -1 : a.place > b.place ? 1 : 0),
  );
  // latestEndMs[k] = latest end among the first k + 1: tells how far back a look-up has to go.
  let latestMs = Number.NEGATIVE_INFINITY;
  const latestEndMs = byStart.map((session) => {
    latestMs = Math.max(latestMs, session.endMs);
    return latestMs;
  });
  const firstFrom = (atMs: number): number => {
    let low = 0;
    let high = byStart.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((byStart[middle]?.startMs ?? 0) < atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    firstMs: byStart[0]?.startMs,
    count: byStart.length,
    overlapping(fromMs, toMs) {
      const found: CapacitySession[] = [];
      for (let index = firstFrom(toMs) - 1; index >= 0 && (latestEndMs[index] ?? 0) > fromMs; index--) {
        const session = byStart[index];
        if (session !== undefined && session.endMs > fromMs) found.push(session);
      }
      return found.reverse();
    },
    placesSeen(fromMs, toMs) {
      return new Set(byStart.slice(firstFrom(fromMs), firstFrom(toMs)).map((session) => session.place)).size;
    },
  };
}

/** Most capacity, kW, that the grid connection of a site lets its cars hold together. */
export type SiteLimitsKw = ReadonlyMap<string, number>;

/**
 * Capacity, kW ≥ 0, that a pool holds through a whole block: the least over the block's steps of the sum of
 * its sessions' capacities, those of one site cut to its limit.
 */
export function poolCapacityKw(
  sessions: readonly CapacitySession[],
  rule: CapacityRule,
  block: { readonly startMs: number; readonly endMs: number },
  limits: SiteLimitsKw = new Map(),
): number {
  let leastKw = Number.POSITIVE_INFINITY;
  for (let fromMs = block.startMs; fromMs < block.endMs; fromMs += STEP_MS) {
    const toMs = Math.min(block.endMs, fromMs + STEP_MS);
    const sumKw = sumWithin(limits, sessions, (session) => sessionCapacityKw(session, rule, fromMs, toMs));
    if (sumKw < leastKw) leastKw = sumKw;
    if (leastKw === 0) return 0;
  }
  return Number.isFinite(leastKw) ? leastKw : 0;
}

function sumWithin(
  limits: SiteLimitsKw,
  sessions: readonly CapacitySession[],
  capacityKwOf: (session: CapacitySession) => number,
): number {
  let sumKw = 0;
  const bySite = new Map<string, number>();
  for (const session of sessions) {
    const capacityKw = capacityKwOf(session);
    if (session.siteId === undefined || !limits.has(session.siteId)) sumKw += capacityKw;
    else bySite.set(session.siteId, (bySite.get(session.siteId) ?? 0) + capacityKw);
  }
  for (const [siteId, capacityKw] of bySite) sumKw += Math.min(capacityKw, limits.get(siteId) ?? 0);
  return sumKw;
}

/** Length of a block in hours. */
export function blockHours(block: { readonly startMs: number; readonly endMs: number }): number {
  return (block.endMs - block.startMs) / MS_PER_HOUR;
}
