import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionBooks } from '../../../src/domain/session.js';
import {
  EMPTY_BOOKS,
  enterReading,
  exportWhOf,
  importWhOf,
  meteredPowerKw,
} from '../../../src/engine/metering/books.js';
import { readingAt } from '../../support/engine/fixtures.js';

const enterAll = (...readings: Parameters<typeof enterReading>[1][]): SessionBooks =>
  readings.reduce((books, reading) => enterReading(books, reading).books, EMPTY_BOOKS);

describe('the meter books of a session', () => {
  it('count from the first register, not from zero', () => {
    const books = enterAll(
      readingAt(0, { importRegisterWh: 812_345, exportRegisterWh: 4_000 }),
      readingAt(15, { importRegisterWh: 815_095, exportRegisterWh: 4_000 }),
    );
    expect(importWhOf(books)).toBe(2_750);
    expect(exportWhOf(books)).toBe(0);
  });

  it('keep import and export apart: 3 kWh in and 3 kWh out are not nothing', () => {
    const books = enterAll(
      readingAt(0, { importRegisterWh: 0, exportRegisterWh: 0 }),
      readingAt(30, { importRegisterWh: 3_000, exportRegisterWh: 0 }),
      readingAt(60, { importRegisterWh: 3_000, exportRegisterWh: 3_000 }),
    );
    expect([importWhOf(books), exportWhOf(books)]).toEqual([3_000, 3_000]);
  });

  it('start a new run when a register goes back, keep what was metered and invent nothing', () => {
    const before = enterAll(
      readingAt(0, { importRegisterWh: 9_000 }),
      readingAt(10, { importRegisterWh: 9_400 }),
    );
    const entry = enterReading(before, readingAt(20, { importRegisterWh: 100 }));
    expect(entry.flags).toEqual(['register-went-back']);
    expect(entry.importWh).toBe(0);
    const after = enterReading(entry.books, readingAt(30, { importRegisterWh: 350 }));
    expect(importWhOf(after.books)).toBe(400 + 250);
  });

  it('take the mean power from the registers when the station sends no power', () => {
    const entry = enterReading(
      enterAll(readingAt(0, { importRegisterWh: 0, exportRegisterWh: 0 })),
      readingAt(6, { importRegisterWh: 0, exportRegisterWh: 1_000 }),
    );
    // 1 kWh in a tenth of an hour.
    expect(entry.books.exportKw).toBeCloseTo(10, 9);
    expect(entry.books.importKw).toBe(0);
  });

  it('believe a stated power, and take the other direction as zero', () => {
    const books = enterAll(readingAt(0, { importKw: 7 }), readingAt(1, { exportKw: 4 }));
    expect([books.importKw, books.exportKw]).toEqual([0, 4]);
  });

  it('keep the last power and registers when a reading holds a state of charge only', () => {
    const books = enterAll(
      readingAt(0, { importRegisterWh: 500, importKw: 7 }),
      readingAt(1, { socFraction: 0.4 }),
    );
    expect(books).toMatchObject({ importKw: 7, importLastWh: 500, socFraction: 0.4 });
    expect(books.lastReadingMs).toBe(readingAt(0).atMs);
  });

  it('pass on that import and export contradict each other', () => {
    const { flags } = enterReading(
      EMPTY_BOOKS,
      readingAt(0, { importKw: 3, remarks: ['import-and-export-contradict'] }),
    );
    expect(flags).toEqual(['import-and-export-contradict']);
  });

  it('add up to the register runs, whatever the registers do', () => {
    const register = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(register, register), { minLength: 1, maxLength: 40 }), (standings) => {
        let books = EMPTY_BOOKS;
        let importWh = 0;
        let exportWh = 0;
        standings.forEach(([importRegisterWh, exportRegisterWh], minute) => {
          const entry = enterReading(books, readingAt(minute, { importRegisterWh, exportRegisterWh }));
          expect(entry.importWh).toBeGreaterThanOrEqual(0);
          expect(entry.exportWh).toBeGreaterThanOrEqual(0);
          importWh += entry.importWh;
          exportWh += entry.exportWh;
          books = entry.books;
        });
        expect(importWhOf(books)).toBe(importWh);
        expect(exportWhOf(books)).toBe(exportWh);
      }),
    );
  });

  it('does not count a rise that no EVSE can draw, and goes on from there', () => {
    const reading = (minute: number, importRegisterWh: number) => ({
      atMs: minute * 60_000,
      context: 'periodic' as const,
      importRegisterWh,
    });
    let books = enterReading(EMPTY_BOOKS, reading(0, 1000)).books;
    books = enterReading(books, reading(1, 1100)).books;
    const jump = enterReading(books, reading(2, 1e9));
    expect(jump.flags).toEqual(['register-jumped']);
    expect(importWhOf(jump.books)).toBe(100);
    expect(importWhOf(enterReading(jump.books, reading(3, 1e9 + 50)).books)).toBe(150);
  });
});

it('power is the stated one, else the mean since the reading before, else the last known', () => {
  const books = { importKw: 3, exportKw: 1 };
  const since = { importWh: 500, exportWh: 0, hours: 0.1 };
  expect(meteredPowerKw(books, { exportKw: 4 }, since)).toEqual({ importKw: 0, exportKw: 4 });
  expect(meteredPowerKw(books, {}, since)).toEqual({ importKw: 5, exportKw: 0 });
  expect(meteredPowerKw(books, {}, { ...since, hours: undefined })).toEqual(books);
});
