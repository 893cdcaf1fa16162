import { MS_PER_HOUR } from '../../domain/power.js';
import type { ChargingNeeds, EnergyWindow, Session, WindowNote } from '../../domain/session.js';

/**
 * The battery window that needs imply. OCPP states energies relative to now; the window is absolute with
 * the car's own floor at 0 kWh where it is known. The V2X band narrows the window for cycling; a target
 * above the ceiling is cut to it and noted, a missing target means "full". `meteredSocFraction` is the last
 * state of charge that the meter gave, for cars whose needs do not hold one.
 * Source: OCPP 2.1 V2XChargingParametersType; ISO 15118-20 energy requests.
 */
export function energyWindowOf(needs: ChargingNeeds, meteredSocFraction?: number): EnergyWindow {
  const notes: WindowNote[] = [];
  const capacityKwh = needs.batteryCapacityKwh;
  const storedBySoc =
    capacityKwh !== undefined && needs.socFraction !== undefined
      ? capacityKwh * needs.socFraction
      : undefined;
  // Who tells only what may be taken out (ocpp: section 6b) has at least that; 0 is then the band's lower edge.
  const energyKwh =
    needs.minEnergyKwh !== undefined
      ? Math.max(0, -needs.minEnergyKwh)
      : (storedBySoc ?? Math.max(0, -(needs.minV2xEnergyKwh ?? 0)));

  let ceilingKwh: number;
  if (needs.maxEnergyKwh !== undefined) ceilingKwh = energyKwh + needs.maxEnergyKwh;
  else if (capacityKwh !== undefined && storedBySoc !== undefined)
    ceilingKwh = energyKwh + capacityKwh - storedBySoc;
  else {
    ceilingKwh = energyKwh + Math.max(0, needs.targetEnergyKwh ?? 0, needs.maxV2xEnergyKwh ?? 0);
    notes.push('capacity-missing');
  }
  ceilingKwh = Math.max(ceilingKwh, energyKwh);

  let targetKwh: number;
  if (needs.targetEnergyKwh === undefined) {
    targetKwh = ceilingKwh;
    notes.push('target-missing');
  } else targetKwh = Math.max(0, energyKwh + needs.targetEnergyKwh);
  if (targetKwh > ceilingKwh + 1e-9) {
    targetKwh = ceilingKwh;
    notes.push('target-above-capacity');
  }

  const floorKwh = Math.min(ceilingKwh, dischargeFloorKwh(needs, energyKwh, notes));
  const v2xCeilingKwh =
    needs.bidirectional && needs.maxV2xEnergyKwh !== undefined
      ? Math.min(ceilingKwh, Math.max(floorKwh, energyKwh + needs.maxV2xEnergyKwh))
      : undefined;
  if (needs.departureMs === undefined) notes.push('departure-missing');
  else if (needs.departureMs <= needs.receivedAtMs) notes.push('departure-in-past');
  const socFraction = needs.socFraction ?? meteredSocFraction;
  // The ceiling is at most full: what is missing to it makes the battery at least this large.
  const leastCapacityKwh =
    capacityKwh ??
    (socFraction !== undefined && socFraction < 1 ? (ceilingKwh - energyKwh) / (1 - socFraction) : undefined);
  return {
    energyAtStatedKwh: energyKwh,
    minEnergyKwh: floorKwh,
    maxEnergyKwh: ceilingKwh,
    targetEnergyKwh: targetKwh,
    ...(v2xCeilingKwh === undefined ? {} : { v2xCeilingKwh }),
    ...(socFraction === undefined ? {} : { socFractionAtStated: socFraction }),
    ...(leastCapacityKwh === undefined ? {} : { capacityKwh: leastCapacityKwh }),
    notes,
  };
}

/** Lowest energy that cycling may reach: the V2X band's lower edge, else the battery's floor; charge-only: no discharge. */
function dischargeFloorKwh(needs: ChargingNeeds, energyKwh: number, notes: WindowNote[]): number {
  if (!needs.bidirectional) {
    notes.push('charge-only');
    return energyKwh;
  }
  if (needs.minV2xEnergyKwh !== undefined) {
    if (needs.minV2xEnergyKwh > 0) notes.push('below-v2x-band');
    return Math.max(0, energyKwh + needs.minV2xEnergyKwh);
  }
  return needs.minEnergyKwh !== undefined ? 0 : energyKwh;
}

