import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { DateTime } from 'luxon';
import { invalidInput } from '../domain/errors.js';
import {
  arrayAt,
  type PriceDocument,
  type PriceRow,
  parsePerMwh,
  perKwhOfMwh,
  quoted,
} from './price-document.js';
import { slotLengthsOf } from './slot-lengths.js';

const START_COLUMN = 'Datum von';
const TIME_ZONE = 'Europe/Berlin';
const LOCAL_TIME = /^\d{2}\.\d{2}\.\d{4} \d{2}:\d{2}$/;
const GERMAN_NUMBER = /^[+-]?\d{1,3}(\.?\d{3})*(,\d+)?$/;

/** SMARD's names of price columns, without unit and resolution, to zones. */
const ZONE_OF_NAME: Readonly<Record<string, string>> = {
  'Deutschland/Luxemburg': 'DE-LU',
  Belgien: 'BE',
  'Dänemark 1': 'DK1',
  'Dänemark 2': 'DK2',
  Frankreich: 'FR',
  Niederlande: 'NL',
  'Norwegen 2': 'NO2',
  Österreich: 'AT',
  Polen: 'PL',
  'Schweden 4': 'SE4',
  Schweiz: 'CH',
  Tschechien: 'CZ',
};

/** Whether a CSV text is a download of SMARD, told by its first column. */
export function isSmardCsv(text: string): boolean {
  return text.startsWith(`${START_COLUMN};`);
}

/**
 * A price download of SMARD: `;`, local time of Berlin without offset, decimal comma, `-` for no price, one
 * column per zone. The repeated hour of autumn is told apart by its place; `Datum bis` is not read, since it is
 * wrong on spring days. Prices that are missing at the end are not published yet; elsewhere they are a fault.
 */
export function parseSmardCsv(text: string, fileName: string, wishedZone?: string): PriceDocument {
  const [header = [], ...records] = readRecords(text, fileName);
  const zone = wishedZone ?? 'DE-LU';
  const column = header.findIndex((name) => zoneOfColumn(name) === zone);
  if (column < 0) {
    const known = header.map(zoneOfColumn).filter((name) => name !== undefined);
    throw invalidInput(`${fileName} line 1`, `no column for zone ${zone}; there are ${known.join(', ')}`);
  }
  const columnName = header[column] ?? '';
  if (!columnName.includes('[€/MWh]')) {
    throw invalidInput(`${fileName} line 1`, `expected €/MWh, got ${quoted(columnName)}`);
  }
  while (records.length > 0 && records.at(-1)?.[column] === '-') records.pop();
  let previousMs = Number.NEGATIVE_INFINITY;
  const startsMs = records.map((record, index) => {
    previousMs = instantAfter(previousMs, record[0] ?? '', `${fileName} line ${index + 2}, ${START_COLUMN}`);
    return previousMs;
  });
  const minutes = slotLengthsOf(
    startsMs,
    fileName,
    (index) => `${fileName} line ${index + 2}, ${START_COLUMN}`,
  );
  const rows = records.map((record, index): PriceRow => {
    const path = `${fileName} line ${index + 2}, ${zone}`;
    const cell = record[column] ?? '';
    if (cell === '-') throw invalidInput(path, 'there is no price');
    if (!GERMAN_NUMBER.test(cell)) throw invalidInput(path, `expected a number, got ${quoted(cell)}`);
    const pricePerKwh = parsePerMwh(cell.replaceAll('.', '').replace(',', '.'), path);
    return {
      startMs: startsMs[index] ?? 0,
      durationMinutes: minutes[index] ?? 0,
      importPerKwh: pricePerKwh,
      exportPerKwh: pricePerKwh,
      place: `line ${index + 2}`,
    };
  });
  return { rows, zone, currency: 'EUR' };
}

/** SMARD's `chart_data`: `{ "series": [[ms, EUR/MWh or null], …] }`; nulls at the end are not published yet. */
export function parseSmardChart(
  document: Readonly<Record<string, unknown>>,
  fileName: string,
): PriceDocument {
  const points = [...arrayAt(document, 'series', fileName)].map((point, index) => {
    const place = `${fileName} series[${index}]`;
    if (!Array.isArray(point) || point.length !== 2 || !Number.isSafeInteger(point[0])) {
      throw invalidInput(place, `expected [milliseconds, price], got ${quoted(point)}`);
    }
    return { startMs: Number(point[0]), price: point[1] as unknown };
  });
  while (points.length > 0 && points.at(-1)?.price === null) points.pop();
  const minutes = slotLengthsOf(
    points.map(({ startMs }) => startMs),
    fileName,
    (index) => `${fileName} series[${index}]`,
  );
  const rows = points.map(({ startMs, price }, index): PriceRow => {
    const pricePerKwh = perKwhOfMwh(price, `${fileName} series[${index}]`);
    return {
      startMs,
      durationMinutes: minutes[index] ?? 0,
      importPerKwh: pricePerKwh,
      exportPerKwh: pricePerKwh,
      place: `series[${index}]`,
    };
  });
  return { rows, currency: 'EUR' };
}

function readRecords(text: string, fileName: string): string[][] {
  try {
    return parse(text, { delimiter: ';', trim: true, skip_empty_lines: true, max_record_size: 10_000 });
  } catch (cause) {
    if (cause instanceof CsvError) throw invalidInput(fileName, cause.message);
    throw cause;
  }
}

function zoneOfColumn(name: string): string | undefined {
  return ZONE_OF_NAME[name.slice(0, Math.max(0, name.indexOf('['))).trim()];
}

/** The earliest instant after the one before that a clock in Berlin shows as `text`. */
function instantAfter(previousMs: number, text: string, path: string): number {
  const time = DateTime.fromFormat(text, 'dd.MM.yyyy HH:mm', { zone: TIME_ZONE });
  if (!LOCAL_TIME.test(text) || !time.isValid || time.toFormat('dd.MM.yyyy HH:mm') !== text) {
    throw invalidInput(path, `expected a time of Berlin such as 31.03.2024 01:00, got ${quoted(text)}`);
  }
  const possible = time.getPossibleOffsets().map((candidate) => candidate.toMillis());
  return possible.sort((a, b) => a - b).find((ms) => ms > previousMs) ?? time.toMillis();
}
