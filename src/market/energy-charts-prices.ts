import { invalidInput } from '../domain/errors.js';
import { objectAt } from './feed-prices.js';
import {
  arrayAt,
  assertContiguous,
  type PriceDocument,
  type PriceRow,
  parseInstant,
  perKwhOfMwh,
  quoted,
  SLOT_LENGTHS_MINUTES,
} from './price-document.js';
import { slotLengthsOf } from './slot-lengths.js';

/** The series of the newer answer. */
const V2_SERIES = 'day_ahead_price';

/**
 * An answer of Energy-Charts' `/price`: `unix_seconds[]`, `price[]`, `unit` ("EUR / MWh"). The slot length is
 * not in it and follows from the instants. Nulls at the end are what is not published yet, as in SMARD's
 * charts; a null before a price is a missing one.
 */
export function parseEnergyChartsPrices(
  document: Readonly<Record<string, unknown>>,
  fileName: string,
): PriceDocument {
  const seconds = arrayAt(document, 'unix_seconds', fileName);
  const prices = arrayAt(document, 'price', fileName);
  if (seconds.length !== prices.length) {
    throw invalidInput(`${fileName} price`, `${prices.length} values for ${seconds.length} unix_seconds`);
  }
  const currency = currencyOf(document.unit, fileName);
  if (currency === undefined) throw invalidInput(`${fileName} unit`, 'expected a currency per MWh');
  const published = prices.findLastIndex((price) => price !== null) + 1;
  const startsMs = seconds.map((value, index) => startMsOf(value, `${fileName} unix_seconds[${index}]`));
  const durationsMinutes = slotLengthsOf(
    startsMs,
    `${fileName} unix_seconds`,
    (index) => `${fileName} unix_seconds[${index}]`,
  );
  const rows = startsMs.slice(0, published).map((startMs, index): PriceRow => {
    const pricePerKwh = perKwhOfMwh(prices[index], `${fileName} price[${index}]`);
    return {
      startMs,
      durationMinutes: durationsMinutes[index] ?? 0,
      importPerKwh: pricePerKwh,
      exportPerKwh: pricePerKwh,
      place: `unix_seconds[${index}]`,
    };
  });
  const licence = document.license_info;
  return { rows, currency, ...(typeof licence === 'string' && licence !== '' ? { source: licence } : {}) };
}

/**
 * An answer of Energy-Charts' `/v2/price`: `series[{id: "day_ahead_price"}]`, `data[{timestamp, values:
 * {day_ahead_price}}]`, times with their offset, with the zone (`bidding_zone`), the length of a slot
 * (`interval_minutes`) and the licence where the answer names them. Nulls at the end are not published yet.
 */
export function parseEnergyChartsV2Prices(
  document: Readonly<Record<string, unknown>>,
  fileName: string,
): PriceDocument {
  const currency = currencyOf(document.unit, fileName) ?? 'EUR';
  const points = [...arrayAt(document, 'data', fileName)].map((entry, index) => {
    const place = `data[${index}]`;
    const item = objectAt(entry, `${fileName} ${place}`);
    const startMs = parseInstant(item.timestamp, `${fileName} ${place}.timestamp`);
    return { place, startMs, price: objectAt(item.values, `${fileName} ${place}.values`)[V2_SERIES] };
  });
  while (points.length > 0 && (points.at(-1)?.price ?? null) === null) points.pop();
  const stated = document.interval_minutes;
  const isStated = typeof stated === 'number' && SLOT_LENGTHS_MINUTES.includes(stated);
  const minutes = isStated
    ? points.map(() => stated)
    : slotLengthsOf(
        points.map(({ startMs }) => startMs),
        `${fileName} data`,
        (index) => `${fileName} data[${index}].timestamp`,
      );
  const rows = points.map(({ startMs, price, place }, index): PriceRow => {
    const pricePerKwh = perKwhOfMwh(price, `${fileName} ${place}.values.${V2_SERIES}`);
    const durationMinutes = minutes[index] ?? 0;
    return { startMs, durationMinutes, importPerKwh: pricePerKwh, exportPerKwh: pricePerKwh, place };
  });
  assertContiguous(rows, fileName, 'timestamp');
  const { bidding_zone: zone, license: licence } = document;
  return {
    rows,
    currency,
    ...(typeof zone === 'string' && zone !== '' ? { zone } : {}),
    ...(typeof licence === 'string' && licence !== '' ? { source: licence } : {}),
  };
}

/** Undefined where the answer names no unit. */
function currencyOf(unit: unknown, fileName: string): string | undefined {
  if (unit === undefined) return undefined;
  const currency = /^([A-Z]{3}) ?\/ ?MWh$/.exec(String(unit))?.[1];
  if (currency === undefined) {
    throw invalidInput(`${fileName} unit`, `expected a currency per MWh, got ${quoted(unit)}`);
  }
  return currency;
}

function startMsOf(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || Math.abs(value) > 1e11) {
    throw invalidInput(path, `expected whole seconds since 1970, got ${quoted(value)}`);
  }
  return value * 1000;
}
