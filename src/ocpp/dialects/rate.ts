import type { ChargingRateUnit } from '../wire/smart-charging-messages.js';

/** Nominal phase voltage and phases assumed for stations that take A only (OCPP 2.1: W / (V × phases)). */
export const NOMINAL_VOLTAGE_V = 230;
export const NOMINAL_PHASES = 3;

/** W is what V2G wants; A only for stations that take nothing else. */
export function rateUnitFor(units: readonly ChargingRateUnit[]): ChargingRateUnit {
  return units.includes('W') || units.length === 0 ? 'W' : 'A';
}

/**
 * A signed power in the station's unit: whole W, or A per phase with the one decimal that OCPP allows, cut
 * towards zero so that no limit is exceeded. Never −0.
 */
export function rateOf(powerKw: number, unit: ChargingRateUnit): number {
  if (unit === 'W') return Math.round(powerKw * 1000) + 0;
  const amperes = (powerKw * 1000) / (NOMINAL_VOLTAGE_V * NOMINAL_PHASES);
  // The nudge keeps float noise from costing a tenth.
  const tenths = Math.trunc(amperes * 10 + Math.sign(amperes) * 1e-6);
  return tenths / 10 + 0;
}

/** The power of a rate that a station told us, kW. */
export function powerKwOf(rate: number, unit: ChargingRateUnit): number {
  return (unit === 'W' ? rate : rate * NOMINAL_VOLTAGE_V * NOMINAL_PHASES) / 1000;
}
