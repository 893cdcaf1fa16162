import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { invalidInput } from '../domain/errors.js';
import { MS_PER_MINUTE } from '../domain/power.js';
import {
  assertContiguous,
  type PriceDocument,
  type PriceRow,
  parsePerMwh,
  quoted,
} from './price-document.js';
import { marketDay } from './price-series.js';

const MINUTES_OF_COUNT: Readonly<Record<number, number>> = {
  23: 60,
  24: 60,
  25: 60,
  92: 15,
  96: 15,
  100: 15,
};
const EPEX_SLOT = /^Hour (\d{1,2})([AB])?(?: Q([1-4]))?$/;
const EPEX_DAY = 'Delivery day';
const OMIE_HEADER = 'MARGINALPDBC';

/** Whether a text is a table of EPEX, one row per delivery day; lines of remarks begin with `#`. */
export function isEpexCsv(text: string): boolean {
  return /^(#.*\r?\n)*"?Delivery day"?[,;]/.test(text);
}

/** Whether a text is OMIE's `marginalpdbc` file. */
export function isOmieText(text: string): boolean {
  return text.startsWith(`${OMIE_HEADER};`);
}

/**
 * A table of EPEX: `Delivery day`, then one column per hour (`Hour 1`, `Hour 3A`, `Hour 3B`, …) or quarter-hour
 * (`Hour 1 Q1`, …); other columns are sums. Slots are counted from local midnight, never told by their number:
 * the second hour 3 is empty but in autumn, both are in spring. Per MWh; the zone is the caller's.
 */
export function parseEpexCsv(text: string, fileName: string, wishedZone?: string): PriceDocument {
  const delimiter = /Delivery day"?;/.test(text) ? ';' : ',';
  const [header, ...records] = readLines(text, fileName, delimiter, '#');
  const names = header?.fields ?? [];
  const dayColumn = names.indexOf(EPEX_DAY);
  const slotColumns = names.flatMap((name, column) => (EPEX_SLOT.test(name) ? [column] : []));
  if (slotColumns.length === 0)
    throw invalidInput(`${fileName} line ${header?.line ?? 1}`, 'there is no column Hour 1');
  // The zones of the auction have the clock of Berlin, Great Britain that of London.
  const timeZone = wishedZone === 'GB' ? 'Europe/London' : 'Europe/Berlin';
  const days = records.map(({ fields, line }) => {
    const day = isoDayOf(fields[dayColumn] ?? '', `${fileName} line ${line}, ${EPEX_DAY}`);
    const prices = slotColumns.flatMap((column) => {
      const cell = fields[column] ?? '';
      const path = `${fileName} line ${line}, ${names[column]}`;
      return cell === '' ? [] : [parsePerMwh(cell.replace(',', '.'), path)];
    });
    return { line, rows: rowsOfDay(day, timeZone, prices, `${fileName} line ${line}`, `line ${line}`) };
  });
  return { rows: joined(days, fileName, EPEX_DAY), currency: wishedZone === 'GB' ? 'GBP' : 'EUR' };
}

/**
 * OMIE's `marginalpdbc`: `YYYY;MM;DD;period;Portugal;Spain;` between the header and a `*`, EUR/MWh. The period is
 * a number from local midnight in Madrid, 23 to 25 hours or 92 to 100 quarter-hours; delivery days are those of
 * Madrid for Portugal too. Zone `ES` unless the caller wants `PT`.
 */
export function parseOmieText(text: string, fileName: string, wishedZone?: string): PriceDocument {
  const zone = wishedZone ?? 'ES';
  if (zone !== 'ES' && zone !== 'PT')
    throw invalidInput(fileName, `nothing for zone ${zone}; there are ES, PT`);
  const [, ...records] = readLines(text, fileName, ';');
  const days = new Map<string, { line: number; prices: number[] }>();
  for (const { fields, line } of records) {
    if (fields[0] === '*') continue;
    const path = `${fileName} line ${line}`;
    const [year = '', month = '', day = '', period = '', portugal = '', spain = ''] = fields;
    const date = isoDayOf(`${day}/${month}/${year}`, `${path}, day`);
    const known = days.get(date) ?? { line, prices: [] };
    days.set(date, known);
    if (Number(period) !== known.prices.length + 1) {
      throw invalidInput(`${path}, period`, `expected ${known.prices.length + 1}, got ${quoted(period)}`);
    }
    const cell = zone === 'PT' ? portugal : spain;
    known.prices.push(parsePerMwh(cell.replace(',', '.'), `${path}, ${zone}`));
  }
  const read = [...days].map(([date, { line, prices }]) => ({
    line,
    rows: rowsOfDay(date, 'Europe/Madrid', prices, `${fileName} line ${line}`, `line ${line}`),
  }));
  return { rows: joined(read, fileName, 'day'), zone, currency: 'EUR' };
}

/** A market day's prices in their order, as many as its hours or quarter-hours. */
function rowsOfDay(
  day: string,
  timeZone: string,
  pricesPerKwh: readonly number[],
  path: string,
  place: string,
): PriceRow[] {
  const { fromMs, toMs } = marketDay(day, timeZone);
  const minutes = MINUTES_OF_COUNT[pricesPerKwh.length];
  if (minutes === undefined || fromMs + pricesPerKwh.length * minutes * MS_PER_MINUTE !== toMs) {
    const hours = (toMs - fromMs) / (60 * MS_PER_MINUTE);
    throw invalidInput(
      path,
      `${day} has ${hours} hours or ${hours * 4} quarter-hours, there are ${pricesPerKwh.length} prices`,
    );
  }
  return pricesPerKwh.map((pricePerKwh, index) => ({
    startMs: fromMs + index * minutes * MS_PER_MINUTE,
    durationMinutes: minutes,
    importPerKwh: pricePerKwh,
    exportPerKwh: pricePerKwh,
    place,
  }));
}

function joined(
  days: readonly { readonly rows: readonly PriceRow[] }[],
  fileName: string,
  field: string,
): PriceRow[] {
  const rows = [...days]
    .sort((a, b) => (a.rows[0]?.startMs ?? 0) - (b.rows[0]?.startMs ?? 0)) // EPEX writes the newest day first
    .flatMap((day) => day.rows);
  assertContiguous(rows, fileName, field);
  return rows;
}

/** `2026-03-29` of `29/03/2026` or of itself. */
function isoDayOf(text: string, path: string): string {
  const parts = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text);
  const iso = parts === null ? text : `${parts[3]}-${parts[2]}-${parts[1]}`;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso) || new Date(`${iso}T00:00:00Z`).toJSON()?.slice(0, 10) !== iso) {
    throw invalidInput(path, `expected a day such as 29/03/2026, got ${quoted(text)}`);
  }
  return iso;
}

function readLines(
  text: string,
  fileName: string,
  delimiter: string,
  comment = '',
): { readonly fields: readonly string[]; readonly line: number }[] {
  const lines: { fields: readonly string[]; line: number }[] = [];
  try {
    parse(text, {
      delimiter,
      comment,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: 10_000,
      on_record: (fields: readonly string[], { lines: line }) => {
        lines.push({ fields, line });
        return null;
      },
    });
  } catch (cause) {
    if (cause instanceof CsvError) throw invalidInput(fileName, cause.message);
    throw cause;
  }
  return lines;
}
