import { assertNever } from '../../domain/assert.js';
import { type EvseId, evseNumberOf, type TransactionId } from '../../domain/ids.js';
import type { DesiredProfile, ProfileOutcome } from '../../domain/profile.js';
import type { EvseCapability, StationProtocol } from '../../domain/station.js';
import type { EvSchedule, NeedsAnswer } from '../../ports/station-events.js';
import { transactionProfileRequest } from '../dialects/central-setpoint.js';
import { defaultProfileRequest } from '../dialects/charging-only.js';
import { negativeLimitRequest } from '../dialects/negative-limit.js';
import { transactionProfileId } from '../dialects/profile-ids.js';
import { NOMINAL_PHASES, powerKwOf, type Rate } from '../dialects/rate.js';
import { stationMaxRequest } from '../dialects/station-max.js';
import { parseInstantMs } from '../wire/instant.js';
import type { CallHandlers } from '../wire/messages.js';
import type {
  NotifyEvChargingNeedsResponse,
  NotifyEvChargingScheduleRequest,
} from '../wire/smart-charging-messages.js';
import { chargingNeedsOf } from './charging-needs.js';
import { applyDynamic, dynamicProfileHandlers } from './dynamic-profiles.js';
import { setProfile, statusInfo } from './set-profile.js';
import type { AskStation, StationContext } from './station-context.js';

export function smartChargingHandlers(context: StationContext): CallHandlers {
  const { stationId, events, clock, protocol } = context;
  return {
    ...dynamicProfileHandlers(context),
    async NotifyEVChargingNeeds(request) {
      const needs = chargingNeedsOf(request, clock.nowMs());
      return needsResponse(await events.chargingNeeds(stationId, request.evseId, needs), protocol);
    },
    async NotifyEVChargingSchedule(request) {
      const { accepted, reasonCode } = await events.evSchedule(stationId, evScheduleOf(request));
      const info = statusInfo(reasonCode);
      return {
        status: accepted ? 'Accepted' : 'Rejected',
        ...(info === undefined ? {} : { statusInfo: info }),
      };
    },
  };
}

/** NoChargingProfile does not exist in 2.0.1; Processing has the same effect there: the station does not wait. */
export function needsResponse(answer: NeedsAnswer, protocol: StationProtocol): NotifyEvChargingNeedsResponse {
  const status =
    protocol === 'ocpp2.0.1' && answer.status === 'NoChargingProfile' ? 'Processing' : answer.status;
  const info = statusInfo(answer.reasonCode, answer.detail);
  return { status, ...(info === undefined ? {} : { statusInfo: info }) };
}

/** Signed kW per period. A negative `limit` in what a station tells is discharge, as some still spell it. */
export function evScheduleOf(request: NotifyEvChargingScheduleRequest): EvSchedule {
  const { chargingSchedule: schedule, evseId, timeBase } = request;
  const baseMs = parseInstantMs(timeBase);
  return {
    evseNumber: evseId,
    ...(schedule.duration === undefined ? {} : { endMs: baseMs + schedule.duration * 1000 }),
    periods: schedule.chargingSchedulePeriod.map(({ startPeriod, setpoint, limit, numberPhases }) => ({
      startMs: baseMs + startPeriod * 1000,
      powerKw: powerKwOf(setpoint ?? limit ?? 0, schedule.chargingRateUnit, numberPhases),
    })),
  };
}

/** Why a desired profile is not worth sending; `fine` if it is. */
export type ProfileCheck = 'fine' | 'no-transaction' | 'other-transaction' | 'expired' | 'no-period';

/** @param nowMs the engine's clock @param running the transaction that runs on the EVSE */
export function checkProfile(
  profile: DesiredProfile,
  running: TransactionId | undefined,
  nowMs: number,
): ProfileCheck {
  if (running === undefined) return 'no-transaction';
  if (running !== profile.transactionId) return 'other-transaction';
  if (profile.validToMs <= nowMs) return 'expired';
  const [first] = profile.periods;
  if (first === undefined || first.startMs >= profile.validToMs) return 'no-period';
  return 'fine';
}

