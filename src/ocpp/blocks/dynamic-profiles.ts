import { evseNumberOf, type TransactionId } from '../../domain/ids.js';
import type { DesiredProfile, ProfileOutcome } from '../../domain/profile.js';
import type { EvseCapability } from '../../domain/station.js';
import { dynamicProfileRequest, dynamicUpdate } from '../dialects/dynamic.js';
import { evseOfTransactionProfile, transactionProfileId } from '../dialects/profile-ids.js';
import type { CallHandlers } from '../wire/messages.js';
import type { ChargingScheduleUpdate } from '../wire/smart-charging-messages.js';
import { NewestPending } from './newest-pending.js';
import { refusalOf, setProfile } from './set-profile.js';
import type { AskStation, StationContext } from './station-context.js';

type UpdateAnswer =
  | { readonly kind: 'taken' | 'not-there' }
  | { readonly kind: 'unknown'; readonly detail: string };

/** The Dynamic profiles that a station took over this connection. A new connection begins without. */
export class DynamicProfiles {
  readonly #transactions = new Map<number, TransactionId>();
  readonly #updates: NewestPending<number, ChargingScheduleUpdate, UpdateAnswer>;

  constructor(ask: AskStation) {
    this.#updates = new NewestPending((evseNumber, scheduleUpdate) =>
      update(ask, evseNumber, scheduleUpdate),
    );
  }

  has(evseNumber: number, transactionId: TransactionId): boolean {
    return this.#transactions.get(evseNumber) === transactionId;
  }

  taken(evseNumber: number, transactionId: TransactionId): void {
    this.#transactions.set(evseNumber, transactionId);
  }

  /** It was cleared, replaced by one of another kind, or refused. */
  gone(evseNumber: number): void {
    this.#transactions.delete(evseNumber);
  }

  /** The station has booted: none is left. */
  allGone(): void {
    this.#transactions.clear();
  }

  /** The newest values; older ones that still wait are dropped for them. */
  push(evseNumber: number, values: ChargingScheduleUpdate): Promise<UpdateAnswer> {
    return this.#updates.push(evseNumber, values);
  }
}

async function update(
  ask: AskStation,
  evseNumber: number,
  scheduleUpdate: ChargingScheduleUpdate,
): Promise<UpdateAnswer> {
  const chargingProfileId = transactionProfileId(evseNumber);
  const answer = await ask('UpdateDynamicSchedule', { chargingProfileId, scheduleUpdate });
  if (!answer.supported) return { kind: 'unknown', detail: `UpdateDynamicSchedule: ${answer.detail}` };
  // Rejected = the station has no such Dynamic profile (any more), K28: it is set again.
  return { kind: answer.response.status === 'Accepted' ? 'taken' : 'not-there' };
}

/** Sets the Dynamic profile, or updates the one that the station has. */
export async function applyDynamic(
  { clock, dynamicProfiles }: StationContext,
  ask: AskStation,
  profile: DesiredProfile,
  capability: EvseCapability,
): Promise<ProfileOutcome> {
  const evseNumber = evseNumberOf(profile.evseId);
  const values = dynamicUpdate(profile, capability, clock.nowMs());
  const request = dynamicProfileRequest(profile, capability, clock.nowMs());
  if (values === undefined || request === undefined) {
    return { status: 'rejected', reason: 'InvalidProfile: the profile asks for nothing now', unsent: true };
  }
  if (dynamicProfiles.has(evseNumber, profile.transactionId)) {
    const answer = await dynamicProfiles.push(evseNumber, values);
    if (answer.kind === 'taken') return { status: 'accepted' };
    dynamicProfiles.gone(evseNumber);
    if (answer.kind === 'unknown') return { status: 'rejected', reason: answer.detail };
  }
  const outcome = await setProfile(ask, request);
  if (outcome.status === 'accepted') dynamicProfiles.taken(evseNumber, profile.transactionId);
  return outcome;
}

/** PullDynamicScheduleUpdate: what the profile in force asks now, else a refusal, which does not prolong it. */
export function dynamicProfileHandlers({ stationId, events, clock }: StationContext): CallHandlers {
  return {
    async PullDynamicScheduleUpdate({ chargingProfileId }) {
      const evseNumber = evseOfTransactionProfile(chargingProfileId);
      const inForce =
        evseNumber === undefined ? undefined : await events.profileInForce(stationId, evseNumber);
      if (inForce === undefined) return refusalOf('InvalidProfileId', 'no such profile is in force');
      const scheduleUpdate = dynamicUpdate(inForce.profile, inForce.capability, clock.nowMs());
      if (scheduleUpdate === undefined) return refusalOf('InvalidProfile', 'it has ended');
      return { status: 'Accepted', scheduleUpdate };
    },
  };
}
