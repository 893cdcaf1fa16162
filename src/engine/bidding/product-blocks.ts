import { DateTime } from 'luxon';
import type { MarketProduct } from '../../domain/market-product.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';

/** Of the calendar, which has no clock changes. */
const DAY_MS = 24 * MS_PER_HOUR;

/** One delivery block of a product, [startMs, endMs), on a delivery day written `2026-03-29`. */
export interface ProductBlock {
  readonly day: string;
  /** Wall-clock start, `04:00`; tells the same block on another day. */
  readonly startLocal: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The blocks of one delivery day in time order. Borders are wall-clock times, so the block 00:00–04:00 lasts
 * 3 or 5 hours on the days of clock changes; equal blocks cover the 23, 24 or 25 hours of the day.
 */
export function blocksOfDay(product: MarketProduct, day: string): ProductBlock[] {
  const midnight = DateTime.fromISO(day, { zone: product.timeZone });
  const borders =
    'localBorders' in product.blocks
      ? product.blocks.localBorders.map((border) => wallClock(midnight, border))
      : equalBorders(midnight, product.blocks.everyMinutes);
  return borders.slice(0, -1).flatMap((startMs, index) => {
    const endMs = borders[index + 1] ?? startMs;
    const startLocal = DateTime.fromMillis(startMs, { zone: product.timeZone }).toFormat('HH:mm');
    return endMs > startMs ? [{ day, startLocal, startMs, endMs }] : [];
  });
}

/** The block that begins at an instant, or undefined when none does. */
export function blockStartingAt(product: MarketProduct, startMs: number): ProductBlock | undefined {
  const local = DateTime.fromMillis(startMs, { zone: product.timeZone });
  // A block that begins before midnight may belong to the day after.
  return [local, local.plus({ days: 1 })]
    .flatMap((day) => blocksOfDay(product, isoDay(day)))
    .find((block) => block.startMs === startMs);
}

/** When bids for a block may come: [opensMs, closesMs); opensMs undefined = at any time before. */
export function gateOf(
  product: MarketProduct,
  block: ProductBlock,
): { readonly opensMs?: number; readonly closesMs: number } {
  const { gate } = product;
  if ('closesMinutesBeforeStart' in gate)
    return { closesMs: block.startMs - gate.closesMinutesBeforeStart * MS_PER_MINUTE };
  const midnight = DateTime.fromISO(block.day, { zone: product.timeZone });
  const closesMs = wallClock(midnight.minus({ days: gate.closesDaysBefore }), gate.closesLocal);
  if (gate.opensDaysBefore === undefined || gate.opensLocal === undefined) return { closesMs };
  return { opensMs: wallClock(midnight.minus({ days: gate.opensDaysBefore }), gate.opensLocal), closesMs };
}

/** The day `count` days before, written the same way. */
export function dayBefore(day: string, count: number): string {
  return new Date(Date.parse(day) - count * DAY_MS).toISOString().slice(0, 10);
}

/** The local day that holds an instant. */
export function dayAt(product: MarketProduct, atMs: number): string {
  return isoDay(DateTime.fromMillis(atMs, { zone: product.timeZone }));
}

function isoDay(at: DateTime): string {
  return at.toFormat('yyyy-MM-dd');
}

function wallClock(midnight: DateTime, border: string): number {
  const isBefore = border.startsWith('-');
  const [hours = 0, minutes = 0] = border.replace('-', '').split(':').map(Number);
  const sinceMidnight = isBefore ? 24 * 60 - (hours * 60 + minutes) : hours * 60 + minutes;
  const days = (isBefore ? -1 : 0) + Math.floor(sinceMidnight / (24 * 60));
  const ofDay = sinceMidnight % (24 * 60);
  return midnight
    .plus({ days })
    .set({ hour: Math.floor(ofDay / 60), minute: ofDay % 60 })
    .toMillis();
}

function equalBorders(midnight: DateTime, minutes: number): number[] {
  const endMs = midnight.plus({ days: 1 }).toMillis();
  const borders: number[] = [];
  for (let atMs = midnight.toMillis(); atMs <= endMs; atMs += minutes * MS_PER_MINUTE) borders.push(atMs);
  return borders;
}
