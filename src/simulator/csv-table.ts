import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { type EbbflowError, invalidInput } from '../domain/errors.js';

/** A million sessions are a thousand users for three years; more is another tool's work. */
export const MAX_ROWS = 1_000_000;
const LONGEST_RECORD_CHARACTERS = 10_000;

/** A row of a CSV file whose cells are read by column name; every fault names line and column. */
export class CsvRow {
  readonly line: number;
  readonly #file: string;
  readonly #cells: Readonly<Record<string, string>>;

  constructor(file: string, line: number, cells: Readonly<Record<string, string>>) {
    this.#file = file;
    this.line = line;
    this.#cells = cells;
  }

  text(column: string): string {
    const text = this.optionalText(column);
    if (text === undefined) throw this.fault(column, 'is empty');
    return text;
  }

  optionalText(column: string): string | undefined {
    const text = this.#cells[column]?.trim();
    return text === '' ? undefined : text;
  }

  /** A number in [min, max]. */
  number(column: string, min: number, max: number): number {
    const value = this.optionalNumber(column, min, max);
    if (value === undefined) throw this.fault(column, 'is empty');
    return value;
  }

  optionalNumber(column: string, min: number, max: number): number | undefined {
    const text = this.optionalText(column);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!Number.isFinite(value)) throw this.fault(column, `"${text}" is not a number`);
    if (value < min || value > max) throw this.fault(column, `${text} is not between ${min} and ${max}`);
    return value;
  }

  fault(column: string, message: string): EbbflowError {
    return invalidInput(`${this.#file}, line ${this.line}, column ${column}`, message);
  }
}

export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Parses comma-separated text with a header line. `file` is what errors call it.
 * @throws EbbflowError INVALID_INPUT for broken quotes, ragged rows, too many rows, no header.
 */
export function parseCsvTable(text: string, file: string): CsvTable {
  let columns: readonly string[] = [];
  const rows: CsvRow[] = [];
  try {
    parse(text, {
      bom: true,
      skip_empty_lines: true,
      max_record_size: LONGEST_RECORD_CHARACTERS,
      columns: (header: readonly string[]) => {
        columns = header.map((name) => name.trim());
        return [...columns];
      },
      on_record: (cells: Readonly<Record<string, string>>, { lines }) => {
        rows.push(new CsvRow(file, lines, cells));
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw invalidInput(`${file}, line ${String(error.lines ?? '?')}`, error.message);
  }
  if (columns.length === 0) throw invalidInput(file, 'is empty: a header line is expected');
  if (rows.length > MAX_ROWS) throw invalidInput(file, `has more than ${MAX_ROWS} rows`);
  return { columns, rows };
}
