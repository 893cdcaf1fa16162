import { describe, expect, it } from 'vitest';
import type { ChargingProfile, ChargingSchedulePeriod } from '../../src/ocpp/wire/smart-charging-messages.js';
import { createProfileBook } from '../../src/simulator/profile-book.js';
import type { ProfileAbilities, ProfileTransaction } from '../../src/simulator/profile-rules.js';
import { EVENING, HOUR, MINUTE } from './test-sessions.js';

const ABILITIES: ProfileAbilities = {
  evseCount: 2,
  maxStackLevel: 5,
  periodsPerSchedule: 4,
  operationModes: ['ChargingOnly', 'CentralSetpoint', 'Idle'],
  negativeLimits: false,
};
const TRANSACTION: ProfileTransaction = { transactionId: 'tx-1', startedAtMs: EVENING, needsPending: false };
const iso = (ms: number) => new Date(ms).toISOString();

function txProfile(
  periods: ChargingSchedulePeriod[],
  changes: Partial<ChargingProfile> = {},
  duration?: number,
): ChargingProfile {
  return {
    id: 1,
    stackLevel: 1,
    chargingProfilePurpose: 'TxProfile',
    chargingProfileKind: 'Absolute',
    transactionId: 'tx-1',
    chargingSchedule: [
      {
        id: 1,
        startSchedule: iso(EVENING),
        chargingRateUnit: 'W',
        chargingSchedulePeriod: periods,
        ...(duration === undefined ? {} : { duration }),
      },
    ],
    ...changes,
  };
}

function txDefault(limit: number, changes: Partial<ChargingProfile> = {}): ChargingProfile {
  return {
    id: 100,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Relative',
    chargingSchedule: [{ id: 1, chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit }] }],
    ...changes,
  };
}

const setpoint = (startPeriod: number, watts: number): ChargingSchedulePeriod => ({
  startPeriod,
  operationMode: 'CentralSetpoint',
  setpoint: watts,
});

function bookOf(...profiles: [number, ChargingProfile][]) {
  const book = createProfileBook(ABILITIES);
  for (const [evseId, profile] of profiles) {
    expect(book.set({ evseId, profile }, TRANSACTION)).toEqual({ accepted: true });
  }
  const orderAt = (atMs: number, offlineSinceMs?: number) =>
    book.order({
      evseId: 1,
      atMs,
      transaction: TRANSACTION,
      ...(offlineSinceMs === undefined ? {} : { offlineSinceMs }),
    });
  return { book, orderAt };
}

describe('what is in force', () => {
  it('nothing: charging without limit, never discharging', () => {
    expect(bookOf().orderAt(EVENING)).toMatchObject({ askedKw: Infinity, operationMode: 'ChargingOnly' });
  });

  it('the period of the instant, and when the next begins', () => {
    const { orderAt } = bookOf([1, txProfile([setpoint(0, -5_000), setpoint(900, 7_000)])]);
    expect(orderAt(EVENING)).toMatchObject({ askedKw: -5, untilMs: EVENING + 15 * MINUTE, profileId: 1 });
    expect(orderAt(EVENING + 15 * MINUTE)).toMatchObject({ askedKw: 7, untilMs: Infinity });
  });

  it('the TxProfile before the default, and the default when it ends', () => {
    const { orderAt } = bookOf([1, txDefault(7_000)], [1, txProfile([setpoint(0, -5_000)], {}, 1800)]);
    expect(orderAt(EVENING + 29 * MINUTE).askedKw).toBe(-5);
    expect(orderAt(EVENING + 30 * MINUTE).askedKw).toBe(7);
  });

  it('a profile only from validFrom and until validTo', () => {
    const validity = { validFrom: iso(EVENING + HOUR), validTo: iso(EVENING + 2 * HOUR) };
    const { orderAt } = bookOf([1, txDefault(7_000)], [1, txProfile([setpoint(0, -5_000)], validity)]);
    expect(orderAt(EVENING)).toMatchObject({ askedKw: 7, untilMs: EVENING + HOUR });
    expect(orderAt(EVENING + HOUR)).toMatchObject({ askedKw: -5, untilMs: EVENING + 2 * HOUR });
    expect(orderAt(EVENING + 2 * HOUR).askedKw).toBe(7);
  });

  it('the highest stack level of a purpose', () => {
    const { orderAt } = bookOf(
      [1, txProfile([setpoint(0, -5_000)])],
      [1, txProfile([setpoint(0, 3_000)], { id: 2, stackLevel: 3 }, 600)],
    );
    expect(orderAt(EVENING).askedKw).toBe(3);
    expect(orderAt(EVENING + 10 * MINUTE).askedKw).toBe(-5);
  });

  it('a ChargingStationMaxProfile as a cap on charging, shared by the EVSEs', () => {
    const max = txDefault(10_000, { chargingProfilePurpose: 'ChargingStationMaxProfile', id: 7 });
    const absolute = {
      ...max,
      chargingProfileKind: 'Absolute' as const,
      chargingSchedule: [{ ...max.chargingSchedule[0]!, startSchedule: iso(EVENING) }],
    };
    const { orderAt } = bookOf([0, absolute], [1, txProfile([setpoint(0, 8_000), setpoint(900, -8_000)])]);
    expect(orderAt(EVENING).askedKw).toBe(5);
    expect(orderAt(EVENING + 15 * MINUTE).askedKw).toBe(-8);
  });

  it('setpoints within the limits beside them', () => {
    const { orderAt } = bookOf([
      1,
      txProfile([
        { ...setpoint(0, 9_000), limit: 6_000 },
        { ...setpoint(60, -9_000), dischargeLimit: -4_000 },
        { startPeriod: 120, operationMode: 'Idle' },
      ]),
    ]);
    expect([0, 60, 120].map((s) => orderAt(EVENING + s * 1000).askedKw)).toEqual([6, -4, 0]);
  });

  it('the same id replaces (K01.FR.05)', () => {
    const { book, orderAt } = bookOf(
      [1, txProfile([setpoint(0, -5_000)])],
      [1, txProfile([setpoint(0, 2_000)])],
    );
    expect(book.profiles().length).toBe(1);
    expect(orderAt(EVENING).askedKw).toBe(2);
  });
});

