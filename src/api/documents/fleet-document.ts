import Type, { type Static } from 'typebox';
import type { EnvelopeStep, FleetSnapshot, HistoryStep } from '../../ports/use-cases.js';
import { formatInstant } from '../instants.js';
import { instant, named, nullableNumber, nullableText, refTo } from '../named-schema.js';

export const FleetSchema = named(
  'Fleet',
  {
    at: instant(),
    stationsOnline: Type.Integer(),
    stationsKnown: Type.Integer(),
    sessionsActive: Type.Integer(),
    importKw: Type.Number({ description: 'Charging now, metered, never negative.' }),
    exportKw: Type.Number({ description: 'Discharging now, metered, never negative.' }),
    netKw: Type.Number({ description: 'importKw − exportKw' }),
    importKwhTotal: Type.Number({ description: 'Metered since the first record; not netted with export.' }),
    exportKwhTotal: Type.Number({ description: 'Metered since the first record; not netted with import.' }),
    storedKwh: Type.Number({ description: 'In the connected batteries above their floors.' }),
    flexUpKw: Type.Number({ description: 'How far net power could fall now (more export).' }),
    flexDownKw: Type.Number({ description: 'How far net power could rise now (more import).' }),
    plannedNetKw: nullableNumber('What the plan in force says for this instant.'),
    importPerKwh: nullableNumber(),
    exportPerKwh: nullableNumber(),
    currency: nullableText(),
    sites: Type.Array(
      Type.Object({ siteId: Type.String(), importKw: Type.Number(), exportKw: Type.Number() }),
    ),
    evses: Type.Array(
      Type.Object({ evseId: Type.String(), importKw: Type.Number(), exportKw: Type.Number() }),
    ),
  },
  'The fleet at one instant. Import and export are apart everywhere.',
);

const HistoryStepSchema = named('FleetHistoryStep', {
  start: instant(),
  importKw: Type.Number({ description: 'Metered import of the step as mean power.' }),
  exportKw: Type.Number({ description: 'Metered export of the step as mean power.' }),
  importKwh: Type.Number(),
  exportKwh: Type.Number(),
  plannedNetKw: nullableNumber(),
  importPerKwh: nullableNumber(),
  exportPerKwh: nullableNumber(),
});

export const FleetHistorySchema = named('FleetHistory', {
  from: instant(),
  to: instant(),
  stepS: Type.Integer(),
  steps: Type.Array(refTo(HistoryStepSchema)),
});

const EnvelopeStepSchema = named('FleetEnvelopeStep', {
  start: instant(),
  minNetKw: Type.Number(),
  maxNetKw: Type.Number(),
  minEnergyKwh: Type.Number(),
  maxEnergyKwh: Type.Number(),
});

export const FleetEnvelopeSchema = named(
  'FleetEnvelope',
  { steps: Type.Array(refTo(EnvelopeStepSchema)) },
  "Bounds on the fleet's net power per slot, and on the energy drawn by the slot's end.",
);

export const FLEET_SCHEMAS = [
  FleetSchema,
  HistoryStepSchema,
  FleetHistorySchema,
  EnvelopeStepSchema,
  FleetEnvelopeSchema,
];

export function fleetDocument({ atMs, sites, evses, ...fleet }: FleetSnapshot): Static<typeof FleetSchema> {
  return { at: formatInstant(atMs), ...fleet, sites: [...sites], evses: [...evses] };
}

export function historyDocument(
  query: { fromMs: number; toMs: number; stepS: number },
  steps: readonly HistoryStep[],
): Static<typeof FleetHistorySchema> {
  return {
    from: formatInstant(query.fromMs),
    to: formatInstant(query.toMs),
    stepS: query.stepS,
    steps: steps.map(({ startMs, ...step }) => ({ start: formatInstant(startMs), ...step })),
  };
}

export function envelopeDocument(steps: readonly EnvelopeStep[]): Static<typeof FleetEnvelopeSchema> {
  return { steps: steps.map(({ startMs, ...step }) => ({ start: formatInstant(startMs), ...step })) };
}
