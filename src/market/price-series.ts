import { DateTime } from 'luxon';
import { invalidInput } from '../domain/errors.js';
import { MS_PER_MINUTE } from '../domain/power.js';
import type { PriceSeries } from '../domain/price.js';
import { instantOf, type PriceDocument, type PriceRow } from './price-document.js';

/** [fromMs, toMs), epoch. */
export interface PriceWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface SeriesWishes {
  /** Named in errors. */
  readonly fileName: string;
  readonly zone?: string;
  readonly currency?: string;
  readonly window?: PriceWindow;
}

/** Zone of a file that names none when the caller names none either. */
export const UNNAMED_ZONE = 'default';

/** Eleven years of quarter-hours. */
export const MAX_PRICE_SLOTS = 400_000;

const CURRENCY = /^[A-Z]{3}$/;

/**
 * The document's rows (ascending, gapless) as a series in the finest resolution found in the window; a
 * coarser price is repeated. INVALID_INPUT when zone or currency contradict the file, or the window is not
 * covered or does not lie on slot borders.
 */
export function seriesOf(document: PriceDocument, wishes: SeriesWishes): PriceSeries {
  const zone = agreed('zone', document.zone, wishes.zone, wishes.fileName) ?? UNNAMED_ZONE;
  const currency = agreed('currency', document.currency, wishes.currency, wishes.fileName);
  if (currency === undefined) throw invalidInput('currency', `${wishes.fileName} names none: give one`);
  if (!CURRENCY.test(currency)) throw invalidInput('currency', `expected three capitals, got ${currency}`);

  const rows = wishes.window === undefined ? document.rows : rowsWithin(document.rows, wishes.window);
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) {
    const reason =
      wishes.window === undefined ? 'there is no price in it' : 'there is no price in the window';
    throw invalidInput(wishes.fileName, reason);
  }
  const slotMinutes = rows.reduce(
    (finest, row) => Math.min(finest, row.durationMinutes),
    Number.POSITIVE_INFINITY,
  );
  const whole = repeated(rows, slotMinutes, wishes.fileName);
  const { source, revision } = document;
  const series: PriceSeries = {
    zone,
    currency,
    startMs: first.startMs,
    slotMinutes,
    ...whole,
    ...(source === undefined ? {} : { source }),
    ...(revision === undefined ? {} : { revision }),
  };
  return wishes.window === undefined ? series : pricesWithin(series, wishes.window);
}

/** The document's rows as one series per run of slots of the same length: nothing is repeated, nothing averaged. */
export function nativeSeriesOf(document: PriceDocument, wishes: Omit<SeriesWishes, 'window'>): PriceSeries[] {
  const runs: PriceRow[][] = [];
  for (const row of document.rows) {
    const last = runs.at(-1);
    if (last?.[0]?.durationMinutes === row.durationMinutes) last.push(row);
    else runs.push([row]);
  }
  if (runs.length === 0) return [seriesOf(document, wishes)];
  return runs.map((rows) => seriesOf({ ...document, rows }, wishes));
}

/** The part [fromMs, toMs) of a series; INVALID_INPUT when it is not all there or cuts a slot in two. */
export function pricesWithin(series: PriceSeries, window: PriceWindow): PriceSeries {
  const slotMs = series.slotMinutes * MS_PER_MINUTE;
  const endMs = series.startMs + series.importPerKwh.length * slotMs;
  if (!(window.fromMs < window.toMs)) throw invalidInput('window', 'it must end after it begins');
  if (window.fromMs < series.startMs || window.toMs > endMs) {
    const asked = `${instantOf(window.fromMs)} to ${instantOf(window.toMs)}`;
    throw invalidInput(
      'window',
      `prices cover ${instantOf(series.startMs)} to ${instantOf(endMs)}, not ${asked}`,
    );
  }
  const fromSlot = (window.fromMs - series.startMs) / slotMs;
  const toSlot = (window.toMs - series.startMs) / slotMs;
  if (!Number.isInteger(fromSlot) || !Number.isInteger(toSlot)) {
    throw invalidInput('window', `it must lie on borders of the ${series.slotMinutes}-minute slots`);
  }
  return {
    ...series,
    startMs: window.fromMs,
    importPerKwh: series.importPerKwh.slice(fromSlot, toSlot),
    exportPerKwh: series.exportPerKwh.slice(fromSlot, toSlot),
  };
}

/**
 * The market day `date` (`2026-03-29`) of a time zone (`Europe/Berlin`): [local midnight, next local midnight),
 * 23, 24 or 25 hours long. INVALID_INPUT for an unknown zone or a date that does not exist.
 */
export function marketDay(date: string, timeZone: string): PriceWindow {
  const midnight = DateTime.fromISO(date, { zone: timeZone });
  if (!midnight.isValid || !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    const fault =
      midnight.invalidReason === 'unsupported zone' ? `no time zone ${timeZone}` : `no date ${date}`;
    throw invalidInput('day', fault);
  }
  return { fromMs: midnight.toMillis(), toMs: midnight.plus({ days: 1 }).startOf('day').toMillis() };
}

function agreed(
  field: string,
  stated: string | undefined,
  wished: string | undefined,
  fileName: string,
): string | undefined {
  if (stated !== undefined && wished !== undefined && stated !== wished) {
    throw invalidInput(field, `${fileName} is for ${stated}, not ${wished}`);
  }
  return wished ?? stated;
}

function rowsWithin(rows: readonly PriceRow[], window: PriceWindow): readonly PriceRow[] {
  return rows.filter(
    (row) => row.startMs < window.toMs && row.startMs + row.durationMinutes * MS_PER_MINUTE > window.fromMs,
  );
}

function repeated(
  rows: readonly PriceRow[],
  slotMinutes: number,
  fileName: string,
): Pick<PriceSeries, 'importPerKwh' | 'exportPerKwh'> {
  const slots = rows.reduce((sum, row) => sum + row.durationMinutes / slotMinutes, 0);
  if (slots > MAX_PRICE_SLOTS)
    throw invalidInput(fileName, `more than ${MAX_PRICE_SLOTS} slots: select a window`);
  const importPerKwh: number[] = [];
  const exportPerKwh: number[] = [];
  for (const row of rows) {
    for (let minutes = 0; minutes < row.durationMinutes; minutes += slotMinutes) {
      importPerKwh.push(row.importPerKwh);
      exportPerKwh.push(row.exportPerKwh);
    }
  }
  return { importPerKwh, exportPerKwh };
}
