import type {
  ChargingProfile,
  ChargingSchedule,
  ChargingSchedulePeriod,
} from '../ocpp/wire/smart-charging-messages.js';
import type { OperationMode } from '../ocpp/wire/transaction-messages.js';

/** What a station takes, as its device model says. */
export interface ProfileAbilities {
  readonly evseCount: number;
  readonly maxStackLevel: number;
  readonly periodsPerSchedule: number;
  readonly operationModes: readonly OperationMode[];
  /** Takes negative limits as discharge, as stations do that follow the popular description. */
  readonly negativeLimits: boolean;
  /** Takes Dynamic profiles; absent = no. */
  readonly dynamicProfiles?: boolean;
  /** Takes Recurring profiles; absent = no. */
  readonly recurringProfiles?: boolean;
  /** The one unit that it takes; absent = W. */
  readonly rateUnit?: 'W' | 'A';
  /** Phases of the supply; 0 = DC, absent = three. */
  readonly phases?: 0 | 1 | 3;
}

/** The transaction of the EVSE that a profile is for. `needsPending`: its EV will state needs, but has not. */
export interface ProfileTransaction {
  readonly transactionId: string;
  readonly startedAtMs: number;
  readonly needsPending: boolean;
}

export interface StoredProfile {
  readonly evseId: number;
  readonly profile: ChargingProfile;
  /** Uptime at which a Dynamic profile was set or last updated: its `duration` runs from then. */
  readonly updatedAtMs?: number;
}

export type ProfileVerdict =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reasonCode: string; readonly detail: string };

/**
 * A station's checks of SetChargingProfile (OCPP 2.1 block K), first fault wins. `others` are the profiles
 * that stay in the book, so without one of the same id.
 */
export function judgeProfile(
  { evseId, profile }: StoredProfile,
  abilities: ProfileAbilities,
  transaction: ProfileTransaction | undefined,
  others: readonly StoredProfile[],
): ProfileVerdict {
  return (
    judgeHead(evseId, profile, abilities) ??
    judgeTransaction(evseId, profile, transaction) ??
    judgeNeighbours(evseId, profile, others) ??
    judgeSchedules(profile, abilities) ?? { accepted: true }
  );
}

type Refusal = ProfileVerdict | undefined;

function refuse(reasonCode: string, detail: string): ProfileVerdict {
  return { accepted: false, reasonCode, detail };
}

function judgeHead(evseId: number, profile: ChargingProfile, abilities: ProfileAbilities): Refusal {
  if (evseId > abilities.evseCount) return refuse('InvalidValue', `there is no EVSE ${evseId}`);
  const purpose = profile.chargingProfilePurpose;
  if (!['TxProfile', 'TxDefaultProfile', 'ChargingStationMaxProfile'].includes(purpose)) {
    return refuse('UnsupportedPurpose', purpose);
  }
  if (purpose === 'ChargingStationMaxProfile' && evseId !== 0) {
    return refuse('InvalidValue', 'a ChargingStationMaxProfile is for EVSE 0');
  }
  if (profile.stackLevel > abilities.maxStackLevel) {
    return refuse('InvalidStackLevel', `the highest stack level is ${abilities.maxStackLevel}`);
  }
  const kind = profile.chargingProfileKind;
  const { dynamicProfiles = false, recurringProfiles = false } = abilities;
  if ((kind === 'Dynamic' && !dynamicProfiles) || (kind === 'Recurring' && !recurringProfiles)) {
    return refuse('UnsupportedKind', kind);
  }
  if ((kind === 'Recurring') !== (profile.recurrencyKind !== undefined)) {
    return refuse(
      'InvalidProfile',
      `recurrencyKind ${kind === 'Recurring' ? 'is missing' : 'is for Recurring profiles'}`,
    );
  }
  if (kind === 'Relative' && purpose === 'ChargingStationMaxProfile') {
    return refuse('InvalidProfile', 'a ChargingStationMaxProfile is never Relative');
  }
  if (profile.dynUpdateInterval !== undefined && kind !== 'Dynamic') {
    return refuse('InvalidProfile', 'dynUpdateInterval is for Dynamic profiles');
  }
  const { validFrom, validTo } = profile;
  if (validFrom !== undefined && validTo !== undefined && Date.parse(validTo) <= Date.parse(validFrom)) {
    return refuse('InvalidProfile', 'validTo is not after validFrom');
  }
  return undefined;
}

function judgeTransaction(
  evseId: number,
  profile: ChargingProfile,
  transaction: ProfileTransaction | undefined,
): Refusal {
  if (profile.chargingProfilePurpose !== 'TxProfile') {
    return profile.transactionId === undefined
      ? undefined
      : refuse('InvalidValue', 'transactionId is for a TxProfile');
  }
  if (evseId === 0) return refuse('InvalidValue', 'a TxProfile needs an EVSE');
  if (profile.transactionId === undefined) return refuse('MissingParam', 'transactionId');
  if (transaction?.transactionId !== profile.transactionId) {
    return refuse('TxNotFound', `EVSE ${evseId} does not run ${profile.transactionId}`);
  }
  // K15.FR.17, K18, K19: no TxProfile before the EV has stated its needs.
  if (transaction.needsPending) return refuse('InvalidMessageSeq', 'the EV has not stated its needs');
  return undefined;
}

