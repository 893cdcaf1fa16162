import { type DesiredProfile, profilePowerKwAt } from '../../domain/profile.js';
import type { EvSchedule } from '../../ports/station-events.js';

/** What an EV rounds, and what a station's unit costs, kW. */
const TOLERANCE_KW = 0.25;

/**
 * The first instant at which an EV's schedule goes beyond what the profile allows: more charging than a
 * setpoint above zero, any charging or discharge where it says 0, more discharge than one below. Undefined
 * when it stays inside (OCPP 2.1 K15.FR.11–13); an EV may always do less. What lies before `nowMs`, or beyond the
 * end of either, is not judged. Both are in our time.
 */
export function firstExcessMs(
  schedule: EvSchedule,
  profile: DesiredProfile,
  nowMs: number,
): number | undefined {
  const endMs = Math.min(profile.validToMs, schedule.endMs ?? Number.POSITIVE_INFINITY);
  const edges = [
    nowMs,
    ...schedule.periods.map((one) => one.startMs),
    ...profile.periods.map((one) => one.startMs),
  ]
    .filter((atMs) => atMs >= nowMs && atMs < endMs)
    .sort((a, b) => a - b);
  return edges.find((atMs) => {
    const allowedKw = profilePowerKwAt(profile, atMs);
    const meantKw = schedule.periods.findLast(({ startMs }) => startMs <= atMs)?.powerKw;
    if (allowedKw === undefined || meantKw === undefined) return false;
    return meantKw > Math.max(0, allowedKw) + TOLERANCE_KW || meantKw < Math.min(0, allowedKw) - TOLERANCE_KW;
  });
}

/** What a station's schedule means in our time: its clock is `skewMs` ahead of ours. */
export function inOurTime(schedule: EvSchedule, skewMs: number): EvSchedule {
  return {
    ...schedule,
    ...(schedule.endMs === undefined ? {} : { endMs: schedule.endMs - skewMs }),
    periods: schedule.periods.map(({ startMs, powerKw }) => ({ startMs: startMs - skewMs, powerKw })),
  };
}

/** Only what a schedule says of now: what follows a Dynamic profile knows nothing of the updates to come. */
export function ofNow(schedule: EvSchedule, nowMs: number): EvSchedule {
  return { ...schedule, endMs: Math.min(schedule.endMs ?? Number.POSITIVE_INFINITY, nowMs + 1) };
}
