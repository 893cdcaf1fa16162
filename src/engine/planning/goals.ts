import { MS_PER_HOUR } from '../../domain/power.js';
import type { Session } from '../../domain/session.js';
import type { EvseCapability } from '../../domain/station.js';
import { planUntilMs } from '../sessions/energy-window.js';
import type { EngineSettings } from '../settings.js';
import type { Unsteered } from './steering.js';

/** What the plan has to do for one session, after overrides and assumptions. */
export interface SessionGoal {
  readonly session: Session;
  /** Stored now, floor, ceiling and target, kWh in the terms of the session's energy window. */
  readonly storedKwh: number;
  readonly minEnergyKwh: number;
  readonly maxEnergyKwh: number;
  readonly targetEnergyKwh: number;
  /** When the plan has to have the target, and when the driver leaves. */
  readonly planUntilMs: number;
  readonly departureMs: number;
  /** At the EVSE's meter, ≥ 0. */
  readonly maxChargeKw: number;
  readonly maxDischargeKw: number;
  /** What the EVSE and the car are rated for, where the car was lately seen to take less (`maxChargeKw`). */
  readonly ratedChargeKw?: number;
  /** It is out of reach, or follows nothing: expected, not planned. No flexibility. */
  readonly unsteered?: Unsteered;
  /** Its site's grid connection limits import: no power without a plan that looked at the limit. */
  readonly isSiteLimited?: boolean;
  /** Why the session charges at once instead of being optimised. */
  readonly chargeNow?: 'opted-out' | 'departure-missing' | 'departure-passed' | 'clock-stopped';
}

/**
 * The goal of a session, or undefined when it has no needs: such a car charges on the default profile.
 * Without a departure still to come it charges at once and never exports.
 */
export function goalOf(
  session: Session,
  capability: EvseCapability,
  storedKwh: number,
  nowMs: number,
  settings: EngineSettings,
): SessionGoal | undefined {
  const { needs, window, override } = session;
  if (needs === undefined || window === undefined) return undefined;
  const maxChargeKw = Math.min(
    needs.maxChargeKw ?? capability.maxChargeKw ?? settings.defaultChargeKw,
    capability.maxChargeKw ?? Number.POSITIVE_INFINITY,
  );
  const targetEnergyKwh = Math.min(window.maxEnergyKwh, override?.targetEnergyKwh ?? window.targetEnergyKwh);
  const mayDischarge = needs.bidirectional && capability.canDischarge;
  // Above the V2X band a car only charges what its driver wants.
  const v2xCeilingKwh = mayDischarge ? (window.v2xCeilingKwh ?? window.maxEnergyKwh) : window.maxEnergyKwh;
  const statedMs = override?.departureMs ?? needs.departureMs;
  const chargeNow = whyChargeNow(
    override?.optOut === true || override?.priorityCharging === true,
    statedMs,
    nowMs,
    // A period that should begin later never would.
    capability.clockStopped === true && capability.dialect !== 'dynamic',
  );
  const common = {
    session,
    storedKwh,
    maxChargeKw,
    targetEnergyKwh,
    minEnergyKwh: window.minEnergyKwh,
    maxEnergyKwh: Math.max(targetEnergyKwh, v2xCeilingKwh),
  };
  if (chargeNow !== undefined || statedMs === undefined) {
    const missingKwh = Math.max(0, targetEnergyKwh - storedKwh) / settings.chargeEfficiency;
    const untilMs = nowMs + (maxChargeKw > 0 ? (missingKwh / maxChargeKw) * MS_PER_HOUR : 0);
    return {
      ...common,
      planUntilMs: untilMs,
      departureMs: Math.max(untilMs, statedMs ?? untilMs),
      maxDischargeKw: 0,
      chargeNow: chargeNow ?? 'departure-missing',
    };
  }
  const goal = { ...common, departureMs: statedMs };
  const battery = { ...goal, maxEnergyKwh: window.maxEnergyKwh };
  return {
    ...goal,
    planUntilMs: planUntilMs(battery, settings.departureGuardMinutes, nowMs),
    maxDischargeKw: mayDischarge
      ? Math.min(needs.maxDischargeKw ?? 0, capability.maxDischargeKw ?? Number.POSITIVE_INFINITY)
      : 0,
  };
}

function whyChargeNow(
  optedOut: boolean,
  departureMs: number | undefined,
  nowMs: number,
  isClockStopped: boolean,
): SessionGoal['chargeNow'] {
  if (optedOut) return 'opted-out';
  if (departureMs === undefined) return 'departure-missing';
  if (departureMs <= nowMs) return 'departure-passed';
  return isClockStopped ? 'clock-stopped' : undefined;
}
