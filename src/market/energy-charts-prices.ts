import { invalidInput } from '../domain/errors.js';
import { arrayAt, type PriceDocument, type PriceRow, perKwhOfMwh, quoted } from './price-document.js';
import { slotLengthsOf } from './slot-lengths.js';

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
  const currency = /^([A-Z]{3}) ?\/ ?MWh$/.exec(String(document.unit))?.[1];
  if (currency === undefined) {
    throw invalidInput(`${fileName} unit`, `expected a currency per MWh, got ${quoted(document.unit)}`);
  }
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

function startMsOf(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || Math.abs(value) > 1e11) {
    throw invalidInput(path, `expected whole seconds since 1970, got ${quoted(value)}`);
  }
  return value * 1000;
}
