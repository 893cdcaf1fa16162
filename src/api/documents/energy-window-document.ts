import Type, { type Static } from 'typebox';
import type { EnergyWindow } from '../../domain/session.js';
import { named, nullableNumber } from '../named-schema.js';

export const EnergyWindowSchema = named(
  'EnergyWindow',
  {
    energyAtStatedKwh: Type.Number(),
    minEnergyKwh: Type.Number(),
    maxEnergyKwh: Type.Number(),
    targetEnergyKwh: Type.Number(),
    v2xCeilingKwh: nullableNumber('Upper edge of the band in which the EV lets others cycle.'),
    socFractionAtStated: nullableNumber('When the needs were stated.'),
    capacityKwh: nullableNumber('At least; from the needs or the state of charge.'),
    notes: Type.Array(Type.String(), { description: 'What had to be assumed or cut.' }),
  },
  "The battery as the planner sees it, kWh above the car's floor where that is known.",
);

export function energyWindowDocument(window: EnergyWindow): Static<typeof EnergyWindowSchema> {
  return {
    energyAtStatedKwh: window.energyAtStatedKwh,
    minEnergyKwh: window.minEnergyKwh,
    maxEnergyKwh: window.maxEnergyKwh,
    targetEnergyKwh: window.targetEnergyKwh,
    v2xCeilingKwh: window.v2xCeilingKwh ?? null,
    socFractionAtStated: window.socFractionAtStated ?? null,
    capacityKwh: window.capacityKwh ?? null,
    notes: [...window.notes],
  };
}
