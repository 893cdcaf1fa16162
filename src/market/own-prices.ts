import { invalidInput } from '../domain/errors.js';
import { MS_PER_MINUTE } from '../domain/power.js';
import {
  arrayAt,
  assertPricePerKwh,
  type PriceDocument,
  type PriceRow,
  parseUtcInstant,
  quoted,
  SLOT_LENGTHS_MINUTES,
} from './price-document.js';

/**
 * The document of PUT /v1/prices: `{ zone?, currency, start, slotMinutes, importPerKwh[], exportPerKwh[]? }`,
 * prices per kWh. Without `exportPerKwh` export is paid like import.
 */
export function parseOwnPrices(document: Readonly<Record<string, unknown>>, fileName: string): PriceDocument {
  const slotMinutes = document.slotMinutes;
  if (typeof slotMinutes !== 'number' || !SLOT_LENGTHS_MINUTES.includes(slotMinutes)) {
    const known = SLOT_LENGTHS_MINUTES.join(', ');
    throw invalidInput(`${fileName} slotMinutes`, `expected one of ${known}, got ${quoted(slotMinutes)}`);
  }
  const startMs = parseUtcInstant(String(document.start), `${fileName} start`);
  const importPrices = pricesAt(document, 'importPerKwh', fileName);
  const exportPrices =
    document.exportPerKwh === undefined ? importPrices : pricesAt(document, 'exportPerKwh', fileName);
  if (exportPrices.length !== importPrices.length) {
    const lengths = `${exportPrices.length} values for ${importPrices.length} of importPerKwh`;
    throw invalidInput(`${fileName} exportPerKwh`, lengths);
  }
  const rows = importPrices.map(
    (importPerKwh, index): PriceRow => ({
      startMs: startMs + index * slotMinutes * MS_PER_MINUTE,
      durationMinutes: slotMinutes,
      importPerKwh,
      exportPerKwh: exportPrices[index] ?? importPerKwh,
      place: `importPerKwh[${index}]`,
    }),
  );
  return { rows, ...textAt(document, 'zone', fileName), ...textAt(document, 'currency', fileName) };
}

function pricesAt(document: Readonly<Record<string, unknown>>, field: string, fileName: string): number[] {
  return arrayAt(document, field, fileName).map((value, index) =>
    assertPricePerKwh(value, `${fileName} ${field}[${index}]`),
  );
}

function textAt(
  document: Readonly<Record<string, unknown>>,
  field: 'zone' | 'currency',
  fileName: string,
): { zone?: string; currency?: string } {
  const value = document[field];
  if (value === undefined) return {};
  if (typeof value !== 'string' || value === '') {
    throw invalidInput(`${fileName} ${field}`, `expected a text, got ${quoted(value)}`);
  }
  return { [field]: value };
}
