import Type, { type Static } from 'typebox';
import { assertNever } from '../../domain/assert.js';
import { EbbflowError, type FieldFault } from '../../domain/errors.js';
import type { DriverContract, Tariff, TariffPart } from '../../domain/tariff.js';
import { named, oneOf, refTo } from '../named-schema.js';

const DAY = '^\\d{4}-\\d{2}-\\d{2}$';
const CLOCK = '^([01]\\d|2[0-3]):[0-5]\\d$';
const name = () => Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$' });
const perKwh = (description?: string) =>
  Type.Number({ minimum: -1000, maximum: 1000, ...(description === undefined ? {} : { description }) });

/** Fields that tariffs and contracts share. */
const VALIDITY = {
  version: Type.Unsafe<1>({ type: 'integer', const: 1 }),
  id: name(),
  title: Type.Optional(Type.String({ maxLength: 200 })),
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  timeZone: Type.String({ maxLength: 64, description: 'IANA name; days and windows are local to it.' }),
  validFrom: Type.String({ pattern: DAY, description: 'First day.' }),
  validTo: Type.Optional(
    Type.String({ pattern: DAY, description: 'First day on which it no longer holds.' }),
  ),
  siteIds: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
      minItems: 1,
      maxItems: 10_000,
      description: 'Absent: every site that no other one names.',
    }),
  ),
};

const TariffPartSchema = named(
  'TariffPart',
  {
    id: name(),
    kind: oneOf(['market', 'fixed', 'percent']),
    factor: Type.Optional(Type.Number({ description: 'market: times the price; default 1.' })),
    adderPerKwh: Type.Optional(perKwh('market: plus a margin; default 0.')),
    perKwh: Type.Optional(perKwh('fixed: a fee, levy or tax.')),
    windows: Type.Optional(
      Type.Array(
        Type.Object(
          { from: Type.String({ pattern: CLOCK }), to: Type.String({ pattern: CLOCK }), perKwh: perKwh() },
          { additionalProperties: false },
        ),
        { maxItems: 24, description: 'fixed: another rate by the wall clock; the first that fits.' },
      ),
    ),
    fraction: Type.Optional(Type.Number({ minimum: 0, maximum: 10, description: 'percent: 0.19 for 19 %.' })),
    of: Type.Optional(Type.Array(name(), { description: 'percent: of these parts, which stand before it.' })),
  },
  'One part of a price per kWh: the market price, a fixed fee, or a share of other parts.',
);

export const TariffSchema = named(
  'Tariff',
  {
    ...VALIDITY,
    importParts: Type.Array(refTo(TariffPartSchema), { minItems: 1, maxItems: 50 }),
    exportParts: Type.Array(refTo(TariffPartSchema), { maxItems: 50 }),
    refund: Type.Optional(
      Type.Object(
        {
          parts: Type.Array(name(), { minItems: 1, maxItems: 50 }),
          perExportedKwh: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
        },
        {
          additionalProperties: false,
          description:
            'Import parts given back for energy that was fed back, at the rates at which it was taken: first in, first out within a session.',
        },
      ),
    ),
  },
  'What a kWh costs and brings at some sites over some time.',
);

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });

export const DriverContractSchema = named(
  'DriverContract',
  {
    ...VALIDITY,
    wearPerKwh: Type.Number({ minimum: 0, maximum: 100, description: 'Paid first, per kWh fed in.' }),
    driverFraction: Type.Object(
      {
        capacity: share('Of the money of awards.'),
        activation: share('Of the money of credited energy.'),
        arbitrage: share('Of what the session cost less than charging at once would have.'),
      },
      { additionalProperties: false },
    ),
    activationPerKwh: Type.Number({
      minimum: 0,
      maximum: 1000,
      description: 'What the market pays per credited kWh of an order.',
    }),
  },
  'How money is shared with drivers.',
);

export const TariffsSchema = named('Tariffs', { tariffs: Type.Array(refTo(TariffSchema)) });
export const DriverContractsSchema = named('DriverContracts', {
  contracts: Type.Array(refTo(DriverContractSchema)),
});

export const TARIFF_SCHEMAS = [
  TariffPartSchema,
  TariffSchema,
  TariffsSchema,
  DriverContractSchema,
  DriverContractsSchema,
];

/** Fields of each kind of part: needed, allowed. */
const FIELDS_OF_KIND = {
  market: [[], ['factor', 'adderPerKwh']],
  fixed: [['perKwh'], ['windows']],
  percent: [['fraction', 'of'], []],
} as const;
const KIND_FIELDS = ['factor', 'adderPerKwh', 'perKwh', 'windows', 'fraction', 'of'] as const;

/** A tariff out of a checked body. Throws INVALID_INPUT with every field that its kind of part lacks or has too much. */
export function parseTariff(id: string, body: Static<typeof TariffSchema>): Tariff {
  const faults: FieldFault[] = idFaults(id, body.id);
  const parts = (list: 'importParts' | 'exportParts'): TariffPart[] =>
    body[list].map((part, index) => {
      const [needed, allowed]: readonly [readonly string[], readonly string[]] = FIELDS_OF_KIND[part.kind];
      for (const field of KIND_FIELDS) {
        const path = `${list}[${index}].${field}`;
        if (part[field] === undefined && needed.includes(field))
          faults.push({ path, message: `must be given for kind ${part.kind}` });
        if (part[field] !== undefined && !needed.includes(field) && !allowed.includes(field))
          faults.push({ path, message: `is not a field of kind ${part.kind}` });
      }
      switch (part.kind) {
        case 'market': {
          const { factor, adderPerKwh } = part;
          return {
            id: part.id,
            kind: 'market',
            ...(factor === undefined ? {} : { factor }),
            ...(adderPerKwh === undefined ? {} : { adderPerKwh }),
          };
        }
        case 'fixed': {
          const { perKwh: rate = 0, windows } = part;
          return { id: part.id, kind: 'fixed', perKwh: rate, ...(windows === undefined ? {} : { windows }) };
        }
        case 'percent':
          return { id: part.id, kind: 'percent', fraction: part.fraction ?? 0, of: part.of ?? [] };
        default:
          return assertNever(part.kind);
      }
    });
  const { refund, ...fields } = body;
  const tariff: Tariff = {
    ...fields,
    importParts: parts('importParts'),
    exportParts: parts('exportParts'),
    ...(refund === undefined ? {} : { refund }),
  };
  refuse(faults);
  return tariff;
}

export function parseContract(id: string, body: Static<typeof DriverContractSchema>): DriverContract {
  refuse(idFaults(id, body.id));
  return body;
}

export function tariffDocument(tariff: Tariff): Static<typeof TariffSchema> {
  return structuredClone(tariff) as Static<typeof TariffSchema>;
}

export function contractDocument(contract: DriverContract): Static<typeof DriverContractSchema> {
  return structuredClone(contract) as Static<typeof DriverContractSchema>;
}

function idFaults(id: string, own: string): FieldFault[] {
  return own === id ? [] : [{ path: 'id', message: `must be ${id}, as in the path` }];
}

function refuse(faults: readonly FieldFault[]): void {
  if (faults.length === 0) return;
  const detail = faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new EbbflowError('INVALID_INPUT', detail, { faults });
}