/** The reason code that a station would give for the same fault (OCPP 2.1 appendix 5). */
export function reasonCodeOfProfileCheck(check: Exclude<ProfileCheck, 'fine'>): string {
  switch (check) {
    case 'no-transaction':
    case 'other-transaction':
      return 'TxNotFound';
    case 'expired':
      return 'InvalidProfile';
    case 'no-period':
      return 'InvalidSchedule';
    default:
      return assertNever(check);
  }
}

export function textOfProfileCheck(check: Exclude<ProfileCheck, 'fine'>): string {
  switch (check) {
    case 'no-transaction':
      return 'no transaction runs on the EVSE';
    case 'other-transaction':
      return 'another transaction runs on the EVSE';
    case 'expired':
      return 'the profile has expired';
    case 'no-period':
      return 'the profile has no period before its end';
    default:
      return assertNever(check);
  }
}

/** Sends a desired profile in the dialect that the capability names; the station's word comes back. */
export async function applyProfile(
  context: StationContext,
  ask: AskStation,
  profile: DesiredProfile,
  capability: EvseCapability,
): Promise<ProfileOutcome> {
  const running = await context.events.activeTransaction(context.stationId, evseNumberOf(profile.evseId));
  const check = checkProfile(profile, running, context.clock.nowMs());
  if (check !== 'fine') {
    const reason = `${reasonCodeOfProfileCheck(check)}: ${textOfProfileCheck(check)}`;
    return { status: 'rejected', reason, unsent: true };
  }
  if (capability.dialect === 'dynamic' && context.protocol === 'ocpp2.1') {
    return applyDynamic(context, ask, profile, capability);
  }
  const request =
    capability.dialect === 'negative-limit'
      ? negativeLimitRequest(profile, capability, context.protocol)
      : transactionProfileRequest(profile, capability, context.protocol);
  const outcome = await setProfile(ask, request);
  if (outcome.status === 'accepted') context.dynamicProfiles.gone(request.evseId);
  return outcome;
}

/** Installs the charging-only default; in A when the station does not take W. */
export async function installDefault(
  context: StationContext,
  ask: AskStation,
  evseId: EvseId,
  limitKw: number,
  phases?: 1 | 2 | 3,
): Promise<ProfileOutcome> {
  return inWattsOrAmperes(phases, (rate) =>
    setProfile(ask, defaultProfileRequest(evseNumberOf(evseId), limitKw, rate, context.protocol)),
  );
}

/** Installs the outer guard of the whole station; in A when it does not take W. */
export async function installStationMax(
  { protocol, clock }: StationContext,
  ask: AskStation,
  limitKw: number,
  phases?: 1 | 2 | 3,
): Promise<ProfileOutcome> {
  return inWattsOrAmperes(phases, (rate) =>
    setProfile(ask, stationMaxRequest(limitKw, rate, protocol, clock.nowMs())),
  );
}

async function inWattsOrAmperes(
  phases: 1 | 2 | 3 = NOMINAL_PHASES,
  send: (rate: Rate) => Promise<ProfileOutcome>,
): Promise<ProfileOutcome> {
  const outcome = await send({ unit: 'W', phases });
  const wantsAmperes = outcome.status === 'rejected' && outcome.reason.startsWith('UnsupportedRateUnit');
  return wantsAmperes ? send({ unit: 'A', phases }) : outcome;
}

/** Removes our transaction profile of an EVSE by id; one that is gone already is as good. */
export async function clearProfile(context: StationContext, ask: AskStation, evseId: EvseId): Promise<void> {
  context.dynamicProfiles.gone(evseNumberOf(evseId));
  await ask('ClearChargingProfile', { chargingProfileId: transactionProfileId(evseNumberOf(evseId)) });
}