describe('without a link', () => {
  it('a profile holds for maxOfflineDuration, and again when the link is back', () => {
    const { book, orderAt } = bookOf(
      [1, txDefault(7_000)],
      [1, txProfile([setpoint(0, -5_000)], { maxOfflineDuration: 600 })],
    );
    const broken = EVENING + HOUR;
    expect(orderAt(broken, broken)).toMatchObject({ askedKw: -5, untilMs: broken + 10 * MINUTE });
    expect(orderAt(broken + 10 * MINUTE, broken).askedKw).toBe(7);
    book.linkRestored(broken, broken + HOUR);
    expect(orderAt(broken + HOUR).askedKw).toBe(-5);
  });

  it('for good with invalidAfterOfflineDuration', () => {
    const { book, orderAt } = bookOf(
      [1, txDefault(7_000)],
      [1, txProfile([setpoint(0, -5_000)], { maxOfflineDuration: 600, invalidAfterOfflineDuration: true })],
    );
    book.linkRestored(EVENING, EVENING + 599_000);
    expect(orderAt(EVENING + HOUR).askedKw).toBe(-5);
    book.linkRestored(EVENING, EVENING + 600_000);
    expect(orderAt(EVENING + HOUR).askedKw).toBe(7);
  });
});

describe('clearing', () => {
  it('removes by id, and says Unknown for what is not there', () => {
    const { book, orderAt } = bookOf([1, txDefault(7_000)], [1, txProfile([setpoint(0, -5_000)])]);
    expect(book.clear({ chargingProfileId: 1 })).toBe('Accepted');
    expect(book.clear({ chargingProfileId: 1 })).toBe('Unknown');
    expect(orderAt(EVENING).askedKw).toBe(7);
  });

  it('removes what fits all criteria', () => {
    const { book } = bookOf([1, txDefault(7_000)], [1, txProfile([setpoint(0, -5_000)])]);
    const criteria = { evseId: 1, chargingProfilePurpose: 'TxProfile' as const };
    expect(book.clear({ chargingProfileCriteria: { ...criteria, stackLevel: 4 } })).toBe('Unknown');
    expect(book.clear({ chargingProfileCriteria: criteria })).toBe('Accepted');
    expect(book.profiles().map(({ profile }) => profile.id)).toEqual([100]);
  });

  it('a TxProfile dies with its transaction, the default lives on', () => {
    const { book } = bookOf([1, txDefault(7_000)], [1, txProfile([setpoint(0, -5_000)])]);
    book.transactionEnded('tx-1');
    expect(book.profiles().map(({ profile }) => profile.id)).toEqual([100]);
  });
});

