import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';

/** Length of an interval book. */
export const BOOK_MS = INTERVAL_MINUTES * MS_PER_MINUTE;
/** Time before and after an order whose meters make the baseline of that name. */
export const BESIDE_MS = 15 * MS_PER_MINUTE;

/** Energy of five minutes from `startMs` on, or until `endMs`, Wh ≥ 0: of one EVSE, or added up over several. */
export interface EnergyBook {
  readonly startMs: number;
  readonly endMs?: number;
  readonly importWh: number;
  readonly exportWh: number;
}

/** Energy of each book within [fromMs, toMs), kWh; one that straddles an edge counts evenly over its time. */
export function energyIn<Book extends EnergyBook>(
  books: readonly Book[],
  fromMs: number,
  toMs: number,
): (Omit<Book, 'importWh' | 'exportWh'> & { importKwh: number; exportKwh: number })[] {
  return books.flatMap(({ importWh, exportWh, ...book }) => {
    const endMs = book.endMs ?? book.startMs + BOOK_MS;
    const overlapMs = Math.min(toMs, endMs) - Math.max(fromMs, book.startMs);
    if (overlapMs <= 0) return [];
    const share = overlapMs / (endMs - book.startMs) / 1000;
    return [{ ...book, importKwh: importWh * share, exportKwh: exportWh * share }];
  });
}

/** Mean net power over [fromMs, toMs), kW, import > 0. */
export function meanKw(books: readonly EnergyBook[], fromMs: number, toMs: number): number {
  const netKwh = energyIn(books, fromMs, toMs).reduce(
    (sum, { importKwh, exportKwh }) => sum + importKwh - exportKwh,
    0,
  );
  return netKwh / ((toMs - fromMs) / MS_PER_HOUR);
}

/** What an EVSE fed in over a book, ≥ 0: its own import of the same time is not sold. */
export function dischargeWhOf(importWh: number, exportWh: number): number {
  return Math.max(0, exportWh - importWh);
}

/** Mean of the quarter-hours before and after the span; of the one before alone until the one after is over. kW. */
export function meterBeforeMeterAfterKw(
  books: readonly EnergyBook[],
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  isAfterKnown: boolean,
): number {
  const beforeKw = meanKw(books, startMs - BESIDE_MS, startMs);
  return isAfterKnown ? (beforeKw + meanKw(books, endMs, endMs + BESIDE_MS)) / 2 : beforeKw;
}
