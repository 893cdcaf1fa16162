/** Power and energy are signed from the grid's side of the EVSE: import (charging) > 0, export < 0. */

export const MS_PER_HOUR = 3_600_000;
export const MS_PER_MINUTE = 60_000;

/** Energy of a constant power, kWh, signed like the power. */
export function energyKwhOf(powerKw: number, durationMs: number): number {
  return (powerKw * durationMs) / MS_PER_HOUR;
}