export interface Efficiencies {
  readonly chargeEfficiency: number;
  readonly dischargeEfficiency: number;
}

/** Cars report whole per cents: two readings tell their difference to within this. */
const SOC_RESOLUTION = 0.01;

/**
 * Stored energy of a session now, kWh in its window's terms, never above the truth as far as we can know:
 * the better of two lower bounds. One moves the stated energy by what the meter counted since, with
 * cautious efficiencies; the other by the rise of the state of charge, less its resolution, and by what was
 * counted since it was read. `expectedKwh`
 * (signed, at the meter) is for the time after the last reading. Stays inside what the battery can hold.
 */
export function storedEnergyKwh(
  session: Session,
  metered: { importWh: number; exportWh: number },
  expectedKwh: number,
  efficiency: Efficiencies,
): number | undefined {
  const { window } = session;
  if (window === undefined) return undefined;
  // The standing at the needs may be an estimate that lies above the last reading (engine/sessions/needs.ts).
  const importedKwh = Math.max(0, metered.importWh - session.needsImportWh) / 1000;
  const exportedKwh = Math.max(0, metered.exportWh - session.needsExportWh) / 1000;
  const byMeterKwh =
    window.energyAtStatedKwh + storedChange(importedKwh, efficiency) + storedChange(-exportedKwh, efficiency);
  const { socFraction, socImportWh = metered.importWh, socExportWh = metered.exportWh } = session.books;
  const sinceSocKwh =
    storedChange(Math.max(0, metered.importWh - socImportWh) / 1000, efficiency) +
    storedChange(-Math.max(0, metered.exportWh - socExportWh) / 1000, efficiency);
  const lastKwh = Math.max(byMeterKwh, energyBySocKwh(window, socFraction) + sinceSocKwh);
  return Math.min(window.maxEnergyKwh, Math.max(0, lastKwh + storedChange(expectedKwh, efficiency)));
}

function storedChange(atMeterKwh: number, efficiency: Efficiencies): number {
  return atMeterKwh >= 0
    ? atMeterKwh * efficiency.chargeEfficiency
    : atMeterKwh / efficiency.dischargeEfficiency;
}

/** Stored energy when the state of charge was read; −∞ where it tells nothing. */
function energyBySocKwh(window: EnergyWindow, socFraction: number | undefined): number {
  const { socFractionAtStated, capacityKwh } = window;
  if (socFraction === undefined || socFractionAtStated === undefined || capacityKwh === undefined)
    return Number.NEGATIVE_INFINITY;
  const risenFraction = socFraction - socFractionAtStated;
  // A fall by the least capacity would be too small a fall: only a rise is a lower bound.
  if (risenFraction <= SOC_RESOLUTION) return Number.NEGATIVE_INFINITY;
  return window.energyAtStatedKwh + (risenFraction - SOC_RESOLUTION) * capacityKwh;
}

/** Longest time that taper can add near full: 1.5 × the untapered time for the last tenth of the battery. */
const TAPER_FROM_FRACTION = 0.9;
const TAPER_EXTRA = 1.5;

/**
 * Instant by which the plan has the target in the battery, so that taper near full, late messages and the
 * last slot's rounding do not cost the driver energy: the departure less the guard, less a taper allowance
 * for targets above 90 % of the battery. Never before `nowMs`.
 */
export function planUntilMs(
  goal: { departureMs: number; targetEnergyKwh: number; maxEnergyKwh: number; maxChargeKw: number },
  guardMinutes: number,
  nowMs: number,
): number {
  const taperedKwh = Math.max(0, goal.targetEnergyKwh - TAPER_FROM_FRACTION * goal.maxEnergyKwh);
  const taperMs = goal.maxChargeKw > 0 ? ((taperedKwh * TAPER_EXTRA) / goal.maxChargeKw) * MS_PER_HOUR : 0;
  return Math.max(nowMs, goal.departureMs - guardMinutes * 60_000 - taperMs);
}
