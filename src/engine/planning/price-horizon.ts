import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { PriceBridge } from '../../domain/price.js';
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
  /** What stands in for missing prices; absent when all are known. */
  readonly bridges?: readonly PriceBridge[];
}

const DAY_MS = 24 * MS_PER_HOUR;
/** The rule by the number of days that it looks back. */
const BRIDGE_OF_DAYS: readonly PriceBridge['rule'][] = ['one-day-earlier', 'two-days-earlier'];

/** Start of a slot, epoch ms. */
export function slotStartMs({ startMs, slotMinutes }: Horizon, slot: number): number {
  return startMs + slot * slotMinutes * MS_PER_MINUTE;
}

/**
 * Import and export price of each slot. Rule for slots without a published price: the price of the same
 * time one day earlier (at most two), else the mean of the known ones; `bridges` says where and how.
 * Without any price the series is flat at zero: cars then charge early and nobody exports for money.
 * `known` is ascending and may mix slot lengths; slots in another currency than `currency` (by default that
 * at the horizon's start) count as missing.
 */
export function pricesOver(
  horizon: Horizon,
  known: readonly PriceSlot[],
  currency = currencyAt(known, horizon.startMs),
): HorizonPrices {
  const importPerKwh: number[] = [];
  const exportPerKwh: number[] = [];
  const bridges: PriceBridge[] = [];
  const same = known.filter((slot) => slot.currency === currency);
  const mean = meanOf(same);
  for (let slot = 0; slot < horizon.slots; slot++) {
    const atMs = slotStartMs(horizon, slot);
    let price = priceAt(same, atMs);
    if (price === undefined) {
      let rule: PriceBridge['rule'] = same.length === 0 ? 'none' : 'mean';
      BRIDGE_OF_DAYS.forEach((name, index) => {
        if (price !== undefined) return;
        price = priceAt(same, atMs - (index + 1) * DAY_MS);
        if (price !== undefined) rule = name;
      });
      const last = bridges.at(-1);
      if (last?.endSlot === slot && last.rule === rule)
        bridges[bridges.length - 1] = { ...last, endSlot: slot + 1 };
      else bridges.push({ fromSlot: slot, endSlot: slot + 1, rule });
    }
    importPerKwh.push(price?.importPerKwh ?? mean.importPerKwh);
    exportPerKwh.push(price?.exportPerKwh ?? mean.exportPerKwh);
  }
  const [first] = bridges;
  return {
    currency,
    importPerKwh,
    exportPerKwh,
    ...(first === undefined ? {} : { bridgedFromSlot: first.fromSlot, bridges }),
  };
}

/** Of the slot at or next after an instant, else of the last one; EUR without any. */
export function currencyAt(known: readonly PriceSlot[], atMs: number): string {
  const next = known.find((slot) => slot.startMs + slot.slotMinutes * MS_PER_MINUTE > atMs);
  return (next ?? known.at(-1))?.currency ?? 'EUR';
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
