import type { BookFlag } from '../../domain/session.js';
import type { TransactionEvent } from '../../domain/transaction-event.js';
import { isStopped, type StationClock } from '../sessions/station-clock.js';

/** A station's clock may be so far ahead of ours and is believed. */
const AHEAD_MS = 5 * 60_000;

export interface HeldEvent {
  readonly event: TransactionEvent;
  /** What had to be done to it; absent = nothing. */
  readonly flag?: Extract<BookFlag, 'clock-ahead' | 'clock-stopped'>;
}

/** Whether an instant lies further ahead of its receipt than a clock may be. */
export function isDatedAhead(atMs: number, receivedAtMs: number): boolean {
  return atMs > receivedAtMs + AHEAD_MS;
}

/** Whether an event got its date from a clock that stands still; one that waited at the station is from before. */
export function isDatedByStoppedClock(event: TransactionEvent, clock: StationClock | undefined): boolean {
  if (clock === undefined || !isStopped(clock) || event.offline) return false;
  return Math.abs(event.atMs - clock.stationMs) <= 1_000;
}

/**
 * The event with nothing in it later than its receipt: what a clock that runs ahead dates into the future
 * counts as now, or one absurd date would hold the books until then. What a clock that stands still dates
 * counts as now too, unless it waited at the station.
 */
export function heldToReceipt(
  event: TransactionEvent,
  receivedAtMs: number,
  clock?: StationClock,
): HeldEvent {
  const isHeld = isDatedByStoppedClock(event, clock);
  const isWrong = (atMs: number) => isHeld || isDatedAhead(atMs, receivedAtMs);
  if (!isWrong(event.atMs) && !event.readings.some((reading) => isWrong(reading.atMs))) return { event };
  // The end repeats the readings of the begin, which happened before the clock stopped.
  const held = (atMs: number) => (isWrong(atMs) ? receivedAtMs : atMs);
  return {
    flag: isHeld ? 'clock-stopped' : 'clock-ahead',
    event: {
      ...event,
      atMs: held(event.atMs),
      readings: event.readings.map((reading) =>
        reading.context === 'begin' && isHeld ? reading : { ...reading, atMs: held(reading.atMs) },
      ),
    },
  };
}
