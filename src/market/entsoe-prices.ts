import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { invalidInput } from '../domain/errors.js';
import { MS_PER_MINUTE } from '../domain/power.js';
import { ZONE_OF_EIC } from './bidding-zones.js';
import {
  assertContiguous,
  type PriceDocument,
  type PriceRow,
  parsePerMwh,
  parseUtcInstant,
  quoted,
} from './price-document.js';
import { childrenAt, type Element, optionalTextAt, textAt } from './xml-element.js';

/**
 * Which auction counts where a document has several for the same hours. DE-LU and AT: 1 is the coupled
 * auction of 12:00, 2 the one of 10:15. A document without sequence 1 holds no day-ahead price yet.
 */
const DAY_AHEAD_SEQUENCE = '1';

const MINUTES_OF_RESOLUTION: Readonly<Record<string, number>> = { PT15M: 15, PT30M: 30, PT60M: 60, PT1H: 60 };
/** A year of quarter-hours and a day: no answer of the platform spans more. */
const MOST_POSITIONS = 367 * 96;
const REPEATED_ELEMENTS = new Set(['TimeSeries', 'Period', 'Point', 'Reason']);

/**
 * An ENTSO-E Publication_MarketDocument of type A44 (IEC 62325-451-3). Curve A01 has every position; in curve
 * A03 an omitted position repeats the price before it, within its Period. Prices per MWh. Errors name the
 * element: `TimeSeries[1].Period[1].Point[3].position`.
 */
export function parseEntsoePrices(text: string, fileName: string): PriceDocument {
  const root = readRoot(text, fileName);
  const series = dayAheadSeries(childrenAt(root, 'TimeSeries'), fileName);
  const rows = series
    .flatMap(({ element, place }) => rowsOfSeries(element, place, fileName))
    .sort((a, b) => a.startMs - b.startMs); // the order of Periods is not part of the format
  assertContiguous(rows, fileName, 'timeInterval');
  const currency = onlyValue(series, 'currency_Unit.name', fileName);
  const eic = onlyValue(series, 'in_Domain.mRID', fileName);
  const revision = optionalTextAt(root, 'revisionNumber', fileName);
  return {
    rows,
    currency,
    zone: ZONE_OF_EIC[eic] ?? eic,
    ...(revision !== undefined && /^\d{1,6}$/.test(revision) ? { revision: Number(revision) } : {}),
  };
}

interface Placed {
  readonly element: Element;
  readonly place: string;
}

function readRoot(text: string, fileName: string): Element {
  // Market documents define no entities; a DOCTYPE is an attack or another kind of file.
  if (/<!DOCTYPE/i.test(text)) throw invalidInput(fileName, 'a document type definition is not accepted');
  const fault = XMLValidator.validate(text);
  if (fault !== true) {
    throw invalidInput(`${fileName} line ${fault.err.line}`, `not well-formed XML: ${fault.err.msg}`);
  }
  const parser = new XMLParser({
    ignoreAttributes: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    parseTagValue: false,
    processEntities: false,
    removeNSPrefix: true,
    isArray: (name) => REPEATED_ELEMENTS.has(name),
  });
  let parsed: Element;
  try {
    parsed = parser.parse(text) as Element;
  } catch (cause) {
    throw invalidInput(
      fileName,
      `XML not accepted: ${cause instanceof Error ? cause.message : quoted(cause)}`,
    );
  }
  const refusal = childrenAt(parsed, 'Acknowledgement_MarketDocument')[0];
  if (refusal !== undefined) {
    const reason = childrenAt(refusal, 'Reason').map((element) =>
      optionalTextAt(element, 'text', `${fileName} Reason`),
    )[0];
    throw invalidInput(fileName, `ENTSO-E answered without prices: ${reason ?? 'no reason given'}`);
  }
  const root = childrenAt(parsed, 'Publication_MarketDocument')[0];
  if (root === undefined) throw invalidInput(fileName, 'expected a Publication_MarketDocument');
  const type = textAt(root, 'type', fileName);
  if (type !== 'A44')
    throw invalidInput(`${fileName} type`, `expected A44 (day-ahead prices), got ${quoted(type)}`);
  return root;
}

function dayAheadSeries(all: readonly Element[], fileName: string): Placed[] {
  const placed = all.map((element, index) => ({ element, place: `TimeSeries[${index + 1}]` }));
  const chosen = placed.filter(({ element, place }) => {
    const path = `${fileName} ${place}`;
    const sequence = optionalTextAt(
      element,
      'classificationSequence_AttributeInstanceComponent.position',
      path,
    );
    return (sequence ?? DAY_AHEAD_SEQUENCE) === DAY_AHEAD_SEQUENCE;
  });
  if (chosen.length > 0) return chosen;
  if (placed.length === 0) throw invalidInput(`${fileName} TimeSeries`, 'there is none');
  throw invalidInput(
    `${fileName} TimeSeries`,
    'none of sequence 1: the day-ahead auction is not published yet',
  );
}

