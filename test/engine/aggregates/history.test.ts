import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { historyOf } from '../../../src/engine/aggregates/history.js';
import { EVSE, MINUTE_MS, NOON_MS, TRANSACTION } from '../../support/engine/fixtures.js';

const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;
const book = (minutes: number, importWh: number, exportWh = 0) => ({
  transactionId: TRANSACTION,
  evseId: EVSE,
  startMs: at(minutes),
  importWh,
  exportWh,
});
const NOTHING = { planned: [], prices: [] };

describe('the history of the fleet', () => {
  it('is the metered energy of each step as mean power, import and export apart', () => {
    const steps = historyOf({
      ...NOTHING,
      fromMs: at(0),
      toMs: at(30),
      stepMs: 15 * MINUTE_MS,
      intervals: [book(0, 600), book(10, 400, 250), book(15, 0, 1_000)],
    });
    expect(steps).toMatchObject([
      { startMs: at(0), importKwh: 1, importKw: 4, exportKwh: 0.25, exportKw: 1 },
      { startMs: at(15), importKwh: 0, exportKwh: 1, exportKw: 4, plannedNetKw: null, importPerKwh: null },
    ]);
  });

  it('shares a book that straddles two steps, and cuts what lies outside', () => {
    const steps = historyOf({
      ...NOTHING,
      fromMs: at(1),
      toMs: at(7),
      stepMs: 3 * MINUTE_MS,
      intervals: [book(0, 500), book(5, 500)],
    });
    expect(steps.map((step) => step.importKwh * 1000)).toEqual([
      expect.closeTo(300, 6),
      expect.closeTo(300, 6),
    ]);
  });

  it('has a shorter last step when the span is no multiple, with its true mean power', () => {
    const steps = historyOf({
      ...NOTHING,
      fromMs: at(0),
      toMs: at(20),
      stepMs: 15 * MINUTE_MS,
      intervals: [book(15, 1_000)],
    });
    expect(steps[1]?.importKw).toBeCloseTo(12, 9);
  });

  it('puts the plan beside the meter, by the time it covers, and the price of the step’s begin', () => {
    const planned = [
      { startMs: at(0), slotMinutes: 5, netKw: 6 },
      { startMs: at(5), slotMinutes: 10, netKw: -3 },
    ];
    const prices = [
      {
        kind: 'day-ahead' as const,
        zone: 'Z',
        currency: 'EUR',
        startMs: at(0),
        slotMinutes: 60,
        importPerKwh: 0.2,
        exportPerKwh: 0.1,
        knownAtMs: 0,
      },
    ];
    const [step] = historyOf({
      fromMs: at(0),
      toMs: at(15),
      stepMs: 15 * MINUTE_MS,
      intervals: [],
      planned,
      prices,
    });
    expect(step).toMatchObject({ plannedNetKw: expect.closeTo(0, 9), importPerKwh: 0.2, exportPerKwh: 0.1 });
  });

  it('conserves energy for any step', () => {
    const books = fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { minLength: 1 });
    fc.assert(
      fc.property(books, fc.integer({ min: 1, max: 7_500 }), (numbers, stepS) => {
        const intervals = numbers.map((number) => book(number * 5, 100 + number, 7 * number));
        const steps = historyOf({
          ...NOTHING,
          fromMs: at(0),
          toMs: at(120),
          stepMs: stepS * 1000,
          intervals,
        });
        const metered = intervals.reduce((sum, one) => sum + one.importWh, 0) / 1000;
        expect(steps.reduce((sum, step) => sum + step.importKwh, 0)).toBeCloseTo(metered, 9);
        expect(steps.reduce((sum, step) => sum + step.exportKwh, 0)).toBeCloseTo(
          intervals.reduce((sum, one) => sum + one.exportWh, 0) / 1000,
          9,
        );
      }),
    );
  });
});
