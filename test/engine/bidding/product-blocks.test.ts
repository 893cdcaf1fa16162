import { describe, expect, it } from 'vitest';
import { roundToProduct } from '../../../src/domain/market-product.js';
import {
  blockStartingAt,
  blocksOfDay,
  dayAt,
  dayBefore,
  gateOf,
} from '../../../src/engine/bidding/product-blocks.js';
import { productOf } from '../../support/engine/bidding-fixtures.js';
import { HOUR_MS } from '../../support/engine/fixtures.js';

const hours = (blocks: readonly { startMs: number; endMs: number }[]) =>
  blocks.map(({ startMs, endMs }) => (endMs - startMs) / HOUR_MS);

describe('blocks of a product', () => {
  it('keep their local borders: the first lasts three hours in spring and five in autumn', () => {
    expect(hours(blocksOfDay(productOf(), '2026-03-28'))).toEqual([4, 4, 4, 4, 4, 4]);
    expect(hours(blocksOfDay(productOf(), '2026-03-29'))).toEqual([3, 4, 4, 4, 4, 4]);
    expect(hours(blocksOfDay(productOf(), '2026-10-25'))).toEqual([5, 4, 4, 4, 4, 4]);
  });

  it.each([
    ['2026-03-29', 92],
    ['2026-05-01', 96],
    ['2026-10-25', 100],
  ])('of a quarter-hour cover %s in %i slots of real time', (day, count) => {
    const blocks = blocksOfDay(productOf({ blocks: { everyMinutes: 15 } }), day);
    expect(blocks).toHaveLength(count);
    expect(blocks.every(({ startMs, endMs }) => endMs - startMs === 15 * 60_000)).toBe(true);
  });

  it('may begin on the evening before, as EFA blocks do', () => {
    const product = productOf({
      timeZone: 'Europe/London',
      blocks: { localBorders: ['-01:00', '03:00', '23:00'] },
    });
    const [first] = blocksOfDay(product, '2026-07-02');
    expect(first).toMatchObject({ day: '2026-07-02', startLocal: '23:00' });
    expect(new Date(first?.startMs ?? 0).toISOString()).toBe('2026-07-01T22:00:00.000Z');
    expect(blockStartingAt(product, first?.startMs ?? 0)).toEqual(first);
  });

  it('are found by the instant they begin at, and only by that', () => {
    const startMs = Date.UTC(2026, 0, 20, 11);
    expect(blockStartingAt(productOf(), startMs)).toMatchObject({ day: '2026-01-20', startLocal: '12:00' });
    expect(blockStartingAt(productOf(), startMs + 60_000)).toBeUndefined();
  });

  it('know when their gate closes, by local time or by lead', () => {
    const [block] = blocksOfDay(productOf(), '2026-03-30');
    const gate = gateOf(
      productOf({
        gate: { closesDaysBefore: 1, closesLocal: '08:00', opensDaysBefore: 7, opensLocal: '11:00' },
      }),
      block!,
    );
    expect(new Date(gate.closesMs).toISOString()).toBe('2026-03-29T06:00:00.000Z');
    expect(new Date(gate.opensMs ?? 0).toISOString()).toBe('2026-03-23T10:00:00.000Z');
    const lead = gateOf(productOf({ gate: { closesMinutesBeforeStart: 60 } }), block!);
    expect(lead).toEqual({ closesMs: block!.startMs - HOUR_MS });
  });

  it('count days across months by the calendar', () => {
    expect(dayBefore('2026-03-01', 1)).toBe('2026-02-28');
    expect(dayBefore('2026-02-28', -1)).toBe('2026-03-01');
    expect(dayAt(productOf(), Date.UTC(2026, 2, 28, 23, 30))).toBe('2026-03-29');
  });
});

describe('quantities of a product', () => {
  it('are cut down to steps, and to nothing below the minimum', () => {
    const product = productOf({ minKw: 100, stepKw: 50, maxKw: 400 });
    expect([99, 149.9, 150, 270, 1000].map((kw) => roundToProduct(product, kw))).toEqual([
      0, 100, 150, 250, 400,
    ]);
  });

  it('do not lose a step to binary fractions', () => {
    expect(roundToProduct(productOf({ minKw: 0.1, stepKw: 0.1 }), 0.3)).toBe(0.3);
  });
});
