import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { PriceSlot } from '../../ports/store.js';

/** Slots [0, slots) of `slotMinutes` from `startMs`. */
export interface Horizon {
  readonly startMs: number;
  readonly slotMinutes: number;
  readonly slots: number;
}

export interface HorizonPrices {
  readonly currency: string;
  readonly importPerKwh: readonly number[];
  readonly exportPerKwh: readonly number[];
  /** First slot whose price is not published but bridged; undefined when all are known. */
  readonly bridgedFromSlot?: number;
}

const DAY_MS = 24 * MS_PER_HOUR;
/** How many days back a bridge looks for the same time of day. */
const BRIDGE_DAYS = 2;

/**
 * Import and export price of each slot. Rule for slots without a published price: the price of the same
 * time one day earlier (at most two), else the mean of the known ones; `bridgedFromSlot` says from where.
 * Without any price the series is flat at zero: cars then charge early and nobody exports for money.
 * `known` is ascending and may mix slot lengths.
 */
export function pricesOver(horizon: Horizon, known: readonly PriceSlot[]): HorizonPrices {
  const importPerKwh: number[] = [];
  const exportPerKwh: number[] = [];
  let bridgedFromSlot: number | undefined;
  const mean = meanOf(known);
  for (let slot = 0; slot < horizon.slots; slot++) {
    const atMs = horizon.startMs + slot * horizon.slotMinutes * MS_PER_MINUTE;
    let price = priceAt(known, atMs);
    if (price === undefined) {
      bridgedFromSlot ??= slot;
      for (let day = 1; day <= BRIDGE_DAYS && price === undefined; day++)
        price = priceAt(known, atMs - day * DAY_MS);
    }
    importPerKwh.push(price?.importPerKwh ?? mean.importPerKwh);
    exportPerKwh.push(price?.exportPerKwh ?? mean.exportPerKwh);
  }
  return {
    currency: known[0]?.currency ?? 'EUR',
    importPerKwh,
    exportPerKwh,
    ...(bridgedFromSlot === undefined ? {} : { bridgedFromSlot }),
  };
}

/** The slot that covers an instant; binary search over ascending slots. */
export function priceAt(known: readonly PriceSlot[], atMs: number): PriceSlot | undefined {
  let low = 0;
  let high = known.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const slot = known[middle];
    if (slot === undefined) return undefined;
    if (slot.startMs > atMs) high = middle - 1;
    else if (slot.startMs + slot.slotMinutes * MS_PER_MINUTE <= atMs) low = middle + 1;
    else return slot;
  }
  return undefined;
}

function meanOf(known: readonly PriceSlot[]): { importPerKwh: number; exportPerKwh: number } {
  if (known.length === 0) return { importPerKwh: 0, exportPerKwh: 0 };
  let importSum = 0;
  let exportSum = 0;
  for (const slot of known) {
    importSum += slot.importPerKwh;
    exportSum += slot.exportPerKwh;
  }
  return { importPerKwh: importSum / known.length, exportPerKwh: exportSum / known.length };
}
