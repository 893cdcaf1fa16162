import { describe, expect, it } from 'vitest';
import { EMPTY_BOOKS } from '../../../src/engine/metering/books.js';
import { storedNowKwh } from '../../../src/engine/planning/stored-energy.js';
import { answerNeeds, takeNeeds } from '../../../src/engine/sessions/needs.js';
import { HOUR_MS, MINUTE_MS, NOON_MS, needsOf, profileOf, sessionOf } from '../../support/engine/fixtures.js';

const EFFICIENCY = { chargeEfficiency: 1, dischargeEfficiency: 1 };
const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;

describe('needs', () => {
  it('that are newer replace the older, whichever arrive last', () => {
    const older = needsOf({ statedAtMs: at(5), targetEnergyKwh: 3 });
    const newer = needsOf({ statedAtMs: at(6), targetEnergyKwh: 9 });
    const { needs: _n, window: _w, ...bare } = sessionOf();
    for (const [first, second] of [
      [older, newer],
      [newer, older],
    ] as const) {
      expect(takeNeeds(takeNeeds(bare, first), second).needs).toBe(newer);
    }
  });

  it('that are repeated with the same time take effect: the later word counts', () => {
    const again = needsOf({ targetEnergyKwh: 1 });
    expect(takeNeeds(sessionOf(), again).needs).toBe(again);
  });

  it('count energies from the books as they stand', () => {
    const session = sessionOf({
      books: {
        ...EMPTY_BOOKS,
        importBeginWh: 0,
        importLastWh: 700,
        exportBeginWh: 0,
        exportLastWh: 90,
        lastReadingMs: at(10),
      },
    });
    const taken = takeNeeds(session, needsOf({ statedAtMs: at(10) }));
    expect([taken.needsImportWh, taken.needsExportWh]).toEqual([700, 90]);
  });

  it('stated between two readings do not count energy twice that the meter reports later', () => {
    // 12 kW since noon; last reading at 12:00, needs at 12:10, next reading at 12:15.
    const charging = profileOf([{ startMs: NOON_MS, powerKw: 12 }]);
    const before = sessionOf({
      books: { ...EMPTY_BOOKS, importBeginWh: 0, importLastWh: 0, lastReadingMs: NOON_MS, importKw: 12 },
    });
    const taken = takeNeeds(before, needsOf({ statedAtMs: at(10), receivedAtMs: at(10) }));
    expect(storedNowKwh(taken, charging, at(10), EFFICIENCY)).toBeCloseTo(20, 9);
    expect(storedNowKwh(taken, charging, at(12), EFFICIENCY)).toBeCloseTo(20.4, 9);
    const metered = { ...taken, books: { ...taken.books, importLastWh: 3_000, lastReadingMs: at(15) } };
    expect(storedNowKwh(metered, charging, at(15), EFFICIENCY)).toBeCloseTo(21, 9);
  });

  it('stated by a clock that runs ahead count from when they were heard', () => {
    const charging = sessionOf({
      books: { ...EMPTY_BOOKS, importBeginWh: 0, importLastWh: 0, lastReadingMs: at(0), importKw: 12 },
    });
    const taken = takeNeeds(charging, needsOf({ statedAtMs: at(14), receivedAtMs: at(5) }));
    expect(taken.needsImportWh).toBeCloseTo(1_000, 9);
  });

  it('take no state of charge from an old reading', () => {
    const old = sessionOf({ books: { ...EMPTY_BOOKS, socFraction: 0.3, lastReadingMs: at(0) } });
    expect(takeNeeds(old, needsOf({ statedAtMs: at(10), receivedAtMs: at(10) })).window).not.toHaveProperty(
      'socFractionAtStated',
    );
    expect(takeNeeds(old, needsOf({ statedAtMs: at(1), receivedAtMs: at(1) })).window).toMatchObject({
      socFractionAtStated: 0.3,
    });
  });
});

describe('the answer to needs', () => {
  it('is Accepted when there is a departure to come', () => {
    expect(answerNeeds(needsOf(), NOON_MS)).toEqual({ status: 'Accepted' });
  });

  it('is NoChargingProfile without a departure or with one that has passed', () => {
    const { departureMs: _, ...open } = needsOf();
    expect(answerNeeds(open, NOON_MS)).toMatchObject({
      status: 'NoChargingProfile',
      reasonCode: 'MissingParam',
    });
    expect(answerNeeds(needsOf({ departureMs: NOON_MS }), NOON_MS)).toMatchObject({
      status: 'NoChargingProfile',
      reasonCode: 'InvalidValue',
    });
  });
});

describe('stored energy now', () => {
  const session = sessionOf({
    books: { ...EMPTY_BOOKS, importBeginWh: 0, importLastWh: 4_000, lastReadingMs: at(60) },
  });

  it('follows the profile in force since the last reading, each period for its time', () => {
    const profile = profileOf([
      { startMs: NOON_MS, powerKw: 6 },
      { startMs: at(65), powerKw: -12 },
    ]);
    // 20 + 4 + 6 × 5/60 − 12 × 5/60.
    expect(storedNowKwh(session, profile, at(70), EFFICIENCY)).toBeCloseTo(23.5, 9);
  });

  it('assumes nothing beyond a quarter of an hour, beyond the validity, or from another transaction’s profile', () => {
    const profile = profileOf([{ startMs: NOON_MS, powerKw: 8 }]);
    expect(storedNowKwh(session, profile, at(60) + 5 * HOUR_MS, EFFICIENCY)).toBeCloseTo(26, 9);
    expect(storedNowKwh(session, { ...profile, validToMs: at(63) }, at(70), EFFICIENCY)).toBeCloseTo(24.4, 9);
    expect(
      storedNowKwh(session, { ...profile, transactionId: 'other' as never }, at(70), EFFICIENCY),
    ).toBeCloseTo(24, 9);
  });
});
