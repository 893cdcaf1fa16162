import type {
  ChargingProfile,
  ChargingScheduleUpdate,
  ClearChargingProfileRequest,
} from '../ocpp/wire/smart-charging-messages.js';
import type { OperationMode } from '../ocpp/wire/transaction-messages.js';
import {
  judgeProfile,
  type ProfileAbilities,
  type ProfileTransaction,
  type ProfileVerdict,
  type StoredProfile,
} from './profile-rules.js';

/** What an EVSE is asked to do now. */
export interface PowerOrder {
  /** Signed kW at the meter; Infinity when nothing limits charging. Negative only by a valid profile. */
  readonly askedKw: number;
  readonly operationMode: OperationMode;
  /** Whether a Dynamic profile decides. */
  readonly isDynamic: boolean;
  /** Profile that decides; absent when none does. */
  readonly profileId?: number;
  /** The order may change at this instant, counted from `atMs`, and not before (unless profiles or the link change). */
  readonly untilMs: number;
}

/**
 * Where and when an order is asked for: `atMs` by the station's wall clock, `uptimeMs` by what it times
 * durations with (absent: the same), `offlineSinceMs` in uptime while the station has no link.
 */
export interface OrderQuestion {
  readonly evseId: number;
  readonly atMs: number;
  readonly uptimeMs?: number;
  /** The wall clock stands still: no instant of it ever comes. */
  readonly isFrozen?: boolean;
  readonly transaction?: ProfileTransaction;
  readonly offlineSinceMs?: number;
}

export interface ProfileBook {
  /** Judges a profile and, if it is good, keeps it; the same id replaces (K01.FR.05). */
  set(stored: StoredProfile, transaction: ProfileTransaction | undefined): ProfileVerdict;
  /** New values for the period of a Dynamic profile, valid for its duration from `atMs`; false if there is none. */
  update(profileId: number, values: ChargingScheduleUpdate, atMs: number): boolean;
  clear(request: ClearChargingProfileRequest): 'Accepted' | 'Unknown';
  /** A TxProfile dies with its transaction. */
  transactionEnded(transactionId: string): void;
  /** Drops the profiles that a time without link, over now, has made invalid for good. */
  linkRestored(offlineSinceMs: number, nowMs: number): void;
  order(question: OrderQuestion): PowerOrder;
  profiles(): readonly StoredProfile[];
}

/** A station's own store of charging profiles and its rules of precedence (OCPP 2.1 block K). */
export function createProfileBook(abilities: ProfileAbilities): ProfileBook {
  let book: StoredProfile[] = [];
  return {
    set(stored, transaction) {
      const others = book.filter(({ profile }) => profile.id !== stored.profile.id);
      const verdict = judgeProfile(stored, abilities, transaction, others);
      if (verdict.accepted) book = [...others, stored];
      return verdict;
    },
    update(profileId, values, atMs) {
      const stored = book.find(({ profile }) => profile.id === profileId);
      if (stored?.profile.chargingProfileKind !== 'Dynamic') return false;
      const chargingSchedule = stored.profile.chargingSchedule.map((schedule) => ({
        ...schedule,
        chargingSchedulePeriod: schedule.chargingSchedulePeriod.map((period) => ({ ...period, ...values })),
      }));
      const updated = { ...stored, profile: { ...stored.profile, chargingSchedule }, updatedAtMs: atMs };
      book = book.map((one) => (one === stored ? updated : one));
      return true;
    },
    clear(request) {
      const left = book.filter((stored) => !isMeant(request, stored));
      const status = left.length < book.length ? 'Accepted' : 'Unknown';
      book = left;
      return status;
    },
    transactionEnded(transactionId) {
      book = book.filter(({ profile }) => profile.transactionId !== transactionId);
    },
    linkRestored(offlineSinceMs, nowMs) {
      book = book.filter(
        ({ profile }) =>
          !profile.invalidAfterOfflineDuration || nowMs < offlineEndMs(profile, offlineSinceMs),
      );
    },
    order: (question) => decide(book, question, abilities),
    profiles: () => book,
  };
}

