import type { EvseId, PlanId, TransactionId } from './ids.js';

/** From `startMs` until the next period (or the profile's `validToMs`), signed kW at the EVSE's meter. */
export interface ProfilePeriod {
  readonly startMs: number;
  readonly powerKw: number;
}

/**
 * What one EVSE shall do, the newest of its line. `revision` rises by one each time the content changes;
 * an older revision is never sent after a newer one. After `validToMs`, or `maxOfflineS` without a link,
 * the station falls back to its charging-only default: no discharge outlives us.
 */
export interface DesiredProfile {
  readonly evseId: EvseId;
  readonly transactionId: TransactionId;
  readonly revision: number;
  /** Ascending; the first starts at or before `createdAtMs`. */
  readonly periods: readonly ProfilePeriod[];
  readonly validToMs: number;
  readonly maxOfflineS: number;
  readonly createdAtMs: number;
  readonly planId?: PlanId;
  /** Why this profile, for a person. */
  readonly reason: string;
}

export type ProfileOutcome =
  | { readonly status: 'accepted' }
  /** The station said no; `reason` is its reasonCode or ours. Sending the same again is pointless. */
  | {
      readonly status: 'rejected';
      readonly reason: string;
      /** We did not even send it: the word says nothing about the station. */
      readonly unsent?: true;
    };

/** The station's word on a revision. */
export interface AcknowledgedProfile {
  readonly evseId: EvseId;
  readonly revision: number;
  readonly outcome: ProfileOutcome;
  readonly atMs: number;
  readonly profile: DesiredProfile;
}

/** Power that the profile asks for at an instant, kW; undefined outside its validity. */
export function profilePowerKwAt(profile: DesiredProfile, atMs: number): number | undefined {
  if (atMs >= profile.validToMs) return undefined;
  let powerKw: number | undefined;
  for (const period of profile.periods) {
    if (period.startMs > atMs) break;
    powerKw = period.powerKw;
  }
  return powerKw;
}

/** Dead-man time of a Dynamic profile, s: it ends so long after its last update (OCPP 2.1 K28). */
export function dynamicDurationS(profile: DesiredProfile): number {
  return Math.max(1, Math.floor(profile.maxOfflineS / 3));
}

/**
 * What a Dynamic profile is told at an instant, kW; undefined when it should be left to end. An update holds
 * for {@link dynamicDurationS} whatever comes, so discharge that would go on past `validToMs` by then is 0.
 */
export function dynamicPowerKwAt(profile: DesiredProfile, atMs: number): number | undefined {
  const powerKw = profilePowerKwAt(profile, atMs);
  if (powerKw === undefined || powerKw >= 0) return powerKw;
  return atMs + dynamicDurationS(profile) * 1000 <= profile.validToMs ? powerKw : 0;
}
