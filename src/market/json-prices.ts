import { invalidInput } from '../domain/errors.js';
import { parseEnergyChartsPrices } from './energy-charts-prices.js';
import { parseAwattarPrices, parseOctopusPrices } from './feed-prices.js';
import { parseOwnPrices } from './own-prices.js';
import { type PriceDocument, quoted } from './price-document.js';
import { parseSmardChart } from './smard-prices.js';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON price file, told by its key: Energy-Charts `unix_seconds`, our own document `importPerKwh`, aWATTar
 * `data`, Octopus `results`, SMARD's charts `series`.
 */
export function parseJsonPrices(text: string, fileName: string): PriceDocument {
  const document = readObject(text, fileName);
  if ('unix_seconds' in document) return parseEnergyChartsPrices(document, fileName);
  if ('importPerKwh' in document) return parseOwnPrices(document, fileName);
  if ('data' in document) return parseAwattarPrices(document, fileName);
  if ('results' in document) return parseOctopusPrices(document, fileName);
  if ('series' in document) return parseSmardChart(document, fileName);
  throw invalidInput(
    fileName,
    'none of the known shapes: importPerKwh (Ebbflow), unix_seconds (Energy-Charts), data (aWATTar), results (Octopus), series (SMARD)',
  );
}

function readObject(text: string, fileName: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidInput(fileName, `not JSON (${cause instanceof Error ? cause.message : quoted(cause)})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidInput(fileName, `expected a JSON object, got ${quoted(text.trim())}`);
  }
  return { ...value };
}
