import type { Reading } from '../../domain/reading.js';
import type { BookFlag, SessionBooks } from '../../domain/session.js';
import { countedIntervalWh } from './interval-energy.js';
import { continueRegister } from './register-run.js';

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

/** Flags that come of readings; those of events and of the end have other sources. */
export const READING_FLAGS: ReadonlySet<BookFlag> = new Set([
  'register-went-back',
  'register-rolled-over',
  'register-jumped',
  'counted-by-intervals',
  'import-and-export-contradict',
]);

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
 * Enters one reading, which must not be older than the last one: registers by {@link continueRegister}, energies
 * of intervals by {@link countedIntervalWh}, power by {@link meteredPowerKw}. Import and export never meet.
 */
export function enterReading(books: SessionBooks, reading: Reading): BookEntry {
  const sinceMs = books.lastReadingMs ?? reading.atMs;
  const hours = (reading.atMs - sinceMs) / 3_600_000;
  const { importBeginWh, importLastWh, exportBeginWh, exportLastWh } = books;
  const importRun = continueRegister(
    { beginWh: importBeginWh, lastWh: importLastWh },
    reading.importRegisterWh,
    hours,
  );
  const exportRun = continueRegister(
    { beginWh: exportBeginWh, lastWh: exportLastWh },
    reading.exportRegisterWh,
    hours,
  );
  const importIntervalWh = countedIntervalWh(books, reading, 'import');
  const exportIntervalWh = countedIntervalWh(books, reading, 'export');
  const importWh = importRun.riseWh + importIntervalWh;
  const exportWh = exportRun.riseWh + exportIntervalWh;
  const hasEnergy =
    reading.importRegisterWh !== undefined ||
    reading.exportRegisterWh !== undefined ||
    importIntervalWh + exportIntervalWh > 0;
  const meanOver = hasEnergy && hours > 0 ? hours : undefined;
  const power = meteredPowerKw(books, reading, { importWh, exportWh, hours: meanOver });
  const importTotalWh = importWhOf(books) + importWh;
  const exportTotalWh = exportWhOf(books) + exportWh;
  return {
    books: {
      ...books,
      ...(importRun.beginWh === undefined ? {} : { importBeginWh: importRun.beginWh }),
      ...(importRun.lastWh === undefined ? {} : { importLastWh: importRun.lastWh }),
      ...(exportRun.beginWh === undefined ? {} : { exportBeginWh: exportRun.beginWh }),
      ...(exportRun.lastWh === undefined ? {} : { exportLastWh: exportRun.lastWh }),
      ...(importIntervalWh === 0 ? {} : { importIntervalsToMs: reading.atMs }),
      ...(exportIntervalWh === 0 ? {} : { exportIntervalsToMs: reading.atMs }),
      ...((reading.exportKw ?? 0) > 0 ? { hasExported: true as const } : {}),
      ...(reading.socFraction === undefined
        ? {}
        : { socFraction: reading.socFraction, socImportWh: importTotalWh, socExportWh: exportTotalWh }),
      importCarriedWh: books.importCarriedWh + importRun.carriedWh + importIntervalWh,
      exportCarriedWh: books.exportCarriedWh + exportRun.carriedWh + exportIntervalWh,
      ...(hasEnergy ? { lastReadingMs: Math.max(sinceMs, reading.atMs) } : {}),
      ...power,
    },
    importWh,
    exportWh,
    sinceMs,
    atMs: reading.atMs,
    flags: [
      ...(importRun.flag === undefined ? [] : [importRun.flag]),
      ...(exportRun.flag === undefined ? [] : [exportRun.flag]),
      ...(importIntervalWh + exportIntervalWh > 0 ? ['counted-by-intervals' as const] : []),
      ...(reading.remarks?.includes('import-and-export-contradict')
        ? ['import-and-export-contradict' as const]
        : []),
    ],
  };
}

/**
 * Power of now, kW ≥ 0 each. What the reading states holds, and a direction that it leaves out is then 0;
 * without any, the mean of the energy over `hours`; without that either, what was known before.
 */
export function meteredPowerKw(
  books: Pick<SessionBooks, 'importKw' | 'exportKw'>,
  reading: Pick<Reading, 'importKw' | 'exportKw'>,
  since: { readonly importWh: number; readonly exportWh: number; readonly hours: number | undefined },
): { importKw: number; exportKw: number } {
  const { importKw, exportKw } = reading;
  if (importKw !== undefined || exportKw !== undefined) {
    return { importKw: importKw ?? 0, exportKw: exportKw ?? 0 };
  }
  const { hours } = since;
  if (hours === undefined) return { importKw: books.importKw, exportKw: books.exportKw };
  return { importKw: since.importWh / 1000 / hours, exportKw: since.exportWh / 1000 / hours };
}
