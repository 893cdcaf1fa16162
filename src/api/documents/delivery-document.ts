import Type, { type Static } from 'typebox';
import {
  type BaselineBasis,
  type BaselineComparison,
  type BaselineRules,
  DELIVERY_BASELINES,
  type DeliveryReport,
} from '../../domain/delivery.js';
import { invalidInput } from '../../domain/errors.js';
import { csvOf } from '../csv.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableNumber, nullableRef, nullableText, oneOf, refTo } from '../named-schema.js';

const ADJUSTMENTS = ['none', 'additive', 'multiplicative'] as const;

/** Numbers of the baseline methods as query parameters; what is absent is as usual. */
export const BASELINE_RULE_PARAMETERS = {
  timeZone: Type.Optional(
    Type.String({
      maxLength: 64,
      description: 'IANA name; without it that of the market products, else UTC.',
    }),
  ),
  holidays: Type.Optional(
    Type.String({
      pattern: '^\\d{4}-\\d{2}-\\d{2}(,\\d{4}-\\d{2}-\\d{2}){0,99}$',
      description: 'Days that count as weekend, with commas between.',
    }),
  ),
  highest: Type.Optional(Type.Integer({ minimum: 1, maximum: 30, description: 'X of high X of Y.' })),
  ofDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 30, description: 'Y of high X of Y.' })),
  adjustment: Type.Optional(oneOf(ADJUSTMENTS)),
  adjustmentCapFraction: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
  adjustmentFromMinutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 1440 })),
  adjustmentToMinutes: Type.Optional(Type.Integer({ minimum: 0, maximum: 1435 })),
  neighbours: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  leastControls: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
  judgedDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 })),
};
const RuleQuery = Type.Object(BASELINE_RULE_PARAMETERS);

