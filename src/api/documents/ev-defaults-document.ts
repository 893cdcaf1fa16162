import Type, { type Static } from 'typebox';
import type { DriverDefaults } from '../../domain/ev-defaults.js';
import { named, refTo } from '../named-schema.js';

const kilowatts = (description?: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 4_000, ...(description ? { description } : {}) }));
const fraction = (description: string) => Type.Optional(Type.Number({ minimum: 0, maximum: 1, description }));

const EV_DEFAULT_FIELDS = {
  departureTime: Type.Optional(
    Type.String({
      pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
      description: "Usual departure, wall clock in the site's timeZone.",
    }),
  ),
  stayMinutes: Type.Optional(
    Type.Number({ minimum: 1, maximum: 44_640, description: 'Where no departureTime is given.' }),
  ),
  energyKwh: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1_000, description: 'Into the battery per stay, at least.' }),
  ),
  batteryCapacityKwh: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1_000 })),
  targetSocFraction: fraction('Wanted; counts where capacity and a metered state of charge are known.'),
  minChargeKw: kilowatts(),
  maxChargeKw: kilowatts(),
  maxDischargeKw: kilowatts('Above 0: the car is known to give energy back. Absent: it only charges.'),
  floorSocFraction: fraction('The car is not discharged below it. Default 0.3.'),
};

export const EvDefaultsSchema = named(
  'EvDefaults',
  EV_DEFAULT_FIELDS,
  'What is assumed of a car that states no needs, until it states some. Absent = not known.',
);

const DriverDefaultsSchema = named('DriverDefaults', {
  idToken: Type.String({
    minLength: 1,
    maxLength: 255,
    description: "The driver's token, as the station reports it.",
  }),
  ...EV_DEFAULT_FIELDS,
});

export const DriversSchema = named(
  'Drivers',
  { drivers: Type.Array(refTo(DriverDefaultsSchema), { maxItems: 10_000 }) },
  "Drivers that are known at a site. A driver's own value goes before the site's evDefaults.",
);

export const EV_DEFAULTS_SCHEMAS = [EvDefaultsSchema, DriverDefaultsSchema, DriversSchema];

export function driversDocument(drivers: readonly DriverDefaults[]): Static<typeof DriversSchema> {
  return { drivers: drivers.map((driver) => ({ ...driver })) };
}
