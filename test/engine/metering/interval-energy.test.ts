import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/domain/reading.js';
import { EMPTY_BOOKS, exportWhOf, importWhOf } from '../../../src/engine/metering/books.js';
import {
  countedIntervalWh,
  outranksIntervals,
  withoutOutrankedIntervals,
} from '../../../src/engine/metering/interval-energy.js';
import { rebuildBooks } from '../../../src/engine/metering/intervals.js';
import { EVSE, readingAt, TRANSACTION } from '../../support/engine/fixtures.js';

const OWNER = { transactionId: TRANSACTION, evseId: EVSE };
const interval = (minutes: number, importIntervalWh: number, changes: Partial<Reading> = {}) =>
  readingAt(minutes, { importIntervalWh, ...changes });

describe('energies per interval', () => {
  it('count where no standing is known, each instant once', () => {
    expect(countedIntervalWh(EMPTY_BOOKS, interval(5, 800), 'import')).toBe(800);
    expect(countedIntervalWh(EMPTY_BOOKS, interval(5, 800), 'export')).toBe(0);
    const books = { ...EMPTY_BOOKS, importIntervalsToMs: readingAt(5).atMs };
    expect(countedIntervalWh(books, interval(5, 800), 'import')).toBe(0);
    expect(countedIntervalWh(books, interval(6, 90), 'import')).toBe(90);
  });

  it('count nothing beside a standing, at the begin, when clock-aligned, or beyond what an EVSE can draw', () => {
    const known = { ...EMPTY_BOOKS, importBeginWh: 10, importLastWh: 20 };
    expect(countedIntervalWh(known, interval(5, 800), 'import')).toBe(0);
    expect(countedIntervalWh(EMPTY_BOOKS, interval(5, 800, { importRegisterWh: 1 }), 'import')).toBe(0);
    expect(countedIntervalWh(EMPTY_BOOKS, interval(5, 800, { context: 'begin' }), 'import')).toBe(0);
    expect(countedIntervalWh(EMPTY_BOOKS, interval(5, 800, { context: 'clock' }), 'import')).toBe(0);
    expect(countedIntervalWh(EMPTY_BOOKS, interval(5, 9e9), 'import')).toBe(0);
  });

  it('give way to the first standing of their direction', () => {
    const books = { ...EMPTY_BOOKS, importIntervalsToMs: readingAt(5).atMs };
    expect(outranksIntervals(books, readingAt(6, { importRegisterWh: 100 }))).toBe(true);
    expect(outranksIntervals(books, readingAt(6, { exportRegisterWh: 100 }))).toBe(false);
    const readings = [
      interval(1, 5, { exportIntervalWh: 7 }),
      readingAt(2, { exportRegisterWh: 30, exportIntervalWh: 9 }),
    ];
    expect(withoutOutrankedIntervals(readings)).toEqual([
      interval(1, 5),
      readingAt(2, { exportRegisterWh: 30 }),
    ]);
  });

  it('and standings, mixed in any order and repeated, count each Wh once', () => {
    const steps = fc.array(fc.tuple(fc.nat(900), fc.nat(900)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(steps, fc.boolean(), fc.integer(), (energies, hasImportRegister, order) => {
        let importRegisterWh = 5_000;
        const readings = energies.map(([importIntervalWh, exportIntervalWh], index) => {
          importRegisterWh += importIntervalWh;
          return readingAt(index * 5 + 5, {
            importIntervalWh,
            exportIntervalWh,
            ...(hasImportRegister ? { importRegisterWh } : {}),
          });
        });
        const begin = readingAt(0, {
          context: 'begin',
          ...(hasImportRegister ? { importRegisterWh: 5_000 } : {}),
        });
        const all = [begin, ...readings, ...readings];
        const shuffled = all.map((reading, index) => ({ reading, key: (index * 7919 + order) % 101 }));
        shuffled.sort((a, b) => a.key - b.key);
        const { books } = rebuildBooks(
          OWNER,
          shuffled.map(({ reading }) => reading),
        );
        expect(importWhOf(books)).toBe(energies.reduce((sum, [wh]) => sum + wh, 0));
        expect(exportWhOf(books)).toBe(energies.reduce((sum, [, wh]) => sum + wh, 0));
      }),
      { seed: 9 },
    );
  });
});
