import type { TransactionId } from '../../domain/ids.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { EnergyPiece, IntervalEnergy, Reading } from '../../domain/reading.js';
import type { SessionStore } from '../../ports/store.js';
import { type BookEntry, EMPTY_BOOKS, enterReading } from './books.js';
import { INTERVAL_MINUTES } from './intervals.js';

const BOOK_MS = INTERVAL_MINUTES * MS_PER_MINUTE;

/**
 * The interval books of [fromMs, toMs), cut at `edges` by what the meters read around them: the parts of a book
 * add up to it. Readings are looked for up to `reachMs` beyond the book. Between two readings power counts as
 * even, as in the books themselves.
 */
export async function booksCutAt(
  sessions: Pick<SessionStore, 'intervals' | 'receivedReadings'>,
  window: { readonly fromMs: number; readonly toMs: number },
  edges: readonly number[],
  reachMs: number,
): Promise<EnergyPiece[]> {
  const cuts = new Map<number, number[]>();
  for (const edgeMs of [...new Set(edges)].sort((a, b) => a - b)) {
    const startMs = Math.floor(edgeMs / BOOK_MS) * BOOK_MS;
    if (startMs !== edgeMs) cuts.set(startMs, [...(cuts.get(startMs) ?? []), edgeMs]);
  }
  const readings = new Map<number, Map<TransactionId, Reading[]>>();
  for (const startMs of cuts.keys()) {
    const around = { fromMs: startMs - reachMs, toMs: startMs + BOOK_MS + reachMs };
    const ofBook = new Map<TransactionId, Reading[]>();
    for (const { transactionId, reading } of await sessions.receivedReadings(around)) {
      const known = ofBook.get(transactionId);
      if (known === undefined) ofBook.set(transactionId, [reading]);
      else known.push(reading);
    }
    readings.set(startMs, ofBook);
  }
  return (await sessions.intervals(window)).flatMap((book) =>
    cutBook(book, cuts.get(book.startMs) ?? [], readings.get(book.startMs)?.get(book.transactionId) ?? []),
  );
}

/** A book in parts; the last takes what rounding left. `cuts` ascending, inside the book; `readings` by time. */
export function cutBook(
  book: IntervalEnergy,
  cuts: readonly number[],
  readings: readonly Reading[],
): EnergyPiece[] {
  const endMs = book.startMs + BOOK_MS;
  if (cuts.length === 0) return [{ ...book, endMs }];
  const entries = entriesOf(readings);
  const importShare = shareBefore(entries, book.startMs, endMs, ({ importWh }) => importWh);
  const exportShare = shareBefore(entries, book.startMs, endMs, ({ exportWh }) => exportWh);
  const edges = [book.startMs, ...cuts, endMs];
  return edges.slice(1).map((toMs, index) => {
    const fromMs = edges[index] ?? book.startMs;
    return {
      ...book,
      startMs: fromMs,
      endMs: toMs,
      importWh: book.importWh * (importShare(toMs) - importShare(fromMs)),
      exportWh: book.exportWh * (exportShare(toMs) - exportShare(fromMs)),
    };
  });
}

function entriesOf(readings: readonly Reading[]): BookEntry[] {
  let books = EMPTY_BOOKS;
  return readings.map((reading) => {
    const entry = enterReading(books, reading);
    books = entry.books;
    return entry;
  });
}

/** Share of a book's energy that had flowed by an instant, 0…1; by time where the readings tell of none. */
function shareBefore(
  entries: readonly BookEntry[],
  startMs: number,
  endMs: number,
  energyOf: (entry: BookEntry) => number,
): (atMs: number) => number {
  const upTo = (atMs: number) =>
    entries.reduce((sum, entry) => {
      const overlapMs = Math.min(atMs, entry.atMs) - Math.max(startMs, entry.sinceMs);
      return overlapMs <= 0 ? sum : sum + (energyOf(entry) * overlapMs) / (entry.atMs - entry.sinceMs);
    }, 0);
  const wholeWh = upTo(endMs);
  return (atMs) => {
    if (atMs >= endMs) return 1;
    return wholeWh > 0 ? upTo(atMs) / wholeWh : (atMs - startMs) / (endMs - startMs);
  };
}