describe('refusals name the reason', () => {
  const schedule = (changes: object) =>
    txProfile([], {
      chargingSchedule: [{ ...txProfile([setpoint(0, 0)]).chargingSchedule[0]!, ...changes }],
    });
  const limit = { startPeriod: 0, limit: 7_000 };
  const refused: [string, string, ChargingProfile, ProfileTransaction | undefined, number?][] = [
    [
      'K15.FR.17: before the needs',
      'InvalidMessageSeq',
      txProfile([limit]),
      { ...TRANSACTION, needsPending: true },
    ],
    ['no transaction', 'TxNotFound', txProfile([limit]), undefined],
    ['another transaction', 'TxNotFound', txProfile([limit], { transactionId: 'tx-2' }), TRANSACTION],
    ['an EVSE that is not there', 'InvalidValue', txProfile([limit]), TRANSACTION, 3],
    ['a TxProfile for EVSE 0', 'InvalidValue', txProfile([limit]), TRANSACTION, 0],
    ['a stack level too high', 'InvalidStackLevel', txProfile([limit], { stackLevel: 6 }), TRANSACTION],
    [
      'an unknown purpose',
      'UnsupportedPurpose',
      txProfile([limit], { chargingProfilePurpose: 'LocalGeneration' }),
      TRANSACTION,
    ],
    [
      'a Dynamic profile',
      'UnsupportedKind',
      txProfile([limit], { chargingProfileKind: 'Dynamic' }),
      TRANSACTION,
    ],
    ['dynUpdateInterval', 'InvalidProfile', txProfile([limit], { dynUpdateInterval: 60 }), TRANSACTION],
    [
      'validTo before validFrom',
      'InvalidProfile',
      txProfile([limit], { validFrom: iso(EVENING), validTo: iso(EVENING) }),
      TRANSACTION,
    ],
    ['amperes', 'UnsupportedRateUnit', schedule({ chargingRateUnit: 'A' }), TRANSACTION],
    [
      'Absolute without startSchedule',
      'InvalidSchedule',
      schedule({ startSchedule: undefined }),
      TRANSACTION,
    ],
    [
      'Relative with startSchedule',
      'InvalidSchedule',
      txProfile([limit], { chargingProfileKind: 'Relative' }),
      TRANSACTION,
    ],
    [
      'K01.FR.31: the first period must start at 0',
      'InvalidSchedule',
      txProfile([{ ...limit, startPeriod: 1 }]),
      TRANSACTION,
    ],
    ['periods that do not rise', 'InvalidSchedule', txProfile([limit, limit]), TRANSACTION],
    [
      'too many periods',
      'InvalidSchedule',
      txProfile([0, 1, 2, 3, 4].map((s) => setpoint(s, 0))),
      TRANSACTION,
    ],
    ['ChargingOnly without limit', 'InvalidSchedule', txProfile([{ startPeriod: 0 }]), TRANSACTION],
    [
      'Q02.FR.02: ChargingOnly with setpoint',
      'InvalidSchedule',
      txProfile([{ ...limit, setpoint: 1 }]),
      TRANSACTION,
    ],
    ['a negative limit', 'InvalidSchedule', txProfile([{ startPeriod: 0, limit: -5_000 }]), TRANSACTION],
    [
      'CentralSetpoint without setpoint',
      'InvalidSchedule',
      txProfile([{ startPeriod: 0, operationMode: 'CentralSetpoint' }]),
      TRANSACTION,
    ],
    ['Idle with limit', 'InvalidSchedule', txProfile([{ ...limit, operationMode: 'Idle' }]), TRANSACTION],
    [
      'K01.FR.115: an unsupported mode',
      'InvalidOperationMode',
      txProfile([{ startPeriod: 0, operationMode: 'LocalFrequency' }]),
      TRANSACTION,
    ],
  ];

  it.each(refused)('%s: %s', (_, reasonCode, profile, transaction, evseId = 1) => {
    const book = createProfileBook(ABILITIES);
    expect(book.set({ evseId, profile }, transaction)).toMatchObject({ accepted: false, reasonCode });
    expect(book.profiles()).toEqual([]);
  });

  it('a TxProfile without transactionId: MissingParam', () => {
    const { transactionId, ...profile } = txProfile([limit]);
    expect(transactionId).toBe('tx-1');
    const verdict = createProfileBook(ABILITIES).set({ evseId: 1, profile }, TRANSACTION);
    expect(verdict).toMatchObject({ reasonCode: 'MissingParam' });
  });

  it('K01.FR.39: a second TxProfile at one stack level', () => {
    const { book } = bookOf([1, txProfile([limit])]);
    const verdict = book.set({ evseId: 1, profile: txProfile([limit], { id: 2 }) }, TRANSACTION);
    expect(verdict).toMatchObject({ reasonCode: 'InvalidStackLevel' });
  });

  it('K01.FR.06 and .53: two defaults at one stack level whose times overlap', () => {
    const { book } = bookOf([1, txDefault(7_000, { validTo: iso(EVENING) })]);
    const again = txDefault(6_000, { id: 101 });
    expect(book.set({ evseId: 1, profile: again }, undefined)).toMatchObject({
      reasonCode: 'DuplicateProfile',
    });
    expect(book.set({ evseId: 0, profile: again }, undefined)).toMatchObject({
      reasonCode: 'DuplicateProfile',
    });
    const later = { ...again, validFrom: iso(EVENING) };
    expect(book.set({ evseId: 1, profile: later }, undefined)).toEqual({ accepted: true });
  });

  it('a station of the negative-limit kind discharges by a negative limit', () => {
    const book = createProfileBook({ ...ABILITIES, operationModes: ['ChargingOnly'], negativeLimits: true });
    const profile = txProfile([{ startPeriod: 0, limit: -5_000 }]);
    expect(book.set({ evseId: 1, profile }, TRANSACTION)).toEqual({ accepted: true });
    expect(book.order({ evseId: 1, atMs: EVENING, transaction: TRANSACTION }).askedKw).toBe(-5);
  });
});

