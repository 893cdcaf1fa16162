/** What a station's live messages tell of its clock. Immutable; one per station, in memory. */
export interface StationClock {
  /** Station's clock less ours at receipt, ms, of the last messages, oldest first. */
  readonly offsetsMs: readonly number[];
  /** The time of the newest message by the station, and when it was first told. */
  readonly stationMs: number;
  readonly sinceReceivedMs: number;
  /** How many messages in a row have told that same time, and when the last came. */
  readonly repeats: number;
  readonly receivedMs: number;
}

/** Fewer would take one late message for a clock; more would hold on to a clock that was set. */
const OFFSETS = 3;
/** What a network and a queue take is no skew. */
const SKEW_FROM_MS = 2_000;
/** Two messages with one time come at the same moment all the time; so long apart they do not. */
const STOPPED_AFTER_MS = 90_000;
/** Times closer than this are the same: clocks tell whole seconds. */
const SAME_MS = 1_000;

/** The clock with one more live message; one that waited at the station tells nothing and must not come here. */
export function observeClock(
  known: StationClock | undefined,
  stationMs: number,
  receivedMs: number,
): StationClock {
  const offsetsMs = [...(known?.offsetsMs ?? []), stationMs - receivedMs].slice(-OFFSETS);
  if (known === undefined || Math.abs(stationMs - known.stationMs) > SAME_MS) {
    return { offsetsMs, stationMs, sinceReceivedMs: receivedMs, repeats: 0, receivedMs };
  }
  return { ...known, offsetsMs, repeats: known.repeats + 1, receivedMs };
}

/** Whether the clock stands still: messages that came well apart told the same time, more than once. */
export function isStopped(clock: StationClock | undefined): boolean {
  return (
    clock !== undefined && clock.repeats >= 2 && clock.receivedMs - clock.sinceReceivedMs >= STOPPED_AFTER_MS
  );
}

/**
 * Station's clock less ours at `nowMs`, ms; 0 where it is not certain. A message comes late, never early, so
 * a clock is behind by the least of what its last messages say, and ahead likewise: of two guesses the one
 * that moves a schedule less.
 */
export function skewMsAt(clock: StationClock | undefined, nowMs: number): number {
  if (clock === undefined || clock.offsetsMs.length < OFFSETS) return 0;
  if (isStopped(clock)) return clock.stationMs - nowMs;
  const highest = Math.max(...clock.offsetsMs);
  const lowest = Math.min(...clock.offsetsMs);
  if (highest < -SKEW_FROM_MS) return highest;
  return lowest > SKEW_FROM_MS ? lowest : 0;
}
