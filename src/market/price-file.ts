import { EbbflowError, invalidInput } from '../domain/errors.js';
import type { PriceSeries } from '../domain/price.js';
import { parseCsvPrices } from './csv-prices.js';
import { isEpexCsv, isOmieText, parseEpexCsv, parseOmieText } from './day-table-prices.js';
import { parseEntsoePrices } from './entsoe-prices.js';
import { parseJsonPrices } from './json-prices.js';
import type { PriceDocument } from './price-document.js';
import { nativeSeriesOf, type PriceWindow, seriesOf } from './price-series.js';
import { isSmardCsv, parseSmardCsv } from './smard-prices.js';

/** Five years of quarter-hours in the widest shape (A44 with one element a line) are some 20 MB. */
export const MAX_PRICE_FILE_CHARACTERS = 32_000_000;

export interface PriceFile {
  /** Media type as HTTP gives it, parameters allowed; beats the file name. */
  readonly contentType?: string;
  /** Tells the format by its ending, and names the file in errors. */
  readonly fileName?: string;
  readonly text: string;
  /** Zone of the result. A file that says it is for another zone is refused. */
  readonly zone?: string;
  /** ISO 4217, upper case. A file in another currency is refused; nothing is converted. */
  readonly currency?: string;
  /** Only [fromMs, toMs), which the file must cover whole; absent: all of it. */
  readonly window?: PriceWindow;
}

type Format = 'csv' | 'xml' | 'json';

const FORMAT_OF_MEDIA_TYPE: Readonly<Record<string, Format>> = {
  'text/csv': 'csv',
  'application/csv': 'csv',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/json': 'json',
};
/** Media types that say nothing about the contents: the file name or the text decides. */
const VAGUE_MEDIA_TYPES = new Set(['application/octet-stream', 'text/plain']);

/**
 * A price file of any known shape as one gapless series per kWh: CSV (`start_utc,resolution_min,
 * price_eur_mwh`, SMARD's download, a table of EPEX, OMIE's file), ENTSO-E A44 XML, JSON of Energy-Charts, SMARD's
 * charts, aWATTar, Octopus, Nord Pool, Energinet, elprisetjustnu.se or of PUT /v1/prices. Resolutions that
 * change within the file become the finest one by repetition: for a reckoning that wants one series. What is
 * kept as the file has it is read by {@link parsePriceFileNative}. The export price equals the import price
 * where the file has one price.
 *
 * Throws INVALID_INPUT with line (or element) and field for a gap, an overlap, a repetition, disorder or a
 * value that is no number; PAYLOAD_TOO_LARGE; UNSUPPORTED_MEDIA_TYPE. Nothing is bridged.
 */
export function parsePriceFile(file: PriceFile): PriceSeries {
  return seriesOf(readDocument(file), {
    ...namedBy(file),
    ...(file.window === undefined ? {} : { window: file.window }),
  });
}

/** The same file as one series per run of slots of one length, as the file has them. */
export function parsePriceFileNative(file: Omit<PriceFile, 'window'>): PriceSeries[] {
  return nativeSeriesOf(readDocument(file), namedBy(file));
}

function namedBy(file: PriceFile) {
  return {
    fileName: nameOf(file),
    ...(file.zone === undefined ? {} : { zone: file.zone }),
    ...(file.currency === undefined ? {} : { currency: file.currency }),
  };
}

function readDocument(file: PriceFile): PriceDocument {
  if (file.text.length > MAX_PRICE_FILE_CHARACTERS) {
    throw new EbbflowError(
      'PAYLOAD_TOO_LARGE',
      `${nameOf(file)}: more than ${MAX_PRICE_FILE_CHARACTERS} characters`,
    );
  }
  return parseDocument({ ...file, text: file.text.replace(/^\uFEFF/, '') });
}

function parseDocument(file: PriceFile): PriceDocument {
  const fileName = nameOf(file);
  if (file.text.trim() === '') throw invalidInput(fileName, 'the file is empty');
  switch (formatOf(file)) {
    case 'csv':
      if (isSmardCsv(file.text)) return parseSmardCsv(file.text, fileName, file.zone);
      if (isEpexCsv(file.text)) return parseEpexCsv(file.text, fileName, file.zone);
      if (isOmieText(file.text)) return parseOmieText(file.text, fileName, file.zone);
      return parseCsvPrices(file.text, fileName);
    case 'xml':
      return parseEntsoePrices(file.text, fileName);
    case 'json':
      return parseJsonPrices(file.text, fileName, file);
  }
}

function nameOf(file: PriceFile): string {
  return file.fileName ?? 'prices';
}

function formatOf(file: PriceFile): Format {
  const mediaType = file.contentType?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== undefined && mediaType !== '' && !VAGUE_MEDIA_TYPES.has(mediaType)) {
    const format = FORMAT_OF_MEDIA_TYPE[mediaType];
    if (format !== undefined) return format;
    const known = Object.keys(FORMAT_OF_MEDIA_TYPE).join(', ');
    throw new EbbflowError('UNSUPPORTED_MEDIA_TYPE', `content type ${mediaType}: prices come as ${known}`);
  }
  const ending = /\.(csv|xml|json)$/i.exec(file.fileName ?? '')?.[1]?.toLowerCase();
  if (ending === 'csv' || ending === 'xml' || ending === 'json') return ending;
  const first = file.text.trimStart()[0];
  if (first === '<') return 'xml';
  if (first === '{' || first === '[') return 'json';
  return 'csv';
}