describe('recurring profiles and rates in A', () => {
  const night = (changes: Partial<ChargingProfile> = {}): ChargingProfile => ({
    id: 7,
    stackLevel: 2,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Recurring',
    recurrencyKind: 'Daily',
    chargingSchedule: [
      {
        id: 1,
        startSchedule: iso(EVENING),
        duration: 6 * 3600,
        chargingRateUnit: 'W',
        chargingSchedulePeriod: [
          { startPeriod: 0, limit: 3000 },
          { startPeriod: 3600, limit: 9000 },
        ],
      },
    ],
    ...changes,
  });
  const askedOf = (profile: ChargingProfile) => {
    const book = createProfileBook({ ...ABILITIES, recurringProfiles: true });
    expect(book.set({ evseId: 1, profile }, TRANSACTION)).toEqual({ accepted: true });
    return (atMs: number) => book.order({ evseId: 1, atMs, transaction: TRANSACTION });
  };
  const DAY = 24 * HOUR;

  it('begin anew each day, hold for their duration, and say when that may change', () => {
    const at = askedOf(night());
    for (const day of [0, 1, 30]) {
      const start = EVENING + day * DAY;
      expect(at(start)).toMatchObject({ askedKw: 3, untilMs: start + HOUR });
      expect(at(start + HOUR)).toMatchObject({ askedKw: 9, untilMs: start + 6 * HOUR });
      expect(at(start + 6 * HOUR)).toMatchObject({ askedKw: Number.POSITIVE_INFINITY, untilMs: start + DAY });
    }
    expect(at(EVENING - MINUTE)).toMatchObject({ askedKw: Number.POSITIVE_INFINITY, untilMs: EVENING });
  });

  it('begin anew each week', () => {
    const at = askedOf(night({ recurrencyKind: 'Weekly' }));
    expect(at(EVENING + DAY)).toMatchObject({
      askedKw: Number.POSITIVE_INFINITY,
      untilMs: EVENING + 7 * DAY,
    });
    expect(at(EVENING + 14 * DAY)).toMatchObject({ askedKw: 3 });
  });

  it('are refused by a station without them, and without their recurrence', () => {
    const book = createProfileBook(ABILITIES);
    expect(book.set({ evseId: 1, profile: night() }, TRANSACTION)).toMatchObject({
      reasonCode: 'UnsupportedKind',
    });
    const { recurrencyKind: _, ...without } = night();
    const able = createProfileBook({ ...ABILITIES, recurringProfiles: true });
    expect(able.set({ evseId: 1, profile: without }, TRANSACTION)).toMatchObject({
      reasonCode: 'InvalidProfile',
    });
  });

  it.each([
    [3, undefined, 11.04],
    [3, 1, 3.68],
    [1, undefined, 3.68],
    [1, 1, 3.68],
  ] as const)('16 A at a supply of %d phases, %s said, are %d kW', (phases, numberPhases, kw) => {
    const book = createProfileBook({ ...ABILITIES, rateUnit: 'A', phases });
    const profile = txDefault(16);
    const [schedule] = profile.chargingSchedule;
    const period = { startPeriod: 0, limit: 16, ...(numberPhases === undefined ? {} : { numberPhases }) };
    const inAmperes = {
      ...profile,
      chargingSchedule: [{ ...schedule!, chargingRateUnit: 'A' as const, chargingSchedulePeriod: [period] }],
    };
    expect(book.set({ evseId: 1, profile: inAmperes }, TRANSACTION)).toEqual({ accepted: true });
    expect(book.order({ evseId: 1, atMs: EVENING, transaction: TRANSACTION }).askedKw).toBeCloseTo(kw, 12);
    expect(book.set({ evseId: 1, profile: txDefault(3680) }, TRANSACTION)).toMatchObject({
      reasonCode: 'UnsupportedRateUnit',
    });
  });

  it('a number of phases is refused where the supply is DC', () => {
    const book = createProfileBook({ ...ABILITIES, phases: 0 });
    const profile = txProfile([{ ...setpoint(0, 5000), numberPhases: 3 }]);
    expect(book.set({ evseId: 1, profile }, TRANSACTION)).toMatchObject({ reasonCode: 'NoPhaseForDC' });
  });
});
