import type { MarketProduct } from '../../domain/market-product.js';
import { type AvailabilityModel, type DayType, dayTypeOf } from './availability-sample.js';
import { firmCapacity, type Proportion, proportionOf } from './firm-capacity.js';
import { blocksOfDay, dayAt, dayBefore } from './product-blocks.js';

/** What a pool can be counted on to hold through one block of a weekday or of a weekend day. */
export interface AvailabilityRow {
  readonly dayType: DayType;
  readonly startLocal: string;
  /** Days that the row rests on. */
  readonly days: number;
  readonly meanKw: number;
  /** Held with 90 % and with 95 %; 0 where the days are too few. */
  readonly p90Kw: number;
  readonly p95Kw: number;
  /** How often the pool had at least half of the mean, with its interval. */
  readonly atLeastHalfMean: Proportion;
}

/**
 * Availability by day type and local start of the block (hours, with a product of hourly blocks), from what
 * was known at `asOfMs`: each row is the next day of its type after then.
 */
export function availabilityTable(
  model: AvailabilityModel,
  product: MarketProduct,
  asOfMs: number,
  holidays: ReadonlySet<string> = new Set(),
): AvailabilityRow[] {
  const today = dayAt(product, asOfMs);
  return (['weekday', 'weekend'] as const).flatMap((dayType) => {
    let day = dayBefore(today, -1);
    while (dayTypeOf(day, holidays) !== dayType) day = dayBefore(day, -1);
    return blocksOfDay(product, day).map((block): AvailabilityRow => {
      const kw = model.sample(block, asOfMs).scenarios.map(({ scaledKw }) => scaledKw);
      const meanKw = kw.length === 0 ? 0 : kw.reduce((sum, value) => sum + value, 0) / kw.length;
      return {
        dayType,
        startLocal: block.startLocal,
        days: kw.length,
        meanKw,
        p90Kw: firmCapacity(kw, 0.9, 'quantile').kw,
        p95Kw: firmCapacity(kw, 0.95, 'quantile').kw,
        atLeastHalfMean: proportionOf(kw.filter((value) => value >= meanKw / 2).length, kw.length),
      };
    });
  });
}
