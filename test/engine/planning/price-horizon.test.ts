import { describe, expect, it } from 'vitest';
import { priceAt, pricesOver } from '../../../src/engine/planning/price-horizon.js';
import type { PriceSlot } from '../../../src/ports/store.js';
import { HOUR_MS, MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';

const slot = (startMs: number, slotMinutes: number, importPerKwh: number): PriceSlot => ({
  kind: 'day-ahead',
  zone: 'DE-LU',
  currency: 'EUR',
  startMs,
  slotMinutes,
  importPerKwh,
  exportPerKwh: importPerKwh / 2,
  knownAtMs: NOON_MS,
});
const horizon = (slots: number, slotMinutes = 15) => ({ startMs: NOON_MS, slotMinutes, slots });
const DAY_MS = 24 * HOUR_MS;

describe('the prices over a horizon', () => {
  it('are those of the slot that covers each plan slot, whatever the lengths', () => {
    const known = [
      slot(NOON_MS - HOUR_MS, 60, 1),
      slot(NOON_MS, 30, 2),
      slot(NOON_MS + 30 * MINUTE_MS, 15, 3),
      slot(NOON_MS + 45 * MINUTE_MS, 15, 4),
    ];
    const prices = pricesOver(horizon(4), known);
    expect(prices).toEqual({ currency: 'EUR', importPerKwh: [2, 2, 3, 4], exportPerKwh: [1, 1, 1.5, 2] });
  });

  it('are bridged by the same time of the day before, then of two days before, and say from where', () => {
    const known = [
      slot(NOON_MS - 2 * DAY_MS + 30 * MINUTE_MS, 15, 7),
      slot(NOON_MS - DAY_MS + 15 * MINUTE_MS, 15, 5),
      slot(NOON_MS, 15, 1),
    ];
    const prices = pricesOver(horizon(3), known);
    expect(prices.importPerKwh).toEqual([1, 5, 7]);
    expect(prices.bridgedFromSlot).toBe(1);
    expect(prices.bridges).toEqual([
      { fromSlot: 1, endSlot: 2, rule: 'one-day-earlier' },
      { fromSlot: 2, endSlot: 3, rule: 'two-days-earlier' },
    ]);
  });

  it('fall back to the mean of what is known', () => {
    const prices = pricesOver(horizon(2), [slot(NOON_MS - 5 * HOUR_MS, 60, 2), slot(NOON_MS, 15, 4)]);
    expect(prices.importPerKwh).toEqual([4, 3]);
  });

  it('in another currency count as missing: nothing is converted, nothing is mixed', () => {
    const foreign = { ...slot(NOON_MS + 15 * MINUTE_MS, 15, 900), currency: 'HUF' };
    const prices = pricesOver(horizon(2), [slot(NOON_MS, 15, 2), foreign]);
    expect(prices).toMatchObject({ currency: 'EUR', importPerKwh: [2, 2] });
    expect(prices.bridges).toEqual([{ fromSlot: 1, endSlot: 2, rule: 'mean' }]);
  });

  it('are flat at zero without any price', () => {
    expect(pricesOver(horizon(2), [])).toEqual({
      currency: 'EUR',
      importPerKwh: [0, 0],
      exportPerKwh: [0, 0],
      bridgedFromSlot: 0,
      bridges: [{ fromSlot: 0, endSlot: 2, rule: 'none' }],
    });
  });

  it('may be negative', () => {
    expect(pricesOver(horizon(1), [slot(NOON_MS, 60, -0.4)]).importPerKwh).toEqual([-0.4]);
  });
});

describe('the price at an instant', () => {
  const known = [slot(NOON_MS, 60, 1), slot(NOON_MS + 2 * HOUR_MS, 15, 2)];
  it('covers its begin, not its end, and is unknown in a gap', () => {
    expect(priceAt(known, NOON_MS)?.importPerKwh).toBe(1);
    expect(priceAt(known, NOON_MS + HOUR_MS - 1)?.importPerKwh).toBe(1);
    expect(priceAt(known, NOON_MS + HOUR_MS)).toBeUndefined();
    expect(priceAt(known, NOON_MS - 1)).toBeUndefined();
    expect(priceAt(known, NOON_MS + 2 * HOUR_MS)?.importPerKwh).toBe(2);
    expect(priceAt([], NOON_MS)).toBeUndefined();
  });
});
