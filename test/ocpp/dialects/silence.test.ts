import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DesiredProfile } from '../../../src/domain/profile.js';
import type { EvseCapability } from '../../../src/domain/station.js';
import { profileContent } from '../../../src/engine/dispatch/desired-profile.js';
import { nextRefreshMs } from '../../../src/engine/dispatch/refresh-time.js';
import { transactionProfileRequest } from '../../../src/ocpp/dialects/central-setpoint.js';
import { defaultProfileRequest } from '../../../src/ocpp/dialects/charging-only.js';
import { dynamicProfileRequest, dynamicUpdate } from '../../../src/ocpp/dialects/dynamic.js';
import { negativeLimitRequest } from '../../../src/ocpp/dialects/negative-limit.js';
import { rateFor } from '../../../src/ocpp/dialects/rate.js';
import type { SetChargingProfileRequest } from '../../../src/ocpp/wire/smart-charging-messages.js';
import { createProfileBook, type ProfileBook } from '../../../src/simulator/profile-book.js';
import {
  capabilityOfEvse,
  goalOfCar,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  plannedOf,
  planOf,
  TRANSACTION,
} from '../../support/engine/fixtures.js';

const DEAD_MAN_S = 900;
const DEAD_MAN_MS = DEAD_MAN_S * 1000;
const RUNS = 1_500;
const DEFAULT_KW = 11;

type Tell = (
  profile: DesiredProfile,
  capability: EvseCapability,
  nowMs: number,
) => SetChargingProfileRequest | undefined;

const negative = (purpose: 'TxProfile' | 'TxDefaultProfile'): Tell => {
  return (profile, capability) =>
    negativeLimitRequest(profile, { ...capability, profilePurpose: purpose }, 'ocpp2.1');
};
const timed: Tell = (profile, capability) => transactionProfileRequest(profile, capability, 'ocpp2.1');

interface Dialect {
  readonly tell: Tell;
  readonly negativeLimits?: true;
  readonly isDynamic?: true;
  readonly rateUnit?: 'A';
}

const DIALECTS: Readonly<Record<string, Dialect>> = {
  dynamic: { tell: dynamicProfileRequest, isDynamic: true },
  'dynamic in A': { tell: dynamicProfileRequest, isDynamic: true, rateUnit: 'A' },
  'central-setpoint': { tell: timed },
  'central-setpoint in A': { tell: timed, rateUnit: 'A' },
  'negative-limit, TxProfile': { tell: negative('TxProfile'), negativeLimits: true },
  'negative-limit, TxDefaultProfile': { tell: negative('TxDefaultProfile'), negativeLimits: true },
};

type Fault = 'the engine is killed' | 'the link hangs' | 'the link is cut and the wall clock stands still';
const FAULTS: readonly Fault[] = [
  'the engine is killed',
  'the link hangs',
  'the link is cut and the wall clock stands still',
];

/** Plans per five-minute slot, which discharge often. */
const plans = fc
  .array(fc.tuple(fc.constantFrom(-11, -11, -4, 0, 7), fc.integer({ min: 1, max: 12 })), {
    minLength: 1,
    maxLength: 10,
  })
  .map((runs) => runs.flatMap(([kw, slots]) => new Array<number>(slots).fill(kw)));

const cases = fc.record({
  netKw: plans,
  /** How long after the plan the station has the profile, and how long after that the fault strikes. */
  sentMs: fc.integer({ min: 0, max: 20_000 }),
  quietMs: fc.integer({ min: 0, max: 2 * DEAD_MAN_MS }),
  skewMs: fc.integer({ min: -10, max: 10 }).map((minutes) => minutes * MINUTE_MS),
  phases: fc.constantFrom(1 as const, 3 as const),
  supportsMaxOfflineDuration: fc.boolean(),
});

