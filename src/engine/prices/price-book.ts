import { MS_PER_MINUTE } from '../../domain/power.js';
import type { PriceSlot, Store } from '../../ports/store.js';
import type { EngineSettings } from '../settings.js';
import { type EngineState, FAR_FUTURE_MS, MEMORY_MS } from '../state.js';

/** The two days before now, which bridges look back at. */
const LOOK_BACK_MS = 2 * MEMORY_MS;

/**
 * Reads the prices of all zones into the working memory: per zone those of the configured market, and the
 * day-ahead prices where it has none. The zone that counts where a site names none is the configured one, else
 * the one in use, else the one whose prices were known first: prices of another zone never take its place.
 */
export async function reloadPrices(
  state: EngineState,
  store: Store,
  { priceKind, priceZone }: Pick<EngineSettings, 'priceKind' | 'priceZone'>,
  nowMs: number,
): Promise<void> {
  const span = { fromMs: nowMs - LOOK_BACK_MS, toMs: FAR_FUTURE_MS };
  const dayAhead = await store.prices.slots(span);
  const wanted = priceKind === 'day-ahead' ? [] : await store.prices.slots({ ...span, kind: priceKind });
  const zones = new Set([...dayAhead, ...wanted].map((slot) => slot.zone));
  const ofZone = (slots: readonly PriceSlot[], zone: string) => slots.filter((slot) => slot.zone === zone);
  state.pricesByZone = new Map(
    [...zones].map((zone) => [zone, overlaid(ofZone(wanted, zone), ofZone(dayAhead, zone))]),
  );
  const inUse = state.priceZone !== undefined && zones.has(state.priceZone) ? state.priceZone : undefined;
  state.priceZone = priceZone ?? inUse ?? firstKnown([...wanted, ...dayAhead]) ?? state.priceZone;
  state.prices = state.priceZone === undefined ? [] : (state.pricesByZone.get(state.priceZone) ?? []);
}

function firstKnown(slots: readonly PriceSlot[]): string | undefined {
  let first: PriceSlot | undefined;
  for (const slot of slots) {
    const isEarlier =
      first === undefined ||
      slot.knownAtMs < first.knownAtMs ||
      (slot.knownAtMs === first.knownAtMs && slot.zone < first.zone);
    if (isEarlier) first = slot;
  }
  return first?.zone;
}

/** `over` where it has slots, else what `under` has there, cut to fit. Both ascending; so is the result. */
export function overlaid(over: readonly PriceSlot[], under: readonly PriceSlot[]): readonly PriceSlot[] {
  if (over.length === 0) return under;
  const slots: PriceSlot[] = [];
  let next = 0;
  for (const slot of under) {
    let startMs = slot.startMs;
    const endMs = endOf(slot);
    while (next < over.length && endOf(over[next] as PriceSlot) <= startMs) next += 1;
    for (let at = next; startMs < endMs; at++) {
      const cover = over[at];
      const gapEndMs = Math.min(endMs, cover?.startMs ?? endMs);
      if (gapEndMs > startMs)
        slots.push({ ...slot, startMs, slotMinutes: (gapEndMs - startMs) / MS_PER_MINUTE });
      if (cover === undefined || cover.startMs >= endMs) break;
      startMs = Math.max(startMs, endOf(cover));
    }
  }
  return [...slots, ...over].sort((a, b) => a.startMs - b.startMs);
}

function endOf(slot: PriceSlot): number {
  return slot.startMs + slot.slotMinutes * MS_PER_MINUTE;
}
