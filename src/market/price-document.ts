import { invalidInput } from '../domain/errors.js';
import { MS_PER_MINUTE } from '../domain/power.js';
import { LARGEST_PRICE_PER_KWH } from '../domain/price.js';

/** One price of a file, as the file gives it. */
export interface PriceRow {
  readonly startMs: number;
  readonly durationMinutes: number;
  readonly importPerKwh: number;
  readonly exportPerKwh: number;
  /** Where it stands in the file, for errors: `line 14`, `TimeSeries[1].Period[1].Point[3]`. */
  readonly place: string;
}

/** What a file says, before rows are joined to a series. */
export interface PriceDocument {
  /** Ascending, gapless and without overlap when {@link assertContiguous} let them pass. */
  readonly rows: readonly PriceRow[];
  /** Zones and currency by the file's own word; undefined where the format has none. */
  readonly zone?: string;
  readonly currency?: string;
  /** Who published it and under which licence, by the file's own word. */
  readonly source?: string;
  /** The document's own revision number. */
  readonly revision?: number;
}

/** Slot lengths of energy markets. Each divides the next, so the finest of a file divides all others. */
export const SLOT_LENGTHS_MINUTES: readonly number[] = [5, 15, 30, 60];

const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i;
const UTC_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.0+)?)?Z$/;

/** Epoch ms of `2025-10-26T00:15Z`. Anything but a real UTC instant throws INVALID_INPUT at `path`. */
export function parseUtcInstant(text: string, path: string): number {
  const instantMs = UTC_INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse turns 30 February into 2 March; a real instant prints as it was read.
  if (Number.isNaN(instantMs) || new Date(instantMs).toISOString().slice(0, 16) !== text.slice(0, 16)) {
    throw invalidInput(path, `expected a UTC instant such as 2026-01-20T11:00Z, got ${quoted(text)}`);
  }
  return instantMs;
}

const OFFSET_INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.0+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Epoch ms of `2025-10-26T02:15:00+02:00`, or of one in UTC; else INVALID_INPUT at `path`. */
export function parseInstant(value: unknown, path: string): number {
  const text = typeof value === 'string' ? value : '';
  if (text.endsWith('Z')) return parseUtcInstant(text, path);
  const instantMs = OFFSET_INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  const isRealDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).toJSON()?.slice(0, 10) === text.slice(0, 10);
  if (Number.isNaN(instantMs) || !isRealDay) {
    throw invalidInput(path, `expected an instant such as 2026-01-20T12:00:00+01:00, got ${quoted(value)}`);
  }
  return instantMs;
}

/** Price per kWh of a decimal number per MWh in text. */
export function parsePerMwh(text: string, path: string): number {
  if (!DECIMAL.test(text)) throw invalidInput(path, `expected a number, got ${quoted(text)}`);
  return perKwhOfMwh(Number(text), path);
}

/** Price per kWh of a price per MWh; null, infinite and absurd values throw INVALID_INPUT at `path`. */
export function perKwhOfMwh(pricePerMwh: unknown, path: string): number {
  if (typeof pricePerMwh !== 'number') return assertPricePerKwh(pricePerMwh, path);
  // 64.98 / 1000 is 0.06498000000000001; fifteen digits give back the decimal that was written.
  return assertPricePerKwh(Number((pricePerMwh / 1000).toPrecision(15)), path);
}

/** A price per kWh that is a number and not absurd; else INVALID_INPUT at `path`. */
export function assertPricePerKwh(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalidInput(path, `expected a number, got ${quoted(value)}`);
  }
  if (Math.abs(value) > LARGEST_PRICE_PER_KWH) {
    throw invalidInput(
      path,
      `${value} per kWh is beyond any market's limits (${LARGEST_PRICE_PER_KWH}); check the unit`,
    );
  }
  return value;
}

/** The array at `field` of a JSON object, or INVALID_INPUT. */
export function arrayAt(
  document: Readonly<Record<string, unknown>>,
  field: string,
  fileName: string,
): readonly unknown[] {
  const value = document[field];
  if (!Array.isArray(value))
    throw invalidInput(`${fileName} ${field}`, `expected an array, got ${quoted(value)}`);
  return value;
}

/** Throws INVALID_INPUT at the first row that does not begin where the row before it ends. */
export function assertContiguous(rows: readonly PriceRow[], fileName: string, field: string): void {
  let previous: PriceRow | undefined;
  for (const row of rows) {
    if (previous !== undefined) {
      const endMs = previous.startMs + previous.durationMinutes * MS_PER_MINUTE;
      if (row.startMs !== endMs) {
        throw invalidInput(`${fileName} ${row.place}, ${field}`, faultOf(previous, row, endMs));
      }
    }
    previous = row;
  }
}

function faultOf(previous: PriceRow, row: PriceRow, endMs: number): string {
  const start = instantOf(row.startMs);
  const missingMinutes = (row.startMs - endMs) / MS_PER_MINUTE;
  if (row.startMs > endMs) {
    return `gap of ${missingMinutes} minutes: ${instantOf(endMs)} is missing before ${start}`;
  }
  if (row.startMs === previous.startMs) return `${start} is there twice (also at ${previous.place})`;
  if (row.startMs < previous.startMs)
    return `${start} comes after ${instantOf(previous.startMs)}: out of order`;
  return `${start} overlaps ${previous.place}, which ends at ${instantOf(endMs)}`;
}

export function instantOf(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/:00\.000Z$/, 'Z');
}

/** A value as an error shows it, cut to a readable length. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
