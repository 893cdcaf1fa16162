import type { EvseCapability } from '../../domain/station.js';
import type { ChargingRateUnit } from '../wire/smart-charging-messages.js';

/** Nominal phase voltage, and the phases where nobody says (OCPP 2.1 numberPhases: A = W / (V × phases)). */
export const NOMINAL_VOLTAGE_V = 230;
export const NOMINAL_PHASES = 3;

/** How powers are told to an EVSE: in W, the sum of its phases, or in A per phase. */
export interface Rate {
  readonly unit: ChargingRateUnit;
  readonly phases: 1 | 2 | 3;
}

/** W is what V2G wants; A only for stations that take nothing else. */
export function rateFor({
  rateUnits,
  phases = NOMINAL_PHASES,
}: Pick<EvseCapability, 'rateUnits' | 'phases'>): Rate {
  return { unit: rateUnits.includes('W') || rateUnits.length === 0 ? 'W' : 'A', phases };
}

/**
 * A signed power in the EVSE's rate: whole W, or A per phase with the one decimal that OCPP allows, cut
 * towards zero so that no limit is exceeded. Never −0.
 */
export function rateOf(powerKw: number, { unit, phases }: Rate): number {
  if (unit === 'W') return Math.round(powerKw * 1000) + 0;
  const amperes = (powerKw * 1000) / (NOMINAL_VOLTAGE_V * phases);
  // The nudge keeps float noise from costing a tenth.
  const tenths = Math.trunc(amperes * 10 + Math.sign(amperes) * 1e-6);
  return tenths / 10 + 0;
}

/** What a period says beside a rate in A: how many phases it is meant for, where that is not three. */
export function phasesTold({ unit, phases }: Rate): { numberPhases?: 1 | 2 } {
  return unit === 'W' || phases === NOMINAL_PHASES ? {} : { numberPhases: phases };
}

/** The power of a rate that a station told us, kW; A without a number of phases is of three. */
export function powerKwOf(rate: number, unit: ChargingRateUnit, numberPhases?: number): number {
  const phases = numberPhases === undefined || numberPhases < 1 ? NOMINAL_PHASES : numberPhases;
  return (unit === 'W' ? rate : rate * NOMINAL_VOLTAGE_V * phases) / 1000;
}
