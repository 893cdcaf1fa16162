import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IntervalEnergy, Reading } from '../../../src/domain/reading.js';
import { EMPTY_BOOKS, exportWhOf, importWhOf } from '../../../src/engine/metering/books.js';
import { orderOfInstant, rebuildBooks, spreadEntry } from '../../../src/engine/metering/intervals.js';
import { EVSE, MINUTE_MS, NOON_MS, readingAt, TRANSACTION } from '../../support/engine/fixtures.js';

const OWNER = { transactionId: TRANSACTION, evseId: EVSE };
const sumOf = (intervals: readonly IntervalEnergy[], part: 'importWh' | 'exportWh') =>
  intervals.reduce((sum, interval) => sum + interval[part], 0);
const entryOf = (sinceMinutes: number, minutes: number, importWh: number, exportWh = 0) => ({
  books: EMPTY_BOOKS,
  importWh,
  exportWh,
  sinceMs: NOON_MS + sinceMinutes * MINUTE_MS,
  atMs: NOON_MS + minutes * MINUTE_MS,
  flags: [],
});

/** Readings of a meter that only rises, in time order, some at the same instant. */
const risingReadings = fc
  .array(
    fc.record({
      minutes: fc.integer({ min: 0, max: 30 }),
      importWh: fc.integer({ min: 0, max: 900 }),
      exportWh: fc.integer({ min: 0, max: 900 }),
      hasExport: fc.boolean(),
      socFraction: fc.option(fc.constantFrom(0.25, 0.5), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((steps) => {
    let minutes = 0;
    let importRegisterWh = 5_000;
    let exportRegisterWh = 70;
    return steps.map((step): Reading => {
      minutes += step.minutes;
      importRegisterWh += step.importWh;
      exportRegisterWh += step.exportWh;
      return readingAt(minutes, {
        importRegisterWh,
        ...(step.hasExport ? { exportRegisterWh } : {}),
        ...(step.socFraction === undefined ? {} : { socFraction: step.socFraction }),
      });
    });
  });

describe('interval books', () => {
  it('spread the energy between two readings evenly over the five-minute intervals it covers', () => {
    // 12:03 to 12:13, 1000 Wh: 2, 5 and 3 minutes of 10.
    const parts = spreadEntry(OWNER, entryOf(3, 13, 1_000, 500));
    expect(parts.map((part) => (part.startMs - NOON_MS) / MINUTE_MS)).toEqual([0, 5, 10]);
    expect(parts.map((part) => part.importWh)).toEqual([200, 500, 300]);
    expect(parts.map((part) => part.exportWh)).toEqual([100, 250, 150]);
  });

  it('put the energy of one instant into the interval of that instant', () => {
    expect(spreadEntry(OWNER, entryOf(7, 7, 40))).toEqual([
      { ...OWNER, startMs: NOON_MS + 5 * MINUTE_MS, importWh: 40, exportWh: 0 },
    ]);
  });

  it('leave no empty interval behind a reading on the edge', () => {
    const parts = spreadEntry(OWNER, entryOf(0, 5, 10));
    expect(parts).toHaveLength(1);
  });

  it('have parts that add up to the whole and are never negative', () => {
    const wh = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 300_000 }),
        fc.integer({ min: 0, max: 9e6 }),
        wh,
        wh,
        (since, span, importWh, exportWh) => {
          const entry = {
            ...entryOf(0, 0, importWh, exportWh),
            sinceMs: NOON_MS + since,
            atMs: NOON_MS + since + span,
          };
          const parts = spreadEntry(OWNER, entry);
          expect(sumOf(parts, 'importWh')).toBeCloseTo(importWh, 6);
          expect(sumOf(parts, 'exportWh')).toBeCloseTo(exportWh, 6);
          for (const part of parts) {
            expect(part.importWh).toBeGreaterThanOrEqual(0);
            expect(part.exportWh).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });

  it('stay few when a station that woke in 1970 learns the time: the energy is spread over a month at most', () => {
    const parts = spreadEntry(OWNER, { ...entryOf(0, 0, 9_000), sinceMs: 0, atMs: NOON_MS });
    expect(parts.length).toBeLessThanOrEqual(31 * 288 + 1);
    expect(sumOf(parts, 'importWh')).toBeCloseTo(9_000, 6);
    expect(parts.at(-1)?.startMs).toBe(NOON_MS - 5 * MINUTE_MS);
  });
});

describe('books rebuilt from all readings', () => {
  it('are the same for any order in which the readings came', () => {
    fc.assert(
      fc.property(
        risingReadings.chain((readings) =>
          fc.tuple(fc.constant(readings), fc.shuffledSubarray(readings, { minLength: readings.length })),
        ),
        ([readings, shuffled]) => {
          expect(rebuildBooks(OWNER, shuffled)).toEqual(rebuildBooks(OWNER, readings));
        },
      ),
    );
  });

  it('count repeated readings once', () => {
    fc.assert(
      fc.property(
        risingReadings.chain((readings) => fc.tuple(fc.constant(readings), fc.subarray(readings))),
        ([readings, repeated]) => {
          expect(rebuildBooks(OWNER, [...readings, ...repeated])).toEqual(rebuildBooks(OWNER, readings));
        },
      ),
    );
  });

  it('have intervals that add up to the registers', () => {
    fc.assert(
      fc.property(risingReadings, (readings) => {
        const { books, intervals, flags } = rebuildBooks(OWNER, readings);
        expect(flags).toEqual([]);
        expect(sumOf(intervals, 'importWh')).toBeCloseTo(importWhOf(books), 6);
        expect(sumOf(intervals, 'exportWh')).toBeCloseTo(exportWhOf(books), 6);
      }),
    );
  });

  it('lose nothing of two readings of one instant that say different things', () => {
    const { books } = rebuildBooks(OWNER, [
      readingAt(0, { importRegisterWh: 100 }),
      readingAt(1, { importKw: 6 }),
      readingAt(1, { socFraction: 0.5 }),
    ]);
    expect(books).toMatchObject({ importKw: 6, socFraction: 0.5 });
  });

  it('take the lower standing of one instant as the earlier: no register went back', () => {
    const { books, flags } = rebuildBooks(OWNER, [
      readingAt(0, { importRegisterWh: 100 }),
      readingAt(1, { importRegisterWh: 130 }),
      readingAt(1, { importRegisterWh: 120 }),
    ]);
    expect(importWhOf(books)).toBe(30);
    expect(flags).toEqual([]);
  });
});

it('readings of one instant are ordered by their standings, those of a new run last', () => {
  const of = (importRegisterWh: number) => readingAt(1, { importRegisterWh });
  const books = { ...EMPTY_BOOKS, importBeginWh: 100, importLastWh: 120 };
  expect(orderOfInstant([of(150), of(5), of(130)], books)).toEqual([of(130), of(150), of(5)]);
});