describe.each(Object.entries(DIALECTS))('in the dialect %s', (_name, dialect) => {
  it.each(FAULTS)(
    'once %s nothing is asked to export later than the dead-man time, and charging takes over',
    (fault) => {
      let exported = 0;
      fc.assert(
        fc.property(cases, (one) => {
          const atFault = stationAt(dialect, one, fault);
          if (atFault.kwAt(atFault.faultMs) < 0) exported += 1;
          for (let afterMs = 1_000; afterMs <= 8 * HOUR_MS; afterMs += 7 * MINUTE_MS + 13_000) {
            expect(atFault.kwAt(atFault.faultMs + DEAD_MAN_MS + afterMs)).toBeGreaterThanOrEqual(0);
          }
          if (fault !== 'the link is cut and the wall clock stands still') {
            expect(atFault.kwAt(atFault.faultMs + 30 * HOUR_MS)).toBeGreaterThan(0.98 * DEFAULT_KW);
          }
        }),
        { numRuns: RUNS, seed: 20_260_120 },
      );
      // The property is about something: in many of the runs it struck in mid-discharge.
      expect(exported).toBeGreaterThan(RUNS / 20);
    },
  );
});

/** A station that got the profile of a plan, was kept up to date until the fault, and hears nothing more. */
function stationAt(
  dialect: Dialect,
  { netKw, sentMs, quietMs, skewMs, phases, supportsMaxOfflineDuration }: CaseOf<typeof cases>,
  fault: Fault,
) {
  const planned = plannedOf(netKw);
  const content = profileContent(planOf([planned]), planned, goalOfCar(), {
    nowMs: NOON_MS,
    deadManS: DEAD_MAN_S,
    maxPeriods: 200,
    chargeEfficiency: 0.92,
  });
  const profile = { ...content, revision: 1 };
  const isFrozen = fault === 'the link is cut and the wall clock stands still';
  const capability = capabilityOfEvse({
    clockSkewMs: skewMs,
    rateUnits: [dialect.rateUnit ?? 'W'],
    phases,
    // What neither a clock nor a link ends, only this does.
    supportsMaxOfflineDuration: supportsMaxOfflineDuration || isFrozen,
  });
  const book = createProfileBook({
    evseCount: 1,
    maxStackLevel: 5,
    periodsPerSchedule: 200,
    operationModes: dialect.negativeLimits ? ['ChargingOnly'] : ['ChargingOnly', 'CentralSetpoint', 'Idle'],
    negativeLimits: dialect.negativeLimits ?? false,
    dynamicProfiles: true,
    rateUnit: dialect.rateUnit ?? 'W',
    phases,
  });
  put(book, defaultProfileRequest(1, DEFAULT_KW, rateFor(capability), 'ocpp2.1'), NOON_MS);
  const startMs = NOON_MS + sentMs;
  const faultMs = startMs + quietMs;
  const request = profile.validToMs > startMs ? dialect.tell(profile, capability, startMs) : undefined;
  if (request !== undefined) put(book, request, startMs);
  if (dialect.isDynamic && request !== undefined) {
    for (
      let atMs = nextRefreshMs(profile, startMs);
      atMs !== undefined && atMs <= faultMs;
      atMs = nextRefreshMs(profile, atMs)
    ) {
      const update = dynamicUpdate(profile, capability, atMs);
      if (update !== undefined) book.update(request.chargingProfile.id, update, atMs);
    }
  }
  const isOffline = fault !== 'the link hangs';
  return {
    faultMs,
    kwAt: (nowMs: number) =>
      book.order({
        evseId: 1,
        atMs: (isFrozen ? Math.min(nowMs, faultMs) : nowMs) + skewMs,
        uptimeMs: nowMs,
        isFrozen,
        transaction,
        ...(isOffline && nowMs >= faultMs ? { offlineSinceMs: faultMs } : {}),
      }).askedKw,
  };
}

const transaction = { transactionId: TRANSACTION, startedAtMs: NOON_MS - 24 * HOUR_MS, needsPending: false };

function put(book: ProfileBook, { evseId, chargingProfile }: SetChargingProfileRequest, nowMs: number): void {
  const isDynamic = chargingProfile.chargingProfileKind === 'Dynamic';
  const stored = { evseId, profile: chargingProfile, ...(isDynamic ? { updatedAtMs: nowMs } : {}) };
  expect(book.set(stored, transaction)).toEqual({ accepted: true });
}

type CaseOf<T> = T extends fc.Arbitrary<infer Case> ? Case : never;
