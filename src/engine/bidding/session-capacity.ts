import type { SiteId } from '../../domain/ids.js';
import type { ProductDirection } from '../../domain/market-product.js';
import { MS_PER_HOUR } from '../../domain/power.js';

/** A session as its capacity counts, past or expected. Energies in kWh as in the energy window, powers ≥ 0. */
export interface CapacitySession {
  /** Who comes back: an EVSE or a driver. Distinct places are the size of the pool. */
  readonly place: string;
  /** Where its grid connection is shared. */
  readonly siteId?: SiteId;
  readonly startMs: number;
  /** Infinity while it is still plugged in. */
  readonly endMs: number;
  readonly energyAtStartKwh: number;
  readonly minEnergyKwh: number;
  readonly maxEnergyKwh: number;
  /** Wanted at the end. */
  readonly targetEnergyKwh: number;
  readonly maxChargeKw: number;
  readonly maxDischargeKw: number;
}

/** What a kW of a product asks of a session. */
export interface CapacityRule {
  readonly direction: ProductDirection;
  readonly sustainMinutes: number;
  /** Power to hold per kW sold, in its direction (≥ 1) and in the opposite one (≥ 0). */
  readonly powerFactor: number;
  readonly oppositePowerFactor: number;
  readonly chargeEfficiency: number;
  readonly dischargeEfficiency: number;
}

/**
 * Capacity, kW ≥ 0, that one session can hold ready throughout [fromMs, toMs): 0 when it is not connected
 * from start to end. Up counts on the highest energy the session can have had by then, down on the lowest
 * from which the target is still in reach, symmetric on an energy between them that serves both.
 *
 * Power: the factor times the capacity fits into the limit, with import that the target forces taken off.
 * Energy: full activation for the sustain time stays inside the window, efficiencies included. Idle is the
 * reference, so import that could be stopped as well is not counted.
 */
export function sessionCapacityKw(
  session: CapacitySession,
  rule: CapacityRule,
  fromMs: number,
  toMs: number,
): number {
  if (session.startMs > fromMs || session.endMs < toMs) return 0;
  const { direction, powerFactor, oppositePowerFactor, chargeEfficiency, dischargeEfficiency } = rule;
  const { minEnergyKwh, maxEnergyKwh, maxChargeKw, maxDischargeKw } = session;
  const hours = rule.sustainMinutes / 60;
  const highKwh = highestEnergyKwh(session, rule, fromMs);
  const lowBeforeKwh = lowestEnergyKwh(session, rule, fromMs);
  const lowKwh = lowestEnergyKwh(session, rule, toMs);
  const forcedKw = Math.max(0, lowKwh - lowBeforeKwh) / chargeEfficiency / ((toMs - fromMs) / MS_PER_HOUR);
  const freeChargeKw = Math.max(0, maxChargeKw - forcedKw);
  const isUp = direction !== 'down';
  const isDown = direction !== 'up';
  let capacityKw = Number.POSITIVE_INFINITY;
  if (isUp) {
    const energyKw = (dischargeEfficiency * (highKwh - minEnergyKwh)) / hours;
    capacityKw = Math.min(capacityKw, maxDischargeKw / powerFactor, energyKw);
    if (oppositePowerFactor > 0) capacityKw = Math.min(capacityKw, freeChargeKw / oppositePowerFactor);
  }
  if (isDown) {
    const energyKw = (maxEnergyKwh - lowKwh) / (chargeEfficiency * hours);
    capacityKw = Math.min(capacityKw, freeChargeKw / powerFactor, energyKw);
    if (oppositePowerFactor > 0) capacityKw = Math.min(capacityKw, maxDischargeKw / oppositePowerFactor);
  }
  if (isUp && isDown) {
    const storeKwhPerKw = hours * (1 / dischargeEfficiency + chargeEfficiency);
    capacityKw = Math.min(capacityKw, (maxEnergyKwh - minEnergyKwh) / storeKwhPerKw);
  }
  return Math.max(0, capacityKw);
}

function highestEnergyKwh(session: CapacitySession, rule: CapacityRule, atMs: number): number {
  const hours = (atMs - session.startMs) / MS_PER_HOUR;
  const ceilingKwh = Math.max(session.maxEnergyKwh, session.energyAtStartKwh);
  return Math.min(ceilingKwh, session.energyAtStartKwh + rule.chargeEfficiency * session.maxChargeKw * hours);
}

function lowestEnergyKwh(session: CapacitySession, rule: CapacityRule, atMs: number): number {
  const hours = (atMs - session.startMs) / MS_PER_HOUR;
  const floorKwh = Math.min(session.minEnergyKwh, session.energyAtStartKwh);
  const dischargedKwh = (session.maxDischargeKw * hours) / rule.dischargeEfficiency;
  const leftHours = (session.endMs - atMs) / MS_PER_HOUR;
  const neededKwh = session.targetEnergyKwh - rule.chargeEfficiency * session.maxChargeKw * leftHours;
  const lowKwh = Math.max(floorKwh, session.energyAtStartKwh - dischargedKwh, neededKwh);
  return Math.min(lowKwh, highestEnergyKwh(session, rule, atMs));
}
