import Type, { type Static } from 'typebox';
import type { ChargingNeeds } from '../../domain/session.js';
import { formatInstant, formatInstantOrNull } from '../instants.js';
import { instant, named, nullableInstant, nullableNumber, oneOf } from '../named-schema.js';

export const NeedsSchema = named(
  'ChargingNeeds',
  {
    statedAt: instant(),
    receivedAt: instant(),
    current: oneOf(['ac', 'dc']),
    bidirectional: Type.Boolean(),
    controlMode: oneOf(['scheduled', 'dynamic']),
    departure: nullableInstant(),
    targetEnergyKwh: nullableNumber('Still to charge when stated.'),
    minEnergyKwh: nullableNumber(),
    maxEnergyKwh: nullableNumber(),
    minV2xEnergyKwh: nullableNumber(),
    maxV2xEnergyKwh: nullableNumber(),
    minChargeKw: nullableNumber(),
    maxChargeKw: nullableNumber(),
    minDischargeKw: nullableNumber(),
    maxDischargeKw: nullableNumber(),
    batteryCapacityKwh: nullableNumber(),
    socFraction: nullableNumber(),
    source: oneOf(['ev', 'driver', 'site', 'override']),
    departureSource: oneOf(['ev', 'driver', 'site', 'override']),
    faults: Type.Array(Type.String(), { description: 'What cannot be, each with its field.' }),
  },
  'What the EV said it needs, or what is assumed in its place (`source`); energies relative to its battery at `statedAt`. null = not said.',
);

export function needsDocument(needs: ChargingNeeds): Static<typeof NeedsSchema> {
  return {
    statedAt: formatInstant(needs.statedAtMs),
    receivedAt: formatInstant(needs.receivedAtMs),
    current: needs.current,
    bidirectional: needs.bidirectional,
    controlMode: needs.controlMode,
    departure: formatInstantOrNull(needs.departureMs),
    targetEnergyKwh: needs.targetEnergyKwh ?? null,
    minEnergyKwh: needs.minEnergyKwh ?? null,
    maxEnergyKwh: needs.maxEnergyKwh ?? null,
    minV2xEnergyKwh: needs.minV2xEnergyKwh ?? null,
    maxV2xEnergyKwh: needs.maxV2xEnergyKwh ?? null,
    minChargeKw: needs.minChargeKw ?? null,
    maxChargeKw: needs.maxChargeKw ?? null,
    minDischargeKw: needs.minDischargeKw ?? null,
    maxDischargeKw: needs.maxDischargeKw ?? null,
    batteryCapacityKwh: needs.batteryCapacityKwh ?? null,
    socFraction: needs.socFraction ?? null,
    source: needs.source ?? 'ev',
    departureSource: needs.departureSource ?? needs.source ?? 'ev',
    faults: [...(needs.faults ?? [])],
  };
}
