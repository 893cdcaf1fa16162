import type { SiteId } from '../../domain/ids.js';
import type { PriceSlot } from '../../ports/store.js';
import type { Horizon, HorizonPrices } from '../planning/price-horizon.js';
import { currencyAt, priceAt, pricesOver, slotStartMs } from '../planning/price-horizon.js';
import type { EngineState } from '../state.js';
import { documentAt, ratePerKwhAt } from './tariff-rates.js';

/** What a kWh costs and brings over a horizon at sites of one zone and the same tariffs. */
export interface SitePrices {
  /** Names zone and tariffs: sites with the same key pay and are paid the same. */
  readonly key: string;
  /** Null while no price is known. */
  readonly zone: string | null;
  /** With every part of the tariffs; `bridges` says where the market's price was missing. */
  readonly prices: HorizonPrices;
  /** Tariffs in force over the horizon, in the order in which they begin to count; empty: the market's prices. */
  readonly tariffIds: readonly string[];
  /** Who published the market's price of the first slot. */
  readonly source: string | null;
}

type PriceState = Pick<EngineState, 'sites' | 'prices' | 'priceZone' | 'pricesByZone' | 'tariffs'>;

/** The zone whose prices hold at a site, or at stations on none; undefined while none is known. */
export function zoneAt(
  state: Pick<PriceState, 'sites' | 'priceZone'>,
  siteId: SiteId | null | undefined,
): string | undefined {
  const own = siteId === null || siteId === undefined ? undefined : state.sites.get(siteId)?.priceZone;
  return own ?? state.priceZone;
}

/**
 * Prices of sites over one horizon, worked out once per zone and set of tariffs. All are in one currency, that
 * of the zone that counts where a site names none: prices in another one count as missing, and a tariff in
 * another one is left aside, as settlement leaves its lines unpriced.
 */
export function sitePricesOver(
  state: PriceState,
  horizon: Horizon,
): (siteId: SiteId | undefined) => SitePrices {
  const currency = planCurrency(state, horizon);
  const known = new Map<string, SitePrices>();
  return (siteId) => {
    const zone = zoneAt(state, siteId) ?? null;
    const naming = state.tariffs.filter((tariff) => siteId !== undefined && tariff.siteIds?.includes(siteId));
    const key = JSON.stringify([zone, ...naming.map(({ id }) => id)]);
    const found = known.get(key) ?? { key, zone, ...withTariffs(state, horizon, { siteId, zone, currency }) };
    known.set(key, found);
    return found;
  };
}

function withTariffs(
  state: PriceState,
  horizon: Horizon,
  at: { readonly siteId: SiteId | undefined; readonly zone: string | null; readonly currency: string },
): Pick<SitePrices, 'prices' | 'tariffIds' | 'source'> {
  const slots = slotsOfZone(state, at.zone);
  const market = pricesOver(horizon, slots, at.currency);
  const source = priceAt(slots, horizon.startMs)?.source ?? null;
  if (state.tariffs.length === 0) return { prices: market, tariffIds: [], source };
  const importPerKwh = [...market.importPerKwh];
  const exportPerKwh = [...market.exportPerKwh];
  const tariffIds = new Set<string>();
  for (let slot = 0; slot < horizon.slots; slot++) {
    const atMs = slotStartMs(horizon, slot);
    const tariff = documentAt(state.tariffs, at.siteId ?? null, atMs);
    if (tariff === undefined || tariff.currency !== at.currency) continue;
    tariffIds.add(tariff.id);
    const price = {
      importPerKwh: market.importPerKwh[slot] ?? 0,
      exportPerKwh: market.exportPerKwh[slot] ?? 0,
    };
    importPerKwh[slot] = ratePerKwhAt(tariff, 'import', atMs, price) ?? price.importPerKwh;
    exportPerKwh[slot] = ratePerKwhAt(tariff, 'export', atMs, price) ?? price.exportPerKwh;
  }
  return { prices: { ...market, importPerKwh, exportPerKwh }, tariffIds: [...tariffIds], source };
}

function slotsOfZone(state: PriceState, zone: string | null): readonly PriceSlot[] {
  if (zone === null) return [];
  return zone === state.priceZone ? state.prices : (state.pricesByZone.get(zone) ?? []);
}

function planCurrency(state: PriceState, horizon: Horizon): string {
  for (const slots of [state.prices, ...state.pricesByZone.values()]) {
    if (slots.length > 0) return currencyAt(slots, horizon.startMs);
  }
  return state.tariffs[0]?.currency ?? 'EUR';
}
