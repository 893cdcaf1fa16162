import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { IntervalEnergy, Reading } from '../../domain/reading.js';
import type { BookFlag, Session, SessionBooks } from '../../domain/session.js';
import { type BookEntry, EMPTY_BOOKS, enterReading } from './books.js';
import { withoutOutrankedIntervals } from './interval-energy.js';

/** Length of one interval book. Divides every market time unit in use (5, 15, 30, 60 minutes). */
export const INTERVAL_MINUTES = 5;
/** A meter is silent when its readings are more than so many meter intervals apart. */
export const LONGEST_METER_GAP = 5;
const INTERVAL_MS = INTERVAL_MINUTES * MS_PER_MINUTE;
/** Energy is spread over the last 31 days at most: a clock that jumped from 1970 must not make millions of books. */
const MAX_SPREAD_MS = 31 * 24 * MS_PER_HOUR;

type Owner = Pick<Session, 'transactionId' | 'evseId'>;

/**
 * Spreads the energy between two readings evenly over time into interval books. The parts are ≥ 0 and add
 * up to the entry: the last part takes what rounding left.
 */
export function spreadEntry(owner: Owner, entry: BookEntry): IntervalEnergy[] {
  if (entry.importWh === 0 && entry.exportWh === 0) return [];
  const { transactionId, evseId } = owner;
  const sinceMs = Math.max(entry.sinceMs, entry.atMs - MAX_SPREAD_MS);
  const spanMs = entry.atMs - sinceMs;
  if (spanMs <= 0) {
    const startMs = Math.floor(entry.atMs / INTERVAL_MS) * INTERVAL_MS;
    return [{ transactionId, evseId, startMs, importWh: entry.importWh, exportWh: entry.exportWh }];
  }
  const parts: IntervalEnergy[] = [];
  let importLeftWh = entry.importWh;
  let exportLeftWh = entry.exportWh;
  for (
    let startMs = Math.floor(sinceMs / INTERVAL_MS) * INTERVAL_MS;
    startMs < entry.atMs;
    startMs += INTERVAL_MS
  ) {
    const endMs = startMs + INTERVAL_MS;
    const isLast = endMs >= entry.atMs;
    const share = (Math.min(endMs, entry.atMs) - Math.max(startMs, sinceMs)) / spanMs;
    const importWh = isLast ? importLeftWh : Math.min(importLeftWh, entry.importWh * share);
    const exportWh = isLast ? exportLeftWh : Math.min(exportLeftWh, entry.exportWh * share);
    importLeftWh -= importWh;
    exportLeftWh -= exportWh;
    parts.push({ transactionId, evseId, startMs, importWh, exportWh });
  }
  return parts;
}

export interface RebuiltBooks {
  readonly books: SessionBooks;
  readonly intervals: readonly IntervalEnergy[];
  readonly flags: readonly BookFlag[];
}

/**
 * The books of a session from all its readings, in whatever order they came: what late, offline-queued and
 * repeated readings lead to. A repeated reading adds nothing, because its registers have not risen.
 */
export function rebuildBooks(owner: Owner, readings: readonly Reading[]): RebuiltBooks {
  const intervals = new Map<number, IntervalEnergy>();
  const flags = new Set<BookFlag>();
  let books = EMPTY_BOOKS;
  for (const instant of byInstant(withoutOutrankedIntervals(readings))) {
    for (const reading of orderOfInstant(instant, books)) {
      const entry = enterReading(books, reading);
      books = entry.books;
      for (const flag of entry.flags) flags.add(flag);
      for (const part of spreadEntry(owner, entry)) {
        const sum = intervals.get(part.startMs);
        intervals.set(part.startMs, {
          ...part,
          importWh: part.importWh + (sum?.importWh ?? 0),
          exportWh: part.exportWh + (sum?.exportWh ?? 0),
        });
      }
    }
  }
  return { books, intervals: [...intervals.values()], flags: [...flags] };
}

/** Readings of one instant together, instants ascending. */
function byInstant(readings: readonly Reading[]): Reading[][] {
  const instants = new Map<number, Reading[]>();
  for (const reading of readings) {
    const group = instants.get(reading.atMs);
    if (group === undefined) instants.set(reading.atMs, [reading]);
    else group.push(reading);
  }
  return [...instants.entries()].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/**
 * The order in which readings of one instant were taken does not show in their time, only in their
 * registers, which rise. Standings below the last one belong to a new run and come after those above it.
 */
export function orderOfInstant(instant: readonly Reading[], books: SessionBooks): readonly Reading[] {
  if (instant.length === 1) return instant;
  const isNewRun = ({ importRegisterWh, exportRegisterWh }: Reading): number =>
    (importRegisterWh ?? 0) < (importRegisterWh === undefined ? 0 : (books.importLastWh ?? 0)) ||
    (exportRegisterWh ?? 0) < (exportRegisterWh === undefined ? 0 : (books.exportLastWh ?? 0))
      ? 1
      : 0;
  const keys: readonly ((reading: Reading) => number)[] = [
    isNewRun,
    (reading) => reading.importRegisterWh ?? -1,
    (reading) => reading.exportRegisterWh ?? -1,
    (reading) => reading.importIntervalWh ?? -1,
    (reading) => reading.exportIntervalWh ?? -1,
    (reading) => reading.importKw ?? -1,
    (reading) => reading.exportKw ?? -1,
    (reading) => reading.socFraction ?? -1,
  ];
  return [...instant].sort((a, b) => {
    for (const keyOf of keys) {
      const difference = keyOf(a) - keyOf(b);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}
