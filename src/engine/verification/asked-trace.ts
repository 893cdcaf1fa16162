import { type DesiredProfile, dynamicPowerKwAt, profilePowerKwAt } from '../../domain/profile.js';
import type { ProfileDialect } from '../../domain/station.js';

/** From `fromMs` on, until the next entry, this profile was what the station had taken. */
export interface TakenProfile {
  readonly fromMs: number;
  readonly profile: DesiredProfile;
  readonly dialect: ProfileDialect;
}

/** What an EVSE was told, oldest first. */
export type AskedTrace = readonly TakenProfile[];

/** Bounds of a power, signed kW. */
export interface PowerBand {
  readonly leastKw: number;
  readonly mostKw: number;
}

/** Entries kept; older ones are of no use once a window of judgement lies behind them. */
const MAX_TAKEN = 32;

/** The trace with one more profile; what ended before `keepFromMs` is dropped. */
export function withTaken(trace: AskedTrace, taken: TakenProfile, keepFromMs: number): AskedTrace {
  const last = trace.at(-1);
  if (last?.profile === taken.profile && last.dialect === taken.dialect) return trace;
  const firstKept = trace.findIndex((_, index) => (trace[index + 1]?.fromMs ?? Infinity) > keepFromMs);
  return [...trace.slice(Math.max(0, firstKept)), taken].slice(-MAX_TAKEN);
}

/** Power that was asked at an instant, kW; undefined when no profile was valid. */
export function askedKwAt(trace: AskedTrace, atMs: number): number | undefined {
  let taken: TakenProfile | undefined;
  for (const entry of trace) {
    if (entry.fromMs > atMs) break;
    taken = entry;
  }
  if (taken === undefined) return undefined;
  return taken.dialect === 'dynamic'
    ? dynamicPowerKwAt(taken.profile, atMs)
    : profilePowerKwAt(taken.profile, atMs);
}

/**
 * Bounds of the mean power over [fromMs, toMs] (of the power at it, when both are the same) of an EVSE that
 * does what it is told at most `lagMs` late: at each instant anything between the least and the most that
 * was asked in the `lagMs` before. Ramps and delays of any form within that time lie inside. Undefined when
 * nothing was asked at some instant of [fromMs − lagMs, toMs].
 */
export function askedBand(
  trace: AskedTrace,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  lagMs: number,
): PowerBand | undefined {
  const changesMs = changesWithin(trace, fromMs - lagMs, toMs);
  const steps = [fromMs - lagMs, ...changesMs].map((startMs) => ({
    startMs,
    askedKw: askedKwAt(trace, startMs),
  }));
  if (steps.some(({ askedKw }) => askedKw === undefined)) return undefined;
  const boundsAt = (atMs: number): PowerBand => {
    let leastKw = Number.POSITIVE_INFINITY;
    let mostKw = Number.NEGATIVE_INFINITY;
    steps.forEach(({ startMs, askedKw = 0 }, index) => {
      const endMs = steps[index + 1]?.startMs ?? Number.POSITIVE_INFINITY;
      if (endMs <= atMs - lagMs || startMs > atMs) return;
      leastKw = Math.min(leastKw, askedKw);
      mostKw = Math.max(mostKw, askedKw);
    });
    return { leastKw, mostKw };
  };
  if (fromMs >= toMs) return boundsAt(toMs);
  const edgesMs = [fromMs, toMs, ...changesMs, ...changesMs.map((changeMs) => changeMs + lagMs)]
    .filter((edgeMs) => edgeMs >= fromMs && edgeMs <= toMs)
    .sort((a, b) => a - b);
  let leastKwMs = 0;
  let mostKwMs = 0;
  edgesMs.forEach((edgeMs, index) => {
    const lengthMs = (edgesMs[index + 1] ?? edgeMs) - edgeMs;
    if (lengthMs === 0) return;
    const { leastKw, mostKw } = boundsAt(edgeMs + lengthMs / 2);
    leastKwMs += leastKw * lengthMs;
    mostKwMs += mostKw * lengthMs;
  });
  return { leastKw: leastKwMs / (toMs - fromMs), mostKw: mostKwMs / (toMs - fromMs) };
}

/** Instants in (fromMs, toMs] at which the power asked may change, ascending, each once. */
function changesWithin(trace: AskedTrace, fromMs: number, toMs: number): number[] {
  const instants = new Set<number>();
  const add = (atMs: number) => {
    if (atMs > fromMs && atMs <= toMs) instants.add(atMs);
  };
  for (const { fromMs: takenMs, profile, dialect } of trace) {
    add(takenMs);
    for (const { startMs } of profile.periods) {
      if (startMs > toMs) break;
      add(startMs);
    }
    add(profile.validToMs);
    // A Dynamic profile is told 0 in its last stretch.
    if (dialect === 'dynamic') add(lastStretchMs(profile));
  }
  return [...instants].sort((a, b) => a - b);
}

/** From here on `dynamicPowerKwAt` asks no discharge any more. */
function lastStretchMs(profile: DesiredProfile): number {
  return profile.validToMs - Math.max(1, Math.floor(profile.maxOfflineS / 3)) * 1000 + 1;
}
