import Type, { type Static } from 'typebox';
import { EbbflowError, type FieldFault } from '../../domain/errors.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import { LARGEST_PRICE_PER_KWH, PRICE_KINDS, type PriceSeries } from '../../domain/price.js';
import type { PriceCoverage } from '../../ports/use-cases.js';
import { API_LIMITS } from '../api-limits.js';
import { formatInstant, parseInstantMs } from '../instants.js';
import { instant, named, oneOf, refTo } from '../named-schema.js';

const MINUTES_PER_HOUR = 60;

const PerKwh = Type.Array(Type.Number({ minimum: -LARGEST_PRICE_PER_KWH, maximum: LARGEST_PRICE_PER_KWH }), {
  minItems: 1,
  maxItems: API_LIMITS.priceSlots,
  description: 'One price per slot, per kWh, may be negative; no gaps.',
});

export const PriceSeriesSchema = named(
  'PriceSeries',
  {
    zone: Type.String({ minLength: 1, maxLength: 50, description: 'Bidding zone, e.g. DE-LU.' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217.' }),
    start: instant('Start of the first slot, a whole number of slots from midnight UTC.'),
    slotMinutes: Type.Integer({
      minimum: 1,
      maximum: MINUTES_PER_HOUR,
      description: 'Divides the hour: 5, 10, 15, 30 or 60, …',
    }),
    importPerKwh: PerKwh,
    exportPerKwh: PerKwh,
    kind: Type.Optional(oneOf([...PRICE_KINDS])),
    source: Type.Optional(
      Type.String({ minLength: 1, maxLength: 500, description: 'Who published it, and its licence.' }),
    ),
    revision: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'A lower one never replaces a higher one of the same source.',
      }),
    ),
  },
  'Slot k covers [start + k·slotMinutes, start + (k+1)·slotMinutes).',
);

export const EnergyChartsSchema = Object.assign(
  Type.Object(
    { unix_seconds: Type.Array(Type.Unknown()), price: Type.Array(Type.Unknown()) },
    { additionalProperties: true, description: 'The answer of the Energy-Charts price API as it came.' },
  ),
  { $id: 'EnergyChartsPrices' },
);

export const PriceFeedSchema = Object.assign(
  Type.Unsafe<object>({
    type: ['object', 'array'],
    description:
      'The answer of a price feed as it came: aWATTar (data), Octopus (results), SMARD (series), Energy-Charts (series and data), Nord Pool (multiAreaEntries), Energinet (records), elprisetjustnu.se (an array).',
  }),
  { $id: 'PriceFeed' },
);

export const PricesAcceptedSchema = named('PricesAccepted', {
  zone: Type.String(),
  currency: Type.String(),
  start: instant(),
  slotMinutes: Type.Number({ description: 'Of the first slot.' }),
  slots: Type.Integer({ description: 'Slots in the document.' }),
  changedSlots: Type.Integer({ description: 'Those that say something new.' }),
  runs: Type.Optional(
    Type.Array(Type.Object({ start: instant(), slotMinutes: Type.Number(), slots: Type.Integer() }), {
      description: 'Where the length of slots changes within the document: each stretch of one length.',
    }),
  ),
});

const PriceSpanSchema = named('PriceSpan', { from: instant(), to: instant() });

export const PriceCoverageSchema = named(
  'PriceCoverage',
  {
    zone: Type.Union([Type.String(), Type.Null()]),
    kind: oneOf([...PRICE_KINDS]),
    from: instant(),
    to: instant(),
    missing: Type.Array(refTo(PriceSpanSchema), {
      description: 'Without a published price: plans bridge these and say so.',
    }),
    sources: Type.Array(
      Type.Object({ source: Type.String(), slots: Type.Integer(), newestKnownAt: instant() }),
    ),
  },
  'Which prices are there, from whom, and which are missing.',
);

export const PRICE_SCHEMAS = [
  PriceSeriesSchema,
  EnergyChartsSchema,
  PriceFeedSchema,
  PricesAcceptedSchema,
  PriceSpanSchema,
  PriceCoverageSchema,
];

