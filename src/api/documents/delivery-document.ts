import Type, { type Static } from 'typebox';
import { DELIVERY_BASELINES, type DeliveryReport } from '../../domain/delivery.js';
import { csvOf } from '../csv.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableNumber, oneOf, refTo } from '../named-schema.js';

const DeliveryStepSchema = named('DeliveryStep', {
  start: instant(),
  end: instant(),
  baselineKw: Type.Number(),
  askedKw: Type.Number(),
  meteredKw: Type.Number(),
  creditedKwh: Type.Number({ description: 'Delivered of what was asked, ≥ 0.' }),
  missing: Type.Array(Type.String(), { description: 'EVSEs whose meter was silent.' }),
});

const DeliveryEvseSchema = named('DeliveryEvse', {
  evseId: Type.String(),
  importKwh: Type.Number(),
  exportKwh: Type.Number(),
  missingSteps: Type.Integer(),
});

export const DeliverySchema = named(
  'Delivery',
  {
    dispatchId: Type.String(),
    start: instant(),
    end: instant(),
    direction: oneOf(['up', 'down']),
    baseline: oneOf(DELIVERY_BASELINES),
    provisional: Type.Boolean({ description: 'Readings may still come.' }),
    stepMinutes: Type.Number({ description: 'Resolution of every figure, times to activation included.' }),
    askedKwh: Type.Number({ description: 'Deviation from the baseline, in the order’s direction.' }),
    creditedKwh: Type.Number(),
    deliveryRatio: nullableNumber('credited / asked'),
    initiationS: nullableNumber('To the end of the first step with 5 % of the asked power; null = never.'),
    fullActivationS: nullableNumber('To the end of the first step with the asked power; null = never.'),
    worstErrorKw: Type.Number(),
    withinTolerance: nullableNumber('Share of the steps.'),
    toleranceFraction: Type.Number(),
    missingSteps: Type.Integer({
      description:
        'Steps in which a meter was silent. Of what the books spread over the silence only what counts against the delivery is taken.',
    }),
    importKwh: Type.Number(),
    exportKwh: Type.Number(),
    evses: Type.Array(refTo(DeliveryEvseSchema)),
    steps: Type.Array(refTo(DeliveryStepSchema)),
  },
  'Proof of what an order delivered. Powers are signed, import > 0; import and export are never netted.',
);

export const DELIVERY_SCHEMAS = [DeliveryStepSchema, DeliveryEvseSchema, DeliverySchema];

export function deliveryDocument(report: DeliveryReport): Static<typeof DeliverySchema> {
  const { startMs, endMs, steps, evses, ...figures } = report;
  return {
    ...figures,
    start: formatInstant(startMs),
    end: formatInstant(endMs),
    evses: [...evses],
    steps: steps.map(({ startMs: fromMs, endMs: toMs, missing, ...step }) => ({
      start: formatInstant(fromMs),
      end: formatInstant(toMs),
      ...step,
      missing: [...missing],
    })),
  };
}

const COLUMNS = ['start', 'end', 'baselineKw', 'askedKw', 'meteredKw', 'creditedKwh', 'missing'] as const;

/** One line per step; the EVSEs whose meter was silent in one field, apart by blanks. */
export function deliveryCsv(report: DeliveryReport): string {
  const rows = deliveryDocument(report).steps.map((step) =>
    COLUMNS.map((column) => (column === 'missing' ? step.missing.join(' ') : step[column])),
  );
  return csvOf(COLUMNS, rows);
}