/** Baseline rules out of a query string. Throws INVALID_INPUT for a time zone that does not exist. */
export function parseBaselineRules(query: Static<typeof RuleQuery>): Partial<BaselineRules> {
  const { holidays, ...numbers } = query;
  const named = Object.keys(BASELINE_RULE_PARAMETERS);
  const given = Object.fromEntries(Object.entries(numbers).filter(([name]) => named.includes(name)));
  if (query.timeZone !== undefined && !isTimeZone(query.timeZone))
    throw invalidInput('timeZone', `${query.timeZone} is no IANA time zone`);
  return { ...given, ...(holidays === undefined ? {} : { holidays: holidays.split(',') }) };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const DeliveryStepSchema = named('DeliveryStep', {
  start: instant(),
  end: instant(),
  baselineKw: Type.Number(),
  askedKw: Type.Number(),
  meteredKw: Type.Number(),
  importKwh: Type.Number(),
  exportKwh: Type.Number(),
  creditedKwh: Type.Number({ description: 'Delivered of what was asked, ≥ 0.' }),
  missing: Type.Array(Type.String(), { description: 'EVSEs whose meter was silent.' }),
  estimated: Type.Array(Type.String(), {
    description:
      'Other EVSEs whose meter was not read at an edge of the step: power counts as even between two readings.',
  }),
});

const BaselineRulesSchema = named('BaselineRules', {
  timeZone: Type.String(),
  holidays: Type.Array(Type.String()),
  highest: Type.Integer(),
  ofDays: Type.Integer(),
  adjustment: oneOf(ADJUSTMENTS),
  adjustmentCapFraction: Type.Number(),
  adjustmentFromMinutes: Type.Number(),
  adjustmentToMinutes: Type.Number(),
  neighbours: Type.Integer(),
  leastControls: Type.Integer(),
  judgedDays: Type.Integer(),
});

const BaselineBasisSchema = named(
  'BaselineBasis',
  {
    rules: refTo(BaselineRulesSchema),
    days: Type.Array(Type.String(), { description: 'Like days whose power was averaged.' }),
    excludedDays: Type.Array(
      Type.Object({ day: Type.String(), reason: oneOf(['order', 'silent-meter', 'no-record']) }),
    ),
    adjustmentKw: Type.Number(),
    adjustmentFactor: Type.Number(),
    controls: Type.Array(Type.Object({ evseId: Type.String(), standsFor: Type.Number() })),
  },
  'Days, EVSEs and same-day adjustment behind a baseline.',
);

const BaselineKpisSchema = named(
  'BaselineKpis',
  {
    baseline: oneOf(DELIVERY_BASELINES),
    days: Type.Array(Type.String()),
    steps: Type.Integer(),
    biasKw: nullableNumber('mean(B − P): baseline minus metered.'),
    maeKw: nullableNumber(),
    rmseKw: nullableNumber(),
    rrmse: nullableNumber('RMSE / |mean(P)|'),
    withinTolerance: nullableNumber('Share of the steps.'),
    biasBeforeOrderKw: nullableNumber('mean(B − P) in the hour before the order.'),
    usualBiasBeforeKw: nullableNumber(
      'The same hour of the judged days: far from it is a sign of manipulation.',
    ),
  },
  'A baseline method judged on like days without an order, at the order’s time of day.',
);

const BaselineComparisonSchema = named('BaselineComparison', {
  baseline: oneOf(DELIVERY_BASELINES),
  unavailable: nullableText('Why the method cannot be used for this order.'),
  creditedKwh: nullableNumber(),
  deliveryRatio: nullableNumber(),
  kpis: nullableRef(BaselineKpisSchema),
});

export const BaselinesSchema = named('Baselines', {
  dispatchId: Type.String(),
  baselines: Type.Array(refTo(BaselineComparisonSchema)),
});

const DeliveryEvseSchema = named('DeliveryEvse', {
  evseId: Type.String(),
  importKwh: Type.Number(),
  exportKwh: Type.Number(),
  missingSteps: Type.Integer(),
  estimatedSteps: Type.Integer(),
});

export const DeliverySchema = named(
  'Delivery',
  {
    dispatchId: Type.String(),
    start: instant(),
    end: instant(),
    direction: oneOf(['up', 'down']),
    baseline: oneOf(DELIVERY_BASELINES),
    basis: nullableRef(BaselineBasisSchema),
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
    underKwh: Type.Number({ description: 'Short of what was asked by more than the tolerance.' }),
    overKwh: Type.Number({ description: 'Beyond what was asked by more than the tolerance.' }),
    availability: nullableNumber('Share of the plugged-in time in which meters spoke.'),
    missingSteps: Type.Integer({
      description:
        'Steps in which a meter was silent. Of what the books spread over the silence only what counts against the delivery is taken.',
    }),
    estimatedSteps: Type.Integer({ description: 'Steps at an edge of which a meter was not read.' }),
    importKwh: Type.Number(),
    exportKwh: Type.Number(),
    evses: Type.Array(refTo(DeliveryEvseSchema)),
    steps: Type.Array(refTo(DeliveryStepSchema)),
  },
  'Proof of what an order delivered. Powers are signed, import > 0, in whole W; energies are whole Wh, import and export never netted.',
);

export const DELIVERY_SCHEMAS = [
  BaselineRulesSchema,
  BaselineBasisSchema,
  BaselineKpisSchema,
  BaselineComparisonSchema,
  BaselinesSchema,
  DeliveryStepSchema,
  DeliveryEvseSchema,
  DeliverySchema,
];

export function baselinesDocument(
  dispatchId: string,
  comparisons: readonly BaselineComparison[],
): Static<typeof BaselinesSchema> {
  return {
    dispatchId,
    baselines: comparisons.map(({ kpis, ...comparison }) => ({
      ...comparison,
      kpis: kpis === null ? null : { ...kpis, days: [...kpis.days] },
    })),
  };
}

function basisDocument({ rules, ...basis }: BaselineBasis): Static<typeof BaselineBasisSchema> {
  return {
    rules: { ...rules, holidays: [...rules.holidays] },
    days: [...basis.days],
    excludedDays: basis.excludedDays.map((excluded) => ({ ...excluded })),
    adjustmentKw: basis.adjustmentKw,
    adjustmentFactor: basis.adjustmentFactor,
    controls: basis.controls.map((control) => ({ ...control })),
  };
}

export function deliveryDocument(report: DeliveryReport): Static<typeof DeliverySchema> {
  const { startMs, endMs, steps, evses, basis, ...figures } = report;
  return {
    ...figures,
    basis: basis === null ? null : basisDocument(basis),
    start: formatInstant(startMs),
    end: formatInstant(endMs),
    evses: [...evses],
    steps: steps.map(({ startMs: fromMs, endMs: toMs, missing, estimated, ...step }) => ({
      start: formatInstant(fromMs),
      end: formatInstant(toMs),
      ...step,
      missing: [...missing],
      estimated: [...estimated],
    })),
  };
}

const COLUMNS = [
  'start',
  'end',
  'baselineKw',
  'askedKw',
  'meteredKw',
  'importKwh',
  'exportKwh',
  'creditedKwh',
  'missing',
  'estimated',
] as const;

/** One line per step; the EVSEs of a field with several are apart by blanks. Energies add up to the report's. */
export function deliveryCsv(report: DeliveryReport): string {
  const rows = deliveryDocument(report).steps.map((step) =>
    COLUMNS.map((column) => {
      const value = step[column];
      return Array.isArray(value) ? value.join(' ') : value;
    }),
  );
  return csvOf(COLUMNS, rows);
}
