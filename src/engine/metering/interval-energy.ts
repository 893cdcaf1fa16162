import type { Reading } from '../../domain/reading.js';
import type { SessionBooks } from '../../domain/session.js';
import { isJump } from './register-run.js';

type Direction = 'import' | 'export';

/**
 * Energy, Wh, that a reading adds to a direction by its interval measurand (OCPP 2.1
 * Energy.Active.*.Interval). Standings outrank intervals: where a register is known, intervals count nothing.
 * Each instant counts once. The begin's interval was before the session; clock-aligned ones tell again what
 * the periodic ones tell.
 */
export function countedIntervalWh(books: SessionBooks, reading: Reading, direction: Direction): number {
  const wh = reading[`${direction}IntervalWh`];
  if (wh === undefined || reading.context === 'begin' || reading.context === 'clock') return 0;
  if (books[`${direction}BeginWh`] !== undefined || reading[`${direction}RegisterWh`] !== undefined) return 0;
  const toMs = books[`${direction}IntervalsToMs`] ?? Number.NEGATIVE_INFINITY;
  if (reading.atMs <= toMs) return 0;
  const hours = (reading.atMs - (books.lastReadingMs ?? reading.atMs)) / 3_600_000;
  return isJump(wh, hours) ? 0 : wh;
}

/** Whether a reading brings the first standing of a direction that intervals were counted in: the books are then made anew. */
export function outranksIntervals(books: SessionBooks, reading: Reading): boolean {
  return (
    (books.importIntervalsToMs !== undefined && reading.importRegisterWh !== undefined) ||
    (books.exportIntervalsToMs !== undefined && reading.exportRegisterWh !== undefined)
  );
}

/** The readings of a whole session without the intervals of a direction in which any of them has a standing. */
export function withoutOutrankedIntervals(readings: readonly Reading[]): readonly Reading[] {
  const hasImport = readings.some(({ importRegisterWh }) => importRegisterWh !== undefined);
  const hasExport = readings.some(({ exportRegisterWh }) => exportRegisterWh !== undefined);
  if (!hasImport && !hasExport) return readings;
  return readings.map(({ importIntervalWh, exportIntervalWh, ...reading }) => ({
    ...reading,
    ...(hasImport || importIntervalWh === undefined ? {} : { importIntervalWh }),
    ...(hasExport || exportIntervalWh === undefined ? {} : { exportIntervalWh }),
  }));
}
