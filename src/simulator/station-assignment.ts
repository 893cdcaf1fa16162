import { MS_PER_MINUTE } from '../domain/power.js';

/** A cable is free for the next car after so long. */
export const CHANGEOVER_MS = 2 * MS_PER_MINUTE;

/** When something holds a station; instants on any one time scale. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Assignment<T extends Stretch> {
  /** One list per station, in order, without overlaps. */
  readonly stations: readonly T[][];
  /** Those that found every station taken. */
  readonly turnedAway: readonly T[];
}

/** First come, first served: each stretch goes to the lowest station that is free when it begins. */
export function assignToStations<T extends Stretch>(stretches: readonly T[], count: number): Assignment<T> {
  const stations = Array.from({ length: count }, (): T[] => []);
  const turnedAway: T[] = [];
  for (const stretch of [...stretches].sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs)) {
    const free = stations.find(
      (taken) => (taken.at(-1)?.toMs ?? -Infinity) + CHANGEOVER_MS <= stretch.fromMs,
    );
    if (free) free.push(stretch);
    else turnedAway.push(stretch);
  }
  return { stations, turnedAway };
}
