import { MS_PER_MINUTE } from '../../domain/power.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import type { EnergyBook } from './book-power.js';

/** Five minutes of a pool: import, export, and what its EVSEs fed in each by itself, Wh ≥ 0. */
export interface PoolBook extends EnergyBook {
  readonly dischargeWh: number;
}

/** The pool around an order's time of day, on the order's own day or on an earlier one. */
export interface DayRecord {
  readonly day: string;
  /** Add to an instant of the order's day to get the same wall-clock time on this one; 0 on its own. */
  readonly shiftMs: number;
  readonly books: readonly PoolBook[];
  /** Net power that the plan in force foresaw, kW. */
  readonly planned: readonly {
    readonly startMs: number;
    readonly slotMinutes: number;
    readonly netKw: number;
  }[];
  /** Books of what the control group says the pool would have drawn. */
  readonly controlBooks?: readonly EnergyBook[];
}

/** The order's time on its own day. */
export interface OrderSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** The same span on another day. */
export function spanOn(day: DayRecord, { startMs, endMs }: OrderSpan): OrderSpan {
  return { startMs: startMs + day.shiftMs, endMs: endMs + day.shiftMs };
}

/** Instants at the middle of each whole book's step over the span, in the day's own time. */
export function stepMiddles({ startMs, endMs }: OrderSpan): number[] {
  const stepMs = INTERVAL_MINUTES * MS_PER_MINUTE;
  const middles: number[] = [];
  for (let fromMs = startMs; fromMs < endMs; ) {
    const toMs = Math.min(endMs, (Math.floor(fromMs / stepMs) + 1) * stepMs);
    middles.push((fromMs + toMs) / 2);
    fromMs = toMs;
  }
  return middles;
}

/** Net power in the book that holds an instant, kW; a book that is not there is 0: nothing was plugged in. */
export function netKwAt(books: readonly EnergyBook[], atMs: number): number {
  const book = bookAt(books, atMs);
  return book === undefined ? 0 : kwOf(book.importWh - book.exportWh);
}

/** What the pool's EVSEs fed in, as a net power ≤ 0, kW. */
export function fedInKwAt(books: readonly PoolBook[], atMs: number): number {
  const book = bookAt(books, atMs);
  return book === undefined ? 0 : -kwOf(book.dischargeWh);
}

function bookAt<Book extends EnergyBook>(books: readonly Book[], atMs: number): Book | undefined {
  const startMs = Math.floor(atMs / (INTERVAL_MINUTES * MS_PER_MINUTE)) * INTERVAL_MINUTES * MS_PER_MINUTE;
  return books.find((book) => book.startMs === startMs);
}

function kwOf(bookWh: number): number {
  return bookWh / 1000 / (INTERVAL_MINUTES / 60);
}