function rowsOfSeries(series: Element, place: string, fileName: string): PriceRow[] {
  const path = `${fileName} ${place}`;
  const unit = textAt(series, 'price_Measure_Unit.name', path);
  if (unit !== 'MWH')
    throw invalidInput(`${path}.price_Measure_Unit.name`, `expected MWH, got ${quoted(unit)}`);
  // IEC 62325-451: a series without curveType is of sequential fixed blocks, A01.
  const curve = optionalTextAt(series, 'curveType', path) ?? 'A01';
  if (curve !== 'A01' && curve !== 'A03') {
    throw invalidInput(`${path}.curveType`, `expected A01 or A03, got ${quoted(curve)}`);
  }
  return childrenAt(series, 'Period').flatMap((period, index) =>
    rowsOfPeriod(period, `${place}.Period[${index + 1}]`, curve === 'A03', fileName),
  );
}

function rowsOfPeriod(period: Element, place: string, repeatsOmitted: boolean, fileName: string): PriceRow[] {
  const path = `${fileName} ${place}`;
  const interval = childrenAt(period, 'timeInterval')[0];
  if (interval === undefined) throw invalidInput(`${path}.timeInterval`, 'missing');
  const startMs = parseUtcInstant(
    textAt(interval, 'start', `${path}.timeInterval`),
    `${path}.timeInterval.start`,
  );
  const endMs = parseUtcInstant(textAt(interval, 'end', `${path}.timeInterval`), `${path}.timeInterval.end`);
  const resolution = textAt(period, 'resolution', path);
  const durationMinutes = MINUTES_OF_RESOLUTION[resolution];
  if (durationMinutes === undefined) {
    const known = Object.keys(MINUTES_OF_RESOLUTION).join(', ');
    throw invalidInput(`${path}.resolution`, `expected one of ${known}, got ${quoted(resolution)}`);
  }
  const positions = (endMs - startMs) / (durationMinutes * MS_PER_MINUTE);
  if (!Number.isInteger(positions) || positions < 1 || positions > MOST_POSITIONS) {
    throw invalidInput(
      `${path}.timeInterval`,
      `it does not hold 1 to ${MOST_POSITIONS} slots of ${resolution}`,
    );
  }
  const priceAt = pricesByPosition(childrenAt(period, 'Point'), positions, path);
  const rows: PriceRow[] = [];
  let inForce: number | undefined;
  for (let position = 1; position <= positions; position += 1) {
    const pricePerKwh = priceAt.get(position) ?? (repeatsOmitted ? inForce : undefined);
    if (pricePerKwh === undefined) {
      const rule = repeatsOmitted ? 'the first position may not be omitted' : 'curve A01 omits no position';
      throw invalidInput(
        `${path}.Point`,
        `gap: position ${position} of ${positions} is missing, and ${rule}`,
      );
    }
    inForce = pricePerKwh;
    rows.push({
      startMs: startMs + (position - 1) * durationMinutes * MS_PER_MINUTE,
      durationMinutes,
      importPerKwh: pricePerKwh,
      exportPerKwh: pricePerKwh,
      place,
    });
  }
  return rows;
}

function pricesByPosition(points: readonly Element[], positions: number, path: string): Map<number, number> {
  const priceAt = new Map<number, number>();
  points.forEach((point, index) => {
    const place = `${path}.Point[${index + 1}]`;
    const text = textAt(point, 'position', place);
    const position = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (!(position >= 1 && position <= positions)) {
      throw invalidInput(`${place}.position`, `expected 1 to ${positions}, got ${quoted(text)}`);
    }
    if (priceAt.has(position)) throw invalidInput(`${place}.position`, `${position} is there twice`);
    priceAt.set(position, parsePerMwh(textAt(point, 'price.amount', place), `${place}.price.amount`));
  });
  return priceAt;
}

/** The value that all series share; a document of two zones or currencies is refused. */
function onlyValue(series: readonly Placed[], field: string, fileName: string): string {
  let value: string | undefined;
  for (const { element, place } of series) {
    const own = textAt(element, field, `${fileName} ${place}`);
    if (value !== undefined && own !== value) {
      throw invalidInput(
        `${fileName} ${place}.${field}`,
        `${own} beside ${value}: one document, one ${field}`,
      );
    }
    value = own;
  }
  return value ?? '';
}
