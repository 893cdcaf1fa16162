import type { EvseId } from '../../domain/ids.js';
import { type DesiredProfile, dynamicDurationS } from '../../domain/profile.js';

/**
 * When a Dynamic profile is told its value next: where its power changes, and at least every third of its
 * dead-man time. Each EVSE has its own phase, so that a fleet that began in one second is spread evenly
 * over that third. Undefined once the profile has run out.
 */
export function nextRefreshMs(profile: DesiredProfile, nowMs: number): number | undefined {
  if (nowMs >= profile.validToMs) return undefined;
  const everyMs = Math.max(1, Math.floor((dynamicDurationS(profile) * 1000) / 3));
  const phaseMs = Math.floor(everyMs * fractionOf(profile.evseId));
  const beatMs = (Math.floor((nowMs - phaseMs) / everyMs) + 1) * everyMs + phaseMs;
  const edgeMs = profile.periods.find(({ startMs }) => startMs > nowMs)?.startMs ?? Number.POSITIVE_INFINITY;
  return Math.min(beatMs, edgeMs);
}

/** FNV-1a of the EVSE's name, as a share of its range: evenly spread and the same after a restart. */
export function fractionOf(evseId: EvseId): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < evseId.length; index++) {
    hash = Math.imul(hash ^ evseId.charCodeAt(index), 0x01000193) >>> 0;
  }
  // Names that differ in the last figure alone differ in the low bits alone; one more round mixes them up.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
