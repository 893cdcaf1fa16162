import { DateTime, IANAZone } from 'luxon';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../domain/power.js';
import type { SessionPlan } from './session-plan.js';

/**
 * The time that is simulated. `whole`: only sessions that begin and end in it, so that every one can be
 * judged by its target. `open`: also those that have begun before (their cars plug in at the start) or last
 * longer (they are still there at the end).
 */
export interface SimulatedWindow {
  readonly startMs: number;
  readonly hours: number;
  readonly timeZone: string;
  readonly edges: 'whole' | 'open';
}

/** A window that holds a night holds whole stays; a shorter one would hold hardly any. */
const WHOLE_FROM_HOURS = 20;

export function defaultEdges(hours: number): SimulatedWindow['edges'] {
  return hours >= WHOLE_FROM_HOURS ? 'whole' : 'open';
}

export function windowEndMs({ startMs, hours }: SimulatedWindow): number {
  return startMs + hours * MS_PER_HOUR;
}

/** Cars that are there at the start plug in one after the other, not in one instant. */
const ARRIVAL_SPACING_MS = 2_000;

/** Sessions of one station, cut to the window by its rule. `station` spreads the plug-ins at the start. */
export function cutToWindow(
  sessions: readonly SessionPlan[],
  window: SimulatedWindow,
  station: number,
): SessionPlan[] {
  const endMs = windowEndMs(window);
  return sessions.flatMap((session): SessionPlan[] => {
    const { plugInMs, plugOutMs } = session;
    if (window.edges === 'whole') return plugInMs >= window.startMs && plugOutMs <= endMs ? [session] : [];
    if (plugInMs >= endMs || plugOutMs <= window.startMs) return [];
    if (plugInMs >= window.startMs) return [session];
    const firstMs = window.startMs + (station + 1) * ARRIVAL_SPACING_MS;
    if (plugOutMs <= firstMs) return [];
    return [
      { ...session, plugInMs: firstMs, assumptions: [...session.assumptions, 'stay cut at the start'] },
    ];
  });
}

/** What a clock on the wall shows at an instant, as if it were UTC. */
export function wallMs(instantMs: number, timeZone: string): number {
  return instantMs + IANAZone.create(timeZone).offset(instantMs) * MS_PER_MINUTE;
}

/** Instant at which a clock on the wall shows this; in the hour that is skipped, the same time one hour on. */
export function instantOfWall(wall: number, timeZone: string): number {
  return DateTime.fromMillis(wall, { zone: 'utc' }).setZone(timeZone, { keepLocalTime: true }).toMillis();
}
