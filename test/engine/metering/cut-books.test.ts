import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/domain/reading.js';
import { cutBook } from '../../../src/engine/metering/cut-books.js';
import { rebuildBooks } from '../../../src/engine/metering/intervals.js';
import { EVSE, MINUTE_MS, NOON_MS, readingAt, TRANSACTION } from '../../support/engine/fixtures.js';

const OWNER = { transactionId: TRANSACTION, evseId: EVSE };
const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;
const book = (importWh: number, exportWh = 0) => ({ ...OWNER, startMs: NOON_MS, importWh, exportWh });
const register = (minutes: number, importRegisterWh: number, exportRegisterWh = 0): Reading =>
  readingAt(minutes, { importRegisterWh, exportRegisterWh });

describe('an interval book cut at an edge', () => {
  it('is parted by what the meter read there', () => {
    const readings = [register(0, 0), register(2, 100), register(5, 700, 0)];
    const parts = cutBook(book(700), [at(2)], readings);
    expect(parts.map(({ startMs, endMs, importWh }) => [startMs, endMs, importWh])).toEqual([
      [at(0), at(2), 100],
      [at(2), at(5), 600],
    ]);
  });

  it('counts power as even between two readings when none lies at the edge', () => {
    const readings = [register(-1, 0), register(1, 200), register(4, 500), register(6, 700)];
    const [, second] = cutBook(book(500), [at(2)], readings);
    expect(second?.importWh).toBeCloseTo(300, 9);
  });

  it('is parted by time alone when no reading tells', () => {
    expect(cutBook(book(500), [at(1)], []).map(({ importWh }) => importWh)).toEqual([100, 400]);
  });

  it('stays as it is without an edge', () => {
    expect(cutBook(book(500), [], [])).toEqual([{ ...book(500), endMs: at(5) }]);
  });

  it('has parts that add up to it, whatever was read and wherever it is cut', () => {
    const rises = fc.array(
      fc.record({
        minutes: fc.double({ min: 0.05, max: 3, noNaN: true }),
        importWh: fc.nat(1000),
        exportWh: fc.nat(1000),
      }),
      { minLength: 2, maxLength: 12 },
    );
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 299 }), { maxLength: 3 });
    void fc.assert(
      fc.property(rises, cuts, (steps, seconds) => {
        let [minutes, importWh, exportWh] = [-2, 0, 0];
        const readings = steps.map((step) => {
          minutes += step.minutes;
          importWh += step.importWh;
          exportWh += step.exportWh;
          return register(minutes, importWh, exportWh);
        });
        const found = rebuildBooks(OWNER, readings).intervals.find(({ startMs }) => startMs === NOON_MS);
        if (found === undefined) return;
        const edges = seconds.map((second) => NOON_MS + second * 1000).sort((a, b) => a - b);
        const parts = cutBook(found, edges, readings);
        expect(parts).toHaveLength(edges.length + 1);
        expect(parts.reduce((sum, part) => sum + part.importWh, 0)).toBeCloseTo(found.importWh, 6);
        expect(parts.reduce((sum, part) => sum + part.exportWh, 0)).toBeCloseTo(found.exportWh, 6);
        for (const part of parts) expect(part.importWh).toBeGreaterThanOrEqual(-1e-9);
      }),
    );
  });
});
