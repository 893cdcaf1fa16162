import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { invalidInput } from '../domain/errors.js';
import {
  assertContiguous,
  type PriceDocument,
  type PriceRow,
  parsePerMwh,
  parseUtcInstant,
  quoted,
  SLOT_LENGTHS_MINUTES,
} from './price-document.js';

const START_COLUMN = 'start_utc';
const RESOLUTION_COLUMN = 'resolution_min';
const PRICE_COLUMN = /^price_([a-z]{3})_mwh$/;
const LONGEST_RECORD_CHARACTERS = 1_000;

/** The fields of a record and the line it ends on. */
interface Numbered {
  readonly record: readonly string[];
  readonly line: number;
}

interface Columns {
  readonly start: number;
  readonly resolution: number;
  readonly price: number;
  readonly priceName: string;
  readonly currency: string;
}

/**
 * CSV with the columns `start_utc`, `resolution_min` and `price_<currency>_mwh` in any order, one row per slot
 * in time order. Prices per MWh. Errors name line and column.
 */
export function parseCsvPrices(text: string, fileName: string): PriceDocument {
  const [header, ...records] = readRecords(text, fileName);
  if (header === undefined) throw invalidInput(fileName, 'there is no header line');
  const columns = columnsOf(header.record, fileName);
  const rows = records.map((record) => rowOf(record, columns, header.record.length, fileName));
  assertContiguous(rows, fileName, START_COLUMN);
  return { rows, currency: columns.currency };
}

function readRecords(text: string, fileName: string): Numbered[] {
  const records: Numbered[] = [];
  try {
    parse(text, {
      on_record: (record: readonly string[], { lines }) => {
        records.push({ record, line: lines });
        return null;
      },
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true, // counted below, with an error that names the line
      max_record_size: LONGEST_RECORD_CHARACTERS,
    });
  } catch (cause) {
    if (cause instanceof CsvError) throw invalidInput(fileName, cause.message);
    throw cause;
  }
  return records;
}

function columnsOf(header: readonly string[], fileName: string): Columns {
  const path = `${fileName} line 1`;
  const prices = header.filter((name) => PRICE_COLUMN.test(name));
  const known = [START_COLUMN, RESOLUTION_COLUMN, ...prices];
  for (const name of [START_COLUMN, RESOLUTION_COLUMN]) {
    if (!header.includes(name)) throw invalidInput(path, `column ${name} is missing`);
  }
  const priceName = prices[0];
  if (priceName === undefined) throw invalidInput(path, 'a price column such as price_eur_mwh is missing');
  const unknown = header.find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidInput(path, `unknown column ${quoted(unknown)}`);
  if (new Set(header).size !== header.length || prices.length > 1) {
    throw invalidInput(path, 'each column may be there once, and one of them holds the price');
  }
  return {
    start: header.indexOf(START_COLUMN),
    resolution: header.indexOf(RESOLUTION_COLUMN),
    price: header.indexOf(priceName),
    priceName,
    currency: (PRICE_COLUMN.exec(priceName)?.[1] ?? '').toUpperCase(),
  };
}

function rowOf({ record, line }: Numbered, columns: Columns, width: number, fileName: string): PriceRow {
  const place = `line ${line}`;
  const path = `${fileName} ${place}`;
  if (record.length !== width) throw invalidInput(path, `expected ${width} fields, got ${record.length}`);
  const durationMinutes = Number(record[columns.resolution]);
  if (!SLOT_LENGTHS_MINUTES.includes(durationMinutes)) {
    throw invalidInput(
      `${path}, ${RESOLUTION_COLUMN}`,
      `expected one of ${SLOT_LENGTHS_MINUTES.join(', ')}, got ${quoted(record[columns.resolution])}`,
    );
  }
  const pricePerKwh = parsePerMwh(record[columns.price] ?? '', `${path}, ${columns.priceName}`);
  return {
    startMs: parseUtcInstant(record[columns.start] ?? '', `${path}, ${START_COLUMN}`),
    durationMinutes,
    importPerKwh: pricePerKwh,
    exportPerKwh: pricePerKwh,
    place,
  };
}