function isMeant(request: ClearChargingProfileRequest, { evseId, profile }: StoredProfile): boolean {
  if (request.chargingProfileId !== undefined) return profile.id === request.chargingProfileId;
  const criteria = request.chargingProfileCriteria;
  if (!criteria) return false;
  return (
    (criteria.evseId === undefined || criteria.evseId === evseId) &&
    (criteria.chargingProfilePurpose === undefined ||
      criteria.chargingProfilePurpose === profile.chargingProfilePurpose) &&
    (criteria.stackLevel === undefined || criteria.stackLevel === profile.stackLevel)
  );
}

/**
 * Per purpose the valid profile with the highest stack level; TxProfile before TxDefaultProfile, else no
 * limit; ChargingStationMaxProfile caps charging, shared equally by the station's EVSEs.
 */
function decide(
  book: readonly StoredProfile[],
  question: OrderQuestion,
  abilities: ProfileAbilities,
): PowerOrder {
  let untilMs = Number.POSITIVE_INFINITY;
  const best: { [purpose: string]: { profile: ChargingProfile; period: PeriodInForce } } = {};
  for (const { evseId, profile, updatedAtMs } of book) {
    if (evseId !== 0 && evseId !== question.evseId) continue;
    if (
      profile.transactionId !== undefined &&
      profile.transactionId !== question.transaction?.transactionId
    ) {
      continue;
    }
    const { period, nextEdgeMs } = periodInForce(profile, question, abilities, updatedAtMs);
    untilMs = Math.min(untilMs, nextEdgeMs);
    const held = best[profile.chargingProfilePurpose];
    if (period && (held === undefined || profile.stackLevel > held.profile.stackLevel)) {
      best[profile.chargingProfilePurpose] = { profile, period };
    }
  }
  const deciding = best.TxProfile ?? best.TxDefaultProfile;
  const capKw =
    (best.ChargingStationMaxProfile?.period.askedKw ?? Number.POSITIVE_INFINITY) / abilities.evseCount;
  const askedKw = Math.min(deciding?.period.askedKw ?? Number.POSITIVE_INFINITY, capKw);
  return {
    askedKw,
    operationMode: deciding?.period.operationMode ?? 'ChargingOnly',
    untilMs,
    isDynamic: deciding?.profile.chargingProfileKind === 'Dynamic',
    ...(deciding ? { profileId: deciding.profile.id } : {}),
  };
}

interface PeriodInForce {
  readonly askedKw: number;
  readonly operationMode: OperationMode;
}

/**
 * The profile's period at an instant, if it is valid then, and the next instant at which that can change. A
 * Dynamic profile and a lost link are timed by the uptime, everything else by the wall clock.
 */
