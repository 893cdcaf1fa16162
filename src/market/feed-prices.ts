import { invalidInput } from '../domain/errors.js';
import { MS_PER_MINUTE } from '../domain/power.js';
import {
  arrayAt,
  assertContiguous,
  assertPricePerKwh,
  type PriceDocument,
  type PriceRow,
  parseUtcInstant,
  perKwhOfMwh,
  quoted,
  SLOT_LENGTHS_MINUTES,
} from './price-document.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** An answer of aWATTar: `data[{start_timestamp, end_timestamp, marketprice, unit}]`, ms and EUR/MWh, without VAT. */
export function parseAwattarPrices(document: JsonObject, fileName: string): PriceDocument {
  const rows = arrayAt(document, 'data', fileName).map((entry, index): PriceRow => {
    const place = `data[${index}]`;
    const item = objectAt(entry, `${fileName} ${place}`);
    if (typeof item.unit !== 'string' || !/^eur\/mwh$/i.test(item.unit)) {
      throw invalidInput(`${fileName} ${place}.unit`, `expected Eur/MWh, got ${quoted(item.unit)}`);
    }
    const startMs = millisecondsAt(item.start_timestamp, `${fileName} ${place}.start_timestamp`);
    const endMs = millisecondsAt(item.end_timestamp, `${fileName} ${place}.end_timestamp`);
    const pricePerKwh = perKwhOfMwh(item.marketprice, `${fileName} ${place}.marketprice`);
    const durationMinutes = lengthOf(startMs, endMs, `${fileName} ${place}.end_timestamp`);
    return { startMs, durationMinutes, importPerKwh: pricePerKwh, exportPerKwh: pricePerKwh, place };
  });
  assertContiguous(rows, fileName, 'start_timestamp');
  return { rows, currency: 'EUR' };
}

/**
 * Unit rates of Octopus Energy (GB): `results[{value_exc_vat, value_inc_vat, valid_from, valid_to,
 * payment_method}]`, pence per kWh, newest first. Import costs the rate with VAT; export is paid without.
 * Where rates differ by payment method the one for direct debit counts. A rate without an end is a fixed
 * tariff, not a series of half-hours.
 */
export function parseOctopusPrices(document: JsonObject, fileName: string): PriceDocument {
  const rows = arrayAt(document, 'results', fileName).flatMap((entry, index): PriceRow[] => {
    const place = `results[${index}]`;
    const item = objectAt(entry, `${fileName} ${place}`);
    const method = item.payment_method ?? null;
    if (method !== null && method !== 'DIRECT_DEBIT') return [];
    if (item.valid_to === null || item.valid_to === undefined) {
      throw invalidInput(`${fileName} ${place}.valid_to`, 'the rate has no end: a fixed tariff is no series');
    }
    const startMs = parseUtcInstant(String(item.valid_from), `${fileName} ${place}.valid_from`);
    const endMs = parseUtcInstant(String(item.valid_to), `${fileName} ${place}.valid_to`);
    const poundsAt = (field: string) =>
      assertPricePerKwh(
        typeof item[field] === 'number' ? Number((item[field] / 100).toPrecision(15)) : item[field],
        `${fileName} ${place}.${field}`,
      );
    return [
      {
        startMs,
        durationMinutes: lengthOf(startMs, endMs, `${fileName} ${place}.valid_to`),
        importPerKwh: poundsAt('value_inc_vat'),
        exportPerKwh: poundsAt('value_exc_vat'),
        place,
      },
    ];
  });
  rows.reverse();
  assertContiguous(rows, fileName, 'valid_from');
  return { rows, zone: 'GB', currency: 'GBP' };
}

/** A JSON object, or INVALID_INPUT at `path`. */
export function objectAt(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidInput(path, `expected an object, got ${quoted(value)}`);
  }
  return { ...value };
}

function millisecondsAt(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw invalidInput(path, `expected whole milliseconds since 1970, got ${quoted(value)}`);
  }
  return value;
}

/** Minutes of a slot as energy markets have them, or INVALID_INPUT at `path`. */
export function lengthOf(startMs: number, endMs: number, path: string): number {
  const minutes = (endMs - startMs) / MS_PER_MINUTE;
  if (!SLOT_LENGTHS_MINUTES.includes(minutes)) {
    throw invalidInput(path, `a slot of ${minutes} minutes; expected ${SLOT_LENGTHS_MINUTES.join(', ')}`);
  }
  return minutes;
}