/** Whether a JSON body is an Energy-Charts answer, told by the two keys that our own document lacks. */
export function isEnergyChartsPrices(body: unknown): body is Static<typeof EnergyChartsSchema> {
  return typeof body === 'object' && body !== null && 'unix_seconds' in body && 'price' in body;
}

/** Keys of other feeds: aWATTar, Octopus, SMARD, Nord Pool, Energinet; elprisetjustnu.se is an array. */
const FEED_KEYS = ['data', 'results', 'series', 'multiAreaEntries', 'records'];

/** Whether a JSON body is the answer of one of the other feeds, told by a key that our own document lacks. */
export function isPriceFeed(body: unknown): body is object {
  if (typeof body !== 'object' || body === null || 'importPerKwh' in body) return false;
  return Array.isArray(body) || FEED_KEYS.some((key) => key in body);
}

/** What was kept of the stretches of a document. */
export function pricesAcceptedDocument(
  accepted: readonly { series: PriceSeries; slots: number; changedSlots: number }[],
): Static<typeof PricesAcceptedSchema> {
  const [first] = accepted;
  if (first === undefined) throw new EbbflowError('INVALID_INPUT', 'there is no price in the document');
  const { zone, currency, startMs, slotMinutes } = first.series;
  const sum = (of: 'slots' | 'changedSlots') => accepted.reduce((total, run) => total + run[of], 0);
  const runs = accepted.map(({ series, slots }) => ({
    start: formatInstant(series.startMs),
    slotMinutes: series.slotMinutes,
    slots,
  }));
  return {
    zone,
    currency,
    start: formatInstant(startMs),
    slotMinutes,
    slots: sum('slots'),
    changedSlots: sum('changedSlots'),
    ...(runs.length === 1 ? {} : { runs }),
  };
}

/** The series of a document that fits the schema. Throws INVALID_INPUT naming every fault. */
export function parsePriceSeries(document: Static<typeof PriceSeriesSchema>): PriceSeries {
  const { zone, currency, slotMinutes, importPerKwh, exportPerKwh, kind, source, revision } = document;
  const startMs = parseInstantMs('start', document.start);
  const faults: FieldFault[] = [];
  if (MINUTES_PER_HOUR % slotMinutes !== 0)
    faults.push({ path: 'slotMinutes', message: 'must divide the hour: 5, 10, 15, 30 or 60, for example' });
  else if (startMs % (slotMinutes * MS_PER_MINUTE) !== 0)
    faults.push({ path: 'start', message: `must lie on a whole slot of ${slotMinutes} minutes` });
  if (importPerKwh.length !== exportPerKwh.length)
    faults.push({
      path: 'exportPerKwh',
      message: `must have as many prices as importPerKwh: ${exportPerKwh.length} instead of ${importPerKwh.length}`,
    });
  if (faults.length > 0)
    throw new EbbflowError(
      'INVALID_INPUT',
      faults.map(({ path, message }) => `${path}: ${message}`).join('; '),
      { faults },
    );
  return {
    zone,
    currency,
    startMs,
    slotMinutes,
    importPerKwh,
    exportPerKwh,
    ...(kind === undefined ? {} : { kind }),
    ...(source === undefined ? {} : { source }),
    ...(revision === undefined ? {} : { revision }),
  };
}

export function priceCoverageDocument(coverage: PriceCoverage): Static<typeof PriceCoverageSchema> {
  const { fromMs, toMs, zone, kind } = coverage;
  return {
    zone,
    kind,
    from: formatInstant(fromMs),
    to: formatInstant(toMs),
    missing: coverage.missing.map((gap) => ({
      from: formatInstant(gap.fromMs),
      to: formatInstant(gap.toMs),
    })),
    sources: coverage.sources.map(({ newestKnownAtMs, ...source }) => ({
      ...source,
      newestKnownAt: formatInstant(newestKnownAtMs),
    })),
  };
}

export function priceSeriesDocument({
  startMs,
  importPerKwh,
  exportPerKwh,
  ...series
}: PriceSeries): Static<typeof PriceSeriesSchema> {
  return {
    ...series,
    start: formatInstant(startMs),
    importPerKwh: [...importPerKwh],
    exportPerKwh: [...exportPerKwh],
  };
}
