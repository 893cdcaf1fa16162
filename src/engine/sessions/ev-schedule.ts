import { type DesiredProfile, profilePowerKwAt } from '../../domain/profile.js';
import type { EvSchedule } from '../../ports/station-events.js';

/** What an EV rounds, and what a station's unit costs, kW. */
const TOLERANCE_KW = 0.25;

/**
 * The first instant at which an EV's schedule goes beyond what the profile allows: more charging than a
 * setpoint above zero, any charging or discharge where it says 0, more discharge than one below. Undefined
 * when it stays inside (OCPP 2.1 K15.FR.11–13); an EV may always do less. What lies before `nowMs` or beyond
 * the profile's end is not judged.
 */
export function firstExcessMs(
  schedule: EvSchedule,
  profile: DesiredProfile,
  nowMs: number,
): number | undefined {
  const edges = [
    nowMs,
    ...schedule.periods.map((one) => one.startMs),
    ...profile.periods.map((one) => one.startMs),
  ]
    .filter((atMs) => atMs >= nowMs && atMs < profile.validToMs)
    .sort((a, b) => a - b);
  return edges.find((atMs) => {
    const allowedKw = profilePowerKwAt(profile, atMs);
    const meantKw = schedule.periods.findLast(({ startMs }) => startMs <= atMs)?.powerKw;
    if (allowedKw === undefined || meantKw === undefined) return false;
    return meantKw > Math.max(0, allowedKw) + TOLERANCE_KW || meantKw < Math.min(0, allowedKw) - TOLERANCE_KW;
  });
}
