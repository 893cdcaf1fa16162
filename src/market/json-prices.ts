import { invalidInput } from '../domain/errors.js';
import { parseEnergyChartsPrices, parseEnergyChartsV2Prices } from './energy-charts-prices.js';
import { parseAwattarPrices, parseOctopusPrices } from './feed-prices.js';
import {
  parseElprisetPrices,
  parseEnerginetPrices,
  parseNordPoolPrices,
  type Wished,
} from './nordic-prices.js';
import { parseOwnPrices } from './own-prices.js';
import { type PriceDocument, quoted } from './price-document.js';
import { parseSmardChart } from './smard-prices.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON price file, told by its key: Energy-Charts `unix_seconds`, or `series` and `data`; our own document
 * `importPerKwh`, Nord Pool `multiAreaEntries`, Energinet `records`, aWATTar `data`, Octopus `results`, SMARD's
 * charts `series`; elprisetjustnu.se is an array.
 */
export function parseJsonPrices(text: string, fileName: string, wished: Wished = {}): PriceDocument {
  const document = readDocument(text, fileName);
  if (isArray(document)) return parseElprisetPrices(document, fileName, wished);
  if ('data' in document && 'series' in document) return parseEnergyChartsV2Prices(document, fileName);
  if ('multiAreaEntries' in document) return parseNordPoolPrices(document, fileName, wished);
  if ('records' in document) return parseEnerginetPrices(document, fileName, wished);
  if ('unix_seconds' in document) return parseEnergyChartsPrices(document, fileName);
  if ('importPerKwh' in document) return parseOwnPrices(document, fileName);
  if ('data' in document) return parseAwattarPrices(document, fileName);
  if ('results' in document) return parseOctopusPrices(document, fileName);
  if ('series' in document) return parseSmardChart(document, fileName);
  throw invalidInput(
    fileName,
    'none of the known shapes: importPerKwh (Ebbflow), unix_seconds or series and data (Energy-Charts), data (aWATTar), results (Octopus), series (SMARD), multiAreaEntries (Nord Pool), records (Energinet)',
  );
}

function readDocument(text: string, fileName: string): JsonObject | readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidInput(fileName, `not JSON (${cause instanceof Error ? cause.message : quoted(cause)})`);
  }
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) {
    throw invalidInput(fileName, `expected a JSON object, got ${quoted(text.trim())}`);
  }
  return { ...value };
}

/** As `Array.isArray`, which does not see a readonly array. */
function isArray(value: JsonObject | readonly unknown[]): value is readonly unknown[] {
  return Array.isArray(value);
}
