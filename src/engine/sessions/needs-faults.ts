import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { ChargingNeeds } from '../../domain/session.js';

/** The largest charger there is (Megawatt Charging System, 3.75 MW), rounded up. */
const MOST_KW = 4000;
/** Above the largest vehicle battery by far. */
const MOST_KWH = 10_000;
/** A stay that is longer was typed wrongly; an airport's long-term car park is within it. */
const MOST_STAY_MS = 31 * 24 * MS_PER_HOUR;
/** A station's clock may be so far ahead of ours and is believed. */
const AHEAD_MS = 5 * MS_PER_MINUTE;

/** A field of the needs, as the session document names it. */
type Field = keyof ChargingNeeds;

/** What can be wrong with a field of needs. */
export type NeedsFault =
  | { readonly kind: 'negative' | 'beyond-any-vehicle'; readonly field: Field; readonly value: number }
  | {
      readonly kind: 'min-above-max' | 'below-own-floor' | 'above-capacity';
      readonly field: Field;
      readonly value: number;
      readonly other: Field;
      readonly otherValue: number;
    }
  | {
      readonly kind: 'in-past' | 'too-far-ahead' | 'in-future';
      readonly field: Field;
      readonly value: number;
    };

export interface CheckedNeeds {
  /** Without what cannot be; safe to plan with. */
  readonly needs: ChargingNeeds;
  /** In the order of the checks; empty = nothing wrong. */
  readonly faults: readonly NeedsFault[];
}

/**
 * Needs as a car or its station may send them by mistake, made safe: what cannot be is left out, so that the
 * EVSE's own limits hold in its place; where the limits of discharge contradict, the car does not discharge;
 * a departure that cannot be leaves none, so the car charges at once. Each fault is told with its field.
 */
export function checkNeeds(needs: ChargingNeeds): CheckedNeeds {
  const faults: NeedsFault[] = [];
  const safe: Draft = { ...needs };
  checkMagnitudes(needs, safe, faults);
  checkEnergies(needs, safe, faults);
  checkOrder({ ...safe }, safe, faults);
  checkInstants(needs, safe, faults);
  return { needs: safe, faults };
}

type Draft = { -readonly [Name in keyof ChargingNeeds]: ChargingNeeds[Name] };

const MAGNITUDES = ['minChargeKw', 'maxChargeKw', 'minDischargeKw', 'maxDischargeKw'] as const;
const ENERGIES = [
  'targetEnergyKwh',
  'minEnergyKwh',
  'maxEnergyKwh',
  'minV2xEnergyKwh',
  'maxV2xEnergyKwh',
] as const;

function checkMagnitudes(needs: ChargingNeeds, safe: Draft, faults: NeedsFault[]): void {
  for (const field of [...MAGNITUDES, 'batteryCapacityKwh'] as const) {
    const value = needs[field];
    if (value === undefined) continue;
    const isCapacity = field === 'batteryCapacityKwh';
    if (value < 0 || (isCapacity && value === 0)) faults.push({ kind: 'negative', field, value });
    else if (value > (isCapacity ? MOST_KWH : MOST_KW))
      faults.push({ kind: 'beyond-any-vehicle', field, value });
    else continue;
    delete safe[field];
    if (field === 'maxDischargeKw') safe.bidirectional = false;
  }
}

function checkEnergies(needs: ChargingNeeds, safe: Draft, faults: NeedsFault[]): void {
  for (const field of ENERGIES) {
    const value = needs[field];
    if (value === undefined || Math.abs(value) <= MOST_KWH) continue;
    faults.push({ kind: 'beyond-any-vehicle', field, value });
    delete safe[field];
    if (field !== 'targetEnergyKwh') safe.bidirectional = false;
  }
}

/** Pairs whose first must not exceed the second; the rest of the needs is as the checks before left it. */
function checkOrder(needs: ChargingNeeds, safe: Draft, faults: NeedsFault[]): void {
  const above = (
    kind: 'min-above-max' | 'below-own-floor' | 'above-capacity',
    [field, other]: readonly [Field & keyof ChargingNeeds, Field],
    isWrong: (value: number, otherValue: number) => boolean = (value, most) => value > most,
  ): boolean => {
    const [value, otherValue] = [needs[field], needs[other]];
    if (typeof value !== 'number' || typeof otherValue !== 'number' || !isWrong(value, otherValue))
      return false;
    faults.push({ kind, field, value, other, otherValue });
    return true;
  };
  if (above('min-above-max', ['minChargeKw', 'maxChargeKw'])) delete safe.minChargeKw;
  if (above('min-above-max', ['minDischargeKw', 'maxDischargeKw'])) safe.bidirectional = false;
  if (above('min-above-max', ['minEnergyKwh', 'maxEnergyKwh'])) {
    safe.bidirectional = false;
    delete safe.minEnergyKwh;
    delete safe.maxEnergyKwh;
  } else if (needs.maxEnergyKwh !== undefined) above('above-capacity', ['targetEnergyKwh', 'maxEnergyKwh']);
  else above('above-capacity', ['targetEnergyKwh', 'batteryCapacityKwh']);
  if (above('min-above-max', ['minV2xEnergyKwh', 'maxV2xEnergyKwh'])) safe.bidirectional = false;
  if (above('below-own-floor', ['minV2xEnergyKwh', 'minEnergyKwh'], (v2x, own) => v2x < own)) {
    safe.minV2xEnergyKwh = needs.minEnergyKwh ?? 0;
  }
}

function checkInstants(needs: ChargingNeeds, safe: Draft, faults: NeedsFault[]): void {
  const { departureMs, statedAtMs, receivedAtMs } = needs;
  if (departureMs !== undefined && departureMs <= receivedAtMs) {
    faults.push({ kind: 'in-past', field: 'departureMs', value: departureMs });
  } else if (departureMs !== undefined && departureMs > receivedAtMs + MOST_STAY_MS) {
    faults.push({ kind: 'too-far-ahead', field: 'departureMs', value: departureMs });
    delete safe.departureMs;
  }
  if (statedAtMs > receivedAtMs + AHEAD_MS) {
    faults.push({ kind: 'in-future', field: 'statedAtMs', value: statedAtMs });
    safe.statedAtMs = receivedAtMs;
  }
}

/** The fault for a person: `field: what is wrong, with the values`. */
export function faultText(fault: NeedsFault): string {
  switch (fault.kind) {
    case 'negative':
      return `${fault.field}: ${fault.value} is not above zero; left out`;
    case 'beyond-any-vehicle':
      return `${fault.field}: ${fault.value} is beyond any vehicle; left out`;
    case 'min-above-max':
      return `${fault.field}: ${fault.value} lies above ${fault.other} ${fault.otherValue}`;
    case 'below-own-floor':
      return `${fault.field}: ${fault.value} lies below ${fault.other} ${fault.otherValue}; raised to it`;
    case 'above-capacity':
      return `${fault.field}: ${fault.value} lies above ${fault.other} ${fault.otherValue}; cut to it`;
    case 'in-past':
      return `departure: ${isoOf(fault.value)} is in the past`;
    case 'too-far-ahead':
      return `departure: ${isoOf(fault.value)} is more than 31 days ahead; left out`;
    case 'in-future':
      return `statedAt: ${isoOf(fault.value)} is in the future; taken as now`;
  }
}

/** The instant, or the number where no calendar holds it. */
function isoOf(atMs: number): string {
  return Math.abs(atMs) <= 8.64e15 ? new Date(atMs).toISOString() : String(atMs);
}