function periodInForce(
  profile: ChargingProfile,
  { atMs, uptimeMs = atMs, isFrozen = false, transaction, offlineSinceMs }: OrderQuestion,
  abilities: ProfileAbilities,
  updatedAtMs?: number,
): { period?: PeriodInForce; nextEdgeMs: number } {
  const [schedule] = profile.chargingSchedule;
  const never = Number.POSITIVE_INFINITY;
  const isDynamic = updatedAtMs !== undefined;
  const firstStartMs =
    updatedAtMs ??
    (schedule?.startSchedule === undefined ? transaction?.startedAtMs : Date.parse(schedule.startSchedule));
  const everyMs = recurrenceMs(profile);
  const startMs = firstStartMs === undefined ? undefined : latestStartMs(firstStartMs, everyMs, atMs);
  if (schedule === undefined || startMs === undefined) return { nextEdgeMs: never };

  // How long until each comes, counted on the clock that it runs by; ≤ 0 = it has come.
  const byWall = (edgeMs: number) => (edgeMs > atMs && isFrozen ? never : edgeMs - atMs);
  const byUptime = (edgeMs: number) => edgeMs - uptimeMs;
  const bySchedule = isDynamic ? byUptime : byWall;
  const toStartMs = Math.max(
    bySchedule(startMs),
    profile.validFrom === undefined ? -never : byWall(Date.parse(profile.validFrom)),
  );
  const toEndMs = Math.min(
    schedule.duration === undefined ? never : bySchedule(startMs + schedule.duration * 1000),
    profile.validTo === undefined ? never : byWall(Date.parse(profile.validTo)),
    offlineSinceMs === undefined ? never : byUptime(offlineEndMs(profile, offlineSinceMs)),
  );
  const toAgainMs = everyMs === undefined ? never : byWall(startMs + everyMs);
  if (toEndMs <= 0) return { nextEdgeMs: atMs + toAgainMs };
  if (toStartMs > 0) return { nextEdgeMs: atMs + toStartMs };

  const periods = schedule.chargingSchedulePeriod;
  const elapsedS = -bySchedule(startMs) / 1000;
  const next = periods.findIndex(({ startPeriod }) => startPeriod > elapsedS);
  const period = periods.at(next === -1 ? -1 : next - 1);
  const nextStart = next === -1 ? undefined : periods[next]?.startPeriod;
  const toNextMs = nextStart === undefined ? never : bySchedule(startMs + nextStart * 1000);
  const nextEdgeMs = atMs + Math.min(toEndMs, toNextMs, toAgainMs);
  if (period === undefined) return { nextEdgeMs };
  const operationMode = period.operationMode ?? 'ChargingOnly';
  const kwPerUnit = kwPerUnitOf(schedule.chargingRateUnit, period.numberPhases, abilities.phases);
  return { period: { askedKw: askedRateOf(period, operationMode) * kwPerUnit, operationMode }, nextEdgeMs };
}

const DAY_MS = 24 * 3_600_000;

/** After how long a Recurring profile begins anew; undefined for the other kinds. */
function recurrenceMs({ chargingProfileKind: kind, recurrencyKind }: ChargingProfile): number | undefined {
  if (kind !== 'Recurring') return undefined;
  return recurrencyKind === 'Weekly' ? 7 * DAY_MS : DAY_MS;
}

/** The newest start of a recurring schedule; the first one before it has begun. */
function latestStartMs(firstMs: number, everyMs: number | undefined, atMs: number): number {
  if (everyMs === undefined || atMs < firstMs) return firstMs;
  return firstMs + Math.floor((atMs - firstMs) / everyMs) * everyMs;
}

/** kW for one unit of rate: W are the sum of the phases, A are per phase, no more phases than there are. */
export function kwPerUnitOf(unit: 'W' | 'A', numberPhases = 3, supplied: 0 | 1 | 3 = 3): number {
  return unit === 'W' ? 1e-3 : (PHASE_VOLTAGE_V * Math.min(numberPhases, supplied || 3)) / 1000;
}

const PHASE_VOLTAGE_V = 230;

/** Rate asked by a period; limits beside a setpoint bound it, the value nearest zero wins. */
function askedRateOf(
  period: { limit?: number; dischargeLimit?: number; setpoint?: number },
  operationMode: OperationMode,
): number {
  if (operationMode === 'CentralSetpoint') {
    const setpoint = period.setpoint ?? 0;
    const upper = period.limit ?? Number.POSITIVE_INFINITY;
    const lower = period.dischargeLimit ?? Number.NEGATIVE_INFINITY;
    return Math.min(Math.max(setpoint, lower), upper);
  }
  if (operationMode === 'ChargingOnly') return period.limit ?? 0;
  return 0;
}

/** End of validity without a link: maxOfflineDuration after it broke; never when absent. */
function offlineEndMs(profile: ChargingProfile, offlineSinceMs: number): number {
  if (profile.maxOfflineDuration === undefined) return Number.POSITIVE_INFINITY;
  return offlineSinceMs + profile.maxOfflineDuration * 1000;
}
