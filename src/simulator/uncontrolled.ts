import { type BatterySpec, msToCharge, stepBattery } from './battery.js';
import { appendSlice, type EnergySlice, nextQuarterHourMs } from './energy-slice.js';

/** One stay of one car, as far as charging without any control is concerned. Energies are stored kWh. */
export interface Stay {
  readonly battery: BatterySpec;
  readonly arrivalKwh: number;
  readonly targetKwh: number;
  readonly plugInMs: number;
  readonly plugOutMs: number;
}

export interface UncontrolledCharging {
  readonly slices: readonly EnergySlice[];
  readonly finalKwh: number;
  readonly importKwh: number;
}

/**
 * The counterfactual of a session: charge from plug-in at full power (at most `limitKw` and what the battery
 * takes) until the target is reached or the car leaves; never export.
 */
export function uncontrolledCharging(stay: Stay, limitKw: number): UncontrolledCharging {
  const { battery, targetKwh, plugInMs, plugOutMs } = stay;
  const slices: EnergySlice[] = [];
  let energyKwh = stay.arrivalKwh;
  let importKwh = 0;
  let atMs = plugInMs;
  while (atMs < plugOutMs) {
    const leftMs = msToCharge(battery, energyKwh, targetKwh, limitKw);
    if (leftMs === 0) break;
    const toMs = Math.min(plugOutMs, nextQuarterHourMs(atMs), atMs + leftMs);
    // Nearer to the target than the clock can tell.
    if (toMs <= atMs) break;
    const step = stepBattery(battery, energyKwh, limitKw, toMs - atMs);
    const { startKw, endKw, exportKwh } = step;
    appendSlice(slices, { fromMs: atMs, toMs, startKw, endKw, importKwh: step.importKwh, exportKwh });
    energyKwh = step.energyKwh;
    importKwh += step.importKwh;
    atMs = toMs;
  }
  return { slices, finalKwh: energyKwh, importKwh };
}

/** Nearer to the target than this counts as there, kWh: the coarse end of what a meter and a car's SoC tell. */
export const TARGET_TOLERANCE_KWH = 0.1;

/**
 * What a car needs before energy can flow: authorisation, needs, and the minute that a station may wait for
 * its profile (OCPP 2.1 K15.FR.08).
 */
export const START_ALLOWANCE_MS = 60_000;

/** Whether any control could bring the car to its target: full power from plug-in, taper included, does. */
export function isTargetReachable(stay: Stay, limitKw: number): boolean {
  const { battery, arrivalKwh, targetKwh, plugInMs, plugOutMs } = stay;
  if (targetKwh > battery.capacityKwh + TARGET_TOLERANCE_KWH) return false;
  const neededMs = msToCharge(battery, arrivalKwh, targetKwh, limitKw);
  return neededMs + START_ALLOWANCE_MS <= plugOutMs - plugInMs || arrivalKwh >= targetKwh;
}
