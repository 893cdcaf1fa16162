import { invalidInput } from '../domain/errors.js';
import { lengthOf, objectAt } from './feed-prices.js';
import {
  arrayAt,
  assertContiguous,
  assertPricePerKwh,
  type PriceDocument,
  type PriceRow,
  parseInstant,
  perKwhOfMwh,
  quoted,
} from './price-document.js';
import { slotLengthsOf } from './slot-lengths.js';

type JsonObject = Readonly<Record<string, unknown>>;

/** What the caller says of a document with several zones or currencies. */
export interface Wished {
  readonly zone?: string;
  readonly currency?: string;
}

/** Nord Pool's names of areas that differ from the usual ones. */
const ZONE_OF_AREA: Readonly<Record<string, string>> = { GER: 'DE-LU' };

/**
 * Nord Pool's data portal: `multiAreaEntries[{deliveryStart, deliveryEnd, entryPerArea: {SE3: price}}]`,
 * `currency` per MWh. Of several areas the caller names one.
 */
export function parseNordPoolPrices(document: JsonObject, fileName: string, wished: Wished): PriceDocument {
  const entries = arrayAt(document, 'multiAreaEntries', fileName).map((entry, index) => {
    const place = `multiAreaEntries[${index}]`;
    const item = objectAt(entry, `${fileName} ${place}`);
    const areas = objectAt(item.entryPerArea, `${fileName} ${place}.entryPerArea`);
    return { place, item, areas };
  });
  const area = onlyOne(
    new Set(entries.flatMap(({ areas }) => Object.keys(areas))),
    (name) => ZONE_OF_AREA[name] ?? name,
    `${fileName} entryPerArea`,
    wished.zone,
  );
  const rows = entries.map(({ place, item, areas }): PriceRow => {
    const startMs = parseInstant(item.deliveryStart, `${fileName} ${place}.deliveryStart`);
    const endMs = parseInstant(item.deliveryEnd, `${fileName} ${place}.deliveryEnd`);
    const pricePerKwh = perKwhOfMwh(areas[area], `${fileName} ${place}.entryPerArea.${area}`);
    const durationMinutes = lengthOf(startMs, endMs, `${fileName} ${place}.deliveryEnd`);
    return { startMs, durationMinutes, importPerKwh: pricePerKwh, exportPerKwh: pricePerKwh, place };
  });
  assertContiguous(rows, fileName, 'deliveryStart');
  const { currency, version } = document;
  return {
    rows,
    zone: ZONE_OF_AREA[area] ?? area,
    ...(typeof currency === 'string' ? { currency } : {}),
    ...(Number.isSafeInteger(version) ? { revision: Number(version) } : {}),
  };
}

/**
 * Energinet's data set DayAheadPrices: `records[{TimeUTC, PriceArea, DayAheadPriceEUR, DayAheadPriceDKK}]`, UTC
 * without a Z, usually newest first. In euro unless the caller wants DKK.
 */
export function parseEnerginetPrices(document: JsonObject, fileName: string, wished: Wished): PriceDocument {
  const records = arrayAt(document, 'records', fileName).map((record, index) => ({
    place: `records[${index}]`,
    item: objectAt(record, `${fileName} records[${index}]`),
  }));
  const zone = onlyOne(
    new Set(records.map(({ item }) => String(item.PriceArea))),
    (name) => name,
    `${fileName} PriceArea`,
    wished.zone,
  );
  const currency = wished.currency === 'DKK' ? 'DKK' : 'EUR';
  const field = `DayAheadPrice${currency}`;
  const found = records
    .filter(({ item }) => item.PriceArea === zone)
    .map(({ place, item }) => ({
      place,
      startMs: parseInstant(`${String(item.TimeUTC)}Z`, `${fileName} ${place}.TimeUTC`),
      pricePerKwh: perKwhOfMwh(item[field], `${fileName} ${place}.${field}`),
    }))
    .sort((a, b) => a.startMs - b.startMs);
  const minutes = slotLengthsOf(
    found.map(({ startMs }) => startMs),
    `${fileName} records`,
    (index) => `${fileName} ${found[index]?.place}.TimeUTC`,
  );
  const rows = found.map(
    ({ startMs, pricePerKwh, place }, index): PriceRow => ({
      startMs,
      durationMinutes: minutes[index] ?? 0,
      importPerKwh: pricePerKwh,
      exportPerKwh: pricePerKwh,
      place,
    }),
  );
  return { rows, zone, currency };
}

/**
 * elprisetjustnu.se: `[{SEK_per_kWh, EUR_per_kWh, time_start, time_end}]`, per kWh, times with their offset. In
 * Swedish crowns unless the caller wants EUR. The zone is not in it.
 */
export function parseElprisetPrices(
  entries: readonly unknown[],
  fileName: string,
  wished: Wished,
): PriceDocument {
  const currency = wished.currency === 'EUR' ? 'EUR' : 'SEK';
  const field = `${currency}_per_kWh`;
  const rows = entries.map((entry, index): PriceRow => {
    const place = `[${index}]`;
    const item = objectAt(entry, `${fileName} ${place}`);
    const startMs = parseInstant(item.time_start, `${fileName} ${place}.time_start`);
    const endMs = parseInstant(item.time_end, `${fileName} ${place}.time_end`);
    const pricePerKwh = assertPricePerKwh(item[field], `${fileName} ${place}.${field}`);
    const durationMinutes = lengthOf(startMs, endMs, `${fileName} ${place}.time_end`);
    return { startMs, durationMinutes, importPerKwh: pricePerKwh, exportPerKwh: pricePerKwh, place };
  });
  assertContiguous(rows, fileName, 'time_start');
  return { rows, currency };
}

/** The name whose zone is wished, or the only one there is. */
function onlyOne(
  names: ReadonlySet<string>,
  zoneOf: (name: string) => string,
  path: string,
  wished: string | undefined,
): string {
  const fitting = [...names].filter((name) => wished === undefined || zoneOf(name) === wished);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const zones = [...names].map(zoneOf).sort().join(', ');
  if (wished === undefined) throw invalidInput(path, `there are ${quoted(zones)}: name a zone`);
  throw invalidInput(path, `nothing for zone ${wished}; there are ${quoted(zones)}`);
}