function judgeNeighbours(
  evseId: number,
  profile: ChargingProfile,
  others: readonly StoredProfile[],
): Refusal {
  const purpose = profile.chargingProfilePurpose;
  for (const other of others) {
    if (other.profile.chargingProfilePurpose !== purpose) continue;
    if (other.profile.stackLevel !== profile.stackLevel) continue;
    if (purpose === 'TxProfile') {
      // K01.FR.39.
      if (other.profile.transactionId !== profile.transactionId) continue;
      return refuse('InvalidStackLevel', `profile ${other.profile.id} has this stack level`);
    }
    // K01.FR.53: a default for the whole station and one for an EVSE at one stack level conflict.
    const sameScope = other.evseId === evseId || other.evseId === 0 || evseId === 0;
    // K01.FR.06.
    if (sameScope && validitiesOverlap(other.profile, profile)) {
      return refuse('DuplicateProfile', `profile ${other.profile.id} has this purpose and stack level`);
    }
  }
  return undefined;
}

function validitiesOverlap(one: ChargingProfile, two: ChargingProfile): boolean {
  const from = (profile: ChargingProfile) => Date.parse(profile.validFrom ?? '0000-01-01T00:00:00Z');
  const to = (profile: ChargingProfile) => Date.parse(profile.validTo ?? '9999-12-31T23:59:59Z');
  return from(one) < to(two) && from(two) < to(one);
}

function judgeSchedules(profile: ChargingProfile, abilities: ProfileAbilities): Refusal {
  if (profile.chargingSchedule.length > 1 && profile.chargingProfilePurpose !== 'TxProfile') {
    return refuse('InvalidSchedule', 'only a TxProfile may offer several schedules');
  }
  // K28: one schedule of one period, active from its receipt.
  const periods = profile.chargingSchedule.flatMap((schedule) => schedule.chargingSchedulePeriod);
  if (profile.chargingProfileKind === 'Dynamic' && periods.length !== 1) {
    return refuse('InvalidSchedule', 'a Dynamic profile has one period');
  }
  for (const schedule of profile.chargingSchedule) {
    const refusal = judgeSchedule(profile, schedule, abilities);
    if (refusal) return refusal;
  }
  return undefined;
}

function judgeSchedule(
  profile: ChargingProfile,
  schedule: ChargingSchedule,
  abilities: ProfileAbilities,
): Refusal {
  if (schedule.chargingRateUnit !== (abilities.rateUnit ?? 'W'))
    return refuse('UnsupportedRateUnit', schedule.chargingRateUnit);
  const needsStart = ['Absolute', 'Recurring'].includes(profile.chargingProfileKind);
  if (needsStart !== (schedule.startSchedule !== undefined)) {
    return refuse(
      'InvalidSchedule',
      `startSchedule ${needsStart ? 'is missing' : 'is for Absolute and Recurring profiles'}`,
    );
  }
  const periods = schedule.chargingSchedulePeriod;
  if (periods.length > abilities.periodsPerSchedule) {
    return refuse('InvalidSchedule', `more than ${abilities.periodsPerSchedule} periods`);
  }
  let previous = -1;
  for (const [index, period] of periods.entries()) {
    // K01.FR.31: the first period starts at 0; K01.FR.35: then they rise.
    if (index === 0 ? period.startPeriod !== 0 : period.startPeriod <= previous) {
      return refuse('InvalidSchedule', `startPeriod ${period.startPeriod} of period ${index}`);
    }
    previous = period.startPeriod;
    const refusal = judgePeriod(profile, period, abilities);
    if (refusal) return refusal;
  }
  return undefined;
}

function judgePeriod(
  profile: ChargingProfile,
  period: ChargingSchedulePeriod,
  abilities: ProfileAbilities,
): Refusal {
  const mode = period.operationMode ?? 'ChargingOnly';
  if (period.numberPhases !== undefined && abilities.phases === 0) {
    return refuse('NoPhaseForDC', `numberPhases ${period.numberPhases}`);
  }
  // K01.FR.115.
  if (!abilities.operationModes.includes(mode)) return refuse('InvalidOperationMode', mode);
  const chargingOnly = mode === 'ChargingOnly';
  if (!chargingOnly && profile.chargingProfilePurpose === 'ChargingStationMaxProfile') {
    return refuse('InvalidOperationMode', `${mode} in a ChargingStationMaxProfile`);
  }
  const { limit, setpoint, dischargeLimit } = period;
  if (chargingOnly) {
    // Q02.FR.02: ChargingOnly has a limit and nothing else.
    if (limit === undefined) return refuse('InvalidSchedule', 'ChargingOnly without limit');
    if (setpoint !== undefined || dischargeLimit !== undefined) {
      return refuse('InvalidSchedule', 'ChargingOnly with setpoint or dischargeLimit');
    }
    // Errata 2025-06: a limit is zero or positive.
    if (limit < 0 && !abilities.negativeLimits) return refuse('InvalidSchedule', 'negative limit');
    return undefined;
  }
  if (mode === 'CentralSetpoint') {
    return setpoint === undefined ? refuse('InvalidSchedule', 'CentralSetpoint without setpoint') : undefined;
  }
  if (limit !== undefined || setpoint !== undefined || dischargeLimit !== undefined) {
    return refuse('InvalidSchedule', `${mode} with limit, setpoint or dischargeLimit`);
  }
  return undefined;
}
