import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asSiteId, asTransactionId } from '../../../src/domain/ids.js';
import type { IntervalEnergy } from '../../../src/domain/reading.js';
import { priceAt } from '../../../src/engine/planning/price-horizon.js';
import { settlementLines as linesAt } from '../../../src/engine/settlement/settlement-lines.js';
import type { PriceSlot } from '../../../src/ports/store.js';
import { EVSE, MINUTE_MS, NOON_MS, sessionOf, TRANSACTION } from '../../support/engine/fixtures.js';

const book = (
  minutes: number,
  importWh: number,
  exportWh: number,
  transactionId = TRANSACTION,
): IntervalEnergy => ({
  transactionId,
  evseId: EVSE,
  startMs: NOON_MS + minutes * MINUTE_MS,
  importWh,
  exportWh,
});
const price = (
  minutes: number,
  slotMinutes: number,
  importPerKwh: number,
  exportPerKwh: number,
): PriceSlot => ({
  kind: 'day-ahead',
  zone: 'DE-LU',
  currency: 'EUR',
  startMs: NOON_MS + minutes * MINUTE_MS,
  slotMinutes,
  importPerKwh,
  exportPerKwh,
  knownAtMs: NOON_MS,
});
const SESSIONS = new Map([[TRANSACTION, sessionOf({ state: 'ended', siteId: asSiteId('site-1') })]]);

/** Lines at the market's prices, the same at every site. */
const settlementLines = (
  books: Parameters<typeof linesAt>[0],
  sessions: Parameters<typeof linesAt>[1],
  prices: readonly PriceSlot[],
) => linesAt(books, sessions, (_site, atMs) => priceAt(prices, atMs));

describe('settlement lines', () => {
  it('hold a quarter-hour of one session, import and export, cost and credit apart', () => {
    const lines = settlementLines([book(0, 500, 0), book(5, 500, 200), book(10, 0, 800)], SESSIONS, [
      price(0, 15, 0.3, 0.1),
    ]);
    expect(lines).toEqual([
      {
        transactionId: TRANSACTION,
        evseId: EVSE,
        siteId: 'site-1',
        startMs: NOON_MS,
        intervalMinutes: 15,
        importKwh: 1,
        exportKwh: 1,
        cost: expect.closeTo(0.3, 12),
        credit: expect.closeTo(0.1, 12),
        currency: 'EUR',
        provisional: false,
      },
    ]);
  });

  it('price each interval book at its own price where the price changes inside the line', () => {
    const [line] = settlementLines([book(0, 1_000, 0), book(5, 1_000, 0), book(10, 1_000, 0)], SESSIONS, [
      price(0, 5, 0.1, 0),
      price(5, 60, 0.4, 0),
    ]);
    expect(line?.cost).toBeCloseTo(0.1 + 0.4 + 0.4, 12);
  });

  it('have no money, not zero money, when a price is unknown for any of their energy', () => {
    const [line] = settlementLines([book(0, 1_000, 0), book(5, 1_000, 0)], SESSIONS, [price(0, 5, 0.1, 0)]);
    expect(line).toMatchObject({ importKwh: 2, cost: null, credit: null });
    expect(settlementLines([book(0, 1, 0)], SESSIONS, [])[0]).toMatchObject({
      cost: null,
      credit: null,
      currency: null,
    });
  });

  it('are provisional until the session has ended', () => {
    const running = new Map([[TRANSACTION, sessionOf()]]);
    expect(settlementLines([book(0, 1, 0)], running, [])[0]?.provisional).toBe(true);
  });

  it('let a negative price earn on import and cost on export', () => {
    const [line] = settlementLines([book(0, 1_000, 1_000)], SESSIONS, [price(0, 15, -0.2, -0.2)]);
    expect(line).toMatchObject({ cost: -0.2, credit: -0.2 });
  });

  it('add up to the books and to the money of every book, in whatever order the books come', () => {
    const books = fc.array(
      fc.record({
        minutes: fc.integer({ min: 0, max: 47 }),
        importWh: fc.integer({ min: 0, max: 9_000 }),
        exportWh: fc.integer({ min: 0, max: 9_000 }),
        car: fc.constantFrom('a', 'b'),
      }),
      { minLength: 1, maxLength: 60 },
    );
    const prices = Array.from({ length: 16 }, (_, quarter) =>
      price(quarter * 15, 15, 0.1 + quarter / 50, quarter / 80),
    );
    fc.assert(
      fc.property(books, (drawn) => {
        const intervals = drawn.map(({ minutes, importWh, exportWh, car }) =>
          book(minutes * 5, importWh, exportWh, asTransactionId(car)),
        );
        const lines = settlementLines(intervals, SESSIONS, prices);
        const total = (part: 'importKwh' | 'exportKwh' | 'cost' | 'credit') =>
          lines.reduce((sum, line) => sum + (line[part] ?? Number.NaN), 0);
        let cost = 0;
        let credit = 0;
        for (const { startMs, importWh, exportWh } of intervals) {
          const at = prices[Math.floor((startMs - NOON_MS) / (15 * MINUTE_MS))]!;
          cost += (importWh / 1000) * at.importPerKwh;
          credit += (exportWh / 1000) * at.exportPerKwh;
        }
        expect(total('importKwh')).toBeCloseTo(
          intervals.reduce((sum, one) => sum + one.importWh, 0) / 1000,
          9,
        );
        expect(total('exportKwh')).toBeCloseTo(
          intervals.reduce((sum, one) => sum + one.exportWh, 0) / 1000,
          9,
        );
        expect(total('cost')).toBeCloseTo(cost, 9);
        expect(total('credit')).toBeCloseTo(credit, 9);
        expect(settlementLines([...intervals].reverse(), SESSIONS, prices).length).toBe(lines.length);
      }),
    );
  });
});
