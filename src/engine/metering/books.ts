import type { Reading } from '../../domain/reading.js';
import type { BookFlag, SessionBooks } from '../../domain/session.js';

export const EMPTY_BOOKS: SessionBooks = {
  importCarriedWh: 0,
  exportCarriedWh: 0,
  importKw: 0,
  exportKw: 0,
};

/** Imported energy of the session so far, Wh ≥ 0: register runs are added, never netted with export. */
export function importWhOf(books: SessionBooks): number {
  return books.importCarriedWh + ((books.importLastWh ?? 0) - (books.importBeginWh ?? 0));
}

/** Exported energy of the session so far, Wh ≥ 0. */
export function exportWhOf(books: SessionBooks): number {
  return books.exportCarriedWh + ((books.exportLastWh ?? 0) - (books.exportBeginWh ?? 0));
}

/** The largest charger there is (Megawatt Charging System, 3.75 MW), rounded up. */
const MOST_KW = 4000;

/** What one reading did to the books. `importWh`, `exportWh` ≥ 0 were metered since `sinceMs`. */
export interface BookEntry {
  readonly books: SessionBooks;
  readonly importWh: number;
  readonly exportWh: number;
  readonly sinceMs: number;
  readonly atMs: number;
  readonly flags: readonly BookFlag[];
}

/**
 * Enters one reading, which must not be older than the last one. A register that went back starts a new
 * run: what was metered before stays, nothing is invented for the time between (flag
 * `register-went-back`); so does one that rose by more than any EVSE can draw (`register-jumped`). Power comes from the reading, or from the registers' rise when it has none.
 */
export function enterReading(books: SessionBooks, reading: Reading): BookEntry {
  const flags: BookFlag[] = [];
  const sinceMs = books.lastReadingMs ?? reading.atMs;
  const hours = (reading.atMs - sinceMs) / 3_600_000;
  const mostWh = MOST_KW * 1000 * Math.max(1, hours);
  const importRun = enterRegister(books.importBeginWh, books.importLastWh, reading.importRegisterWh, mostWh);
  const exportRun = enterRegister(books.exportBeginWh, books.exportLastWh, reading.exportRegisterWh, mostWh);
  if (importRun.jumped || exportRun.jumped) flags.push('register-jumped');
  if (importRun.wentBack || exportRun.wentBack) flags.push('register-went-back');
  if (reading.remarks?.includes('import-and-export-contradict')) flags.push('import-and-export-contradict');

  const hasRegister = reading.importRegisterWh !== undefined || reading.exportRegisterWh !== undefined;
  const meanKw = (riseWh: number, fallbackKw: number) =>
    hasRegister && hours > 0 ? riseWh / 1000 / hours : fallbackKw;
  const next: SessionBooks = {
    ...books,
    ...(importRun.beginWh === undefined ? {} : { importBeginWh: importRun.beginWh }),
    ...(importRun.lastWh === undefined ? {} : { importLastWh: importRun.lastWh }),
    ...(exportRun.beginWh === undefined ? {} : { exportBeginWh: exportRun.beginWh }),
    ...(exportRun.lastWh === undefined ? {} : { exportLastWh: exportRun.lastWh }),
    ...(reading.socFraction === undefined ? {} : { socFraction: reading.socFraction }),
    importCarriedWh: books.importCarriedWh + importRun.carriedWh,
    exportCarriedWh: books.exportCarriedWh + exportRun.carriedWh,
    ...(hasRegister ? { lastReadingMs: Math.max(sinceMs, reading.atMs) } : {}),
    importKw:
      reading.importKw ?? (reading.exportKw === undefined ? meanKw(importRun.riseWh, books.importKw) : 0),
    exportKw:
      reading.exportKw ?? (reading.importKw === undefined ? meanKw(exportRun.riseWh, books.exportKw) : 0),
  };
  return {
    books: next,
    importWh: importRun.riseWh,
    exportWh: exportRun.riseWh,
    sinceMs,
    atMs: reading.atMs,
    flags,
  };
}

interface RegisterRun {
  readonly beginWh: number | undefined;
  readonly lastWh: number | undefined;
  readonly riseWh: number;
  readonly carriedWh: number;
  readonly wentBack: boolean;
  readonly jumped: boolean;
}

function enterRegister(
  beginWh: number | undefined,
  lastWh: number | undefined,
  valueWh: number | undefined,
  mostWh: number,
): RegisterRun {
  const still = { beginWh, lastWh, riseWh: 0, carriedWh: 0, wentBack: false, jumped: false };
  if (valueWh === undefined) return still;
  if (beginWh === undefined || lastWh === undefined) return { ...still, beginWh: valueWh, lastWh: valueWh };
  const riseWh = valueWh - lastWh;
  if (riseWh >= 0 && riseWh <= mostWh) return { ...still, lastWh: valueWh, riseWh };
  return {
    beginWh: valueWh,
    lastWh: valueWh,
    riseWh: 0,
    carriedWh: lastWh - beginWh,
    wentBack: riseWh < 0,
    jumped: riseWh > 0,
  };
}
