import type { Session } from '../../domain/session.js';
import type { EvseCapability } from '../../domain/station.js';
import { capabilityOf, type EngineState } from '../state.js';
import { LEAST_CHARGE_KW, limitKwAt } from '../verification/delivery.js';
import { offlineSinceMs } from '../verification/presence.js';
import type { SessionGoal } from './goals.js';

/** Why a session cannot be steered at present; undefined when it can. */
export type Unsteered =
  | { readonly why: 'offline'; readonly sinceMs: number }
  | { readonly why: 'ignoring'; readonly untilMs: number; readonly reason: string };

export function unsteeredNow(
  state: Pick<EngineState, 'awaySinceMs' | 'evseRecords'>,
  { stationId, evseId }: Pick<Session, 'stationId' | 'evseId'>,
  nowMs: number,
): Unsteered | undefined {
  const sinceMs = offlineSinceMs(state, stationId, nowMs);
  if (sinceMs !== undefined) return { why: 'offline', sinceMs };
  const unsteerable = state.evseRecords.get(evseId)?.unsteerable;
  if (unsteerable === undefined || unsteerable.untilMs <= nowMs) return undefined;
  return { why: 'ignoring', untilMs: unsteerable.untilMs, reason: unsteerable.reason };
}

/**
 * The goal with the powers that arrive: a car that was seen to give or take less than asked is planned with
 * that for a while. Where a site's connection limits import, charging is planned at full power all the same:
 * a car that recovers must not overload it.
 */
export function withSeenPowers(
  goal: SessionGoal,
  { deliveries }: Pick<EngineState, 'deliveries'>,
  nowMs: number,
): SessionGoal {
  const { evseId, transactionId } = goal.session;
  const delivery = deliveries.get(evseId);
  if (delivery?.transactionId !== transactionId) return goal;
  const dischargeKw = limitKwAt(delivery.discharge, nowMs);
  const chargeKw = Math.max(LEAST_CHARGE_KW, limitKwAt(delivery.charge, nowMs));
  const isChargeLimited = chargeKw < goal.maxChargeKw && goal.isSiteLimited !== true;
  return {
    ...goal,
    maxDischargeKw: Math.min(goal.maxDischargeKw, dischargeKw),
    ...(isChargeLimited ? { maxChargeKw: chargeKw, ratedChargeKw: goal.maxChargeKw } : {}),
  };
}

/**
 * What an EVSE can be sold with: what it is known to do, nothing while it follows nothing or is out of reach,
 * and no more than its car of the moment was seen to give.
 */
export function firmCapabilityOf(
  state: EngineState,
  { stationId, evseId, transactionId }: Session,
  nowMs: number,
): EvseCapability {
  const capability = capabilityOf(state, stationId, evseId, nowMs);
  const unsteered = unsteeredNow(state, { stationId, evseId }, nowMs);
  if (unsteered !== undefined) {
    const because = unsteered.why === 'offline' ? 'the station is out of reach' : unsteered.reason;
    return { ...capability, canDischarge: false, because, maxChargeKw: 0, maxDischargeKw: 0 };
  }
  const delivery = state.deliveries.get(evseId);
  if (delivery?.transactionId !== transactionId) return capability;
  const dischargeKw = limitKwAt(delivery.discharge, nowMs);
  const chargeKw = limitKwAt(delivery.charge, nowMs);
  return {
    ...capability,
    ...(dischargeKw === Number.POSITIVE_INFINITY
      ? {}
      : { maxDischargeKw: Math.min(dischargeKw, capability.maxDischargeKw ?? dischargeKw) }),
    ...(chargeKw === Number.POSITIVE_INFINITY
      ? {}
      : { maxChargeKw: Math.min(chargeKw, capability.maxChargeKw ?? chargeKw) }),
  };
}
