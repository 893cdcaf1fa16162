import { IANAZone } from 'luxon';
import type { SiteId } from '../../domain/ids.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { Tariff, TariffPart, TariffWindow } from '../../domain/tariff.js';
import type { PriceSlot } from '../../ports/store.js';

/** What holds where nobody has laid down a tariff: the prices of the engine, import and export. */
export const MARKET_TARIFF: Omit<Tariff, 'currency'> = {
  version: 1,
  id: 'market',
  timeZone: 'UTC',
  validFrom: '1970-01-01',
  importParts: [{ id: 'energy', kind: 'market' }],
  exportParts: [{ id: 'energy', kind: 'market' }],
};

type MarketPrice = Pick<PriceSlot, 'importPerKwh' | 'exportPerKwh'>;

/** Price per kWh of each part at an instant; null when a part needs a market price that is not known. */
export function ratesAt(
  tariff: Pick<Tariff, 'timeZone' | 'importParts' | 'exportParts'>,
  direction: 'import' | 'export',
  atMs: number,
  price: MarketPrice | undefined,
): ReadonlyMap<string, number> | null {
  const marketPerKwh = direction === 'import' ? price?.importPerKwh : price?.exportPerKwh;
  const rates = new Map<string, number>();
  for (const part of direction === 'import' ? tariff.importParts : tariff.exportParts) {
    const rate = rateOf(part, rates, tariff.timeZone, atMs, marketPerKwh);
    if (rate === null) return null;
    rates.set(part.id, rate);
  }
  return rates;
}

/** The sum of the parts, per kWh; null as above. */
export function ratePerKwhAt(...facts: Parameters<typeof ratesAt>): number | null {
  const rates = ratesAt(...facts);
  return rates === null ? null : [...rates.values()].reduce((sum, rate) => sum + rate, 0);
}

/** What a kWh costs and brings, with every part of the tariff that holds. */
export interface EnergyRate {
  readonly currency: string;
  readonly importPerKwh: number;
  readonly exportPerKwh: number;
}

/**
 * The rate at a site at an instant, given the market's price there: that price where no tariff holds; undefined
 * where a part needs a price that is not known, or tariff and price are in different currencies.
 */
export function energyRateAt(
  tariffs: readonly Tariff[],
  siteId: SiteId | null,
  atMs: number,
  price: PriceSlot | undefined,
): EnergyRate | undefined {
  const tariff = documentAt(tariffs, siteId, atMs);
  if (tariff === undefined) return price;
  const { currency } = tariff;
  if (price !== undefined && price.currency !== currency) return undefined;
  const importPerKwh = ratePerKwhAt(tariff, 'import', atMs, price);
  const exportPerKwh = ratePerKwhAt(tariff, 'export', atMs, price);
  return importPerKwh === null || exportPerKwh === null
    ? undefined
    : { currency, importPerKwh, exportPerKwh };
}

/**
 * The document that holds at a site at an instant: one that names the site before one for all sites, then the
 * one that began last.
 */
export function documentAt<Document extends Pick<Tariff, 'siteIds' | 'timeZone' | 'validFrom' | 'validTo'>>(
  documents: readonly Document[],
  siteId: SiteId | null,
  atMs: number,
): Document | undefined {
  const holding = documents.filter(({ siteIds, timeZone, validFrom, validTo }) => {
    if (siteIds !== undefined && (siteId === null || !siteIds.includes(siteId))) return false;
    const { day } = localTimeAt(timeZone, atMs);
    return validFrom <= day && (validTo === undefined || day < validTo);
  });
  const rank = (document: Document) => `${document.siteIds === undefined ? 0 : 1}${document.validFrom}`;
  return holding.sort((a, b) => (rank(a) < rank(b) ? 1 : rank(a) > rank(b) ? -1 : 0))[0];
}

function rateOf(
  part: TariffPart,
  before: ReadonlyMap<string, number>,
  timeZone: string,
  atMs: number,
  marketPerKwh: number | undefined,
): number | null {
  switch (part.kind) {
    case 'market':
      return marketPerKwh === undefined ? null : marketPerKwh * (part.factor ?? 1) + (part.adderPerKwh ?? 0);
    case 'fixed': {
      if (part.windows === undefined) return part.perKwh;
      const { clock } = localTimeAt(timeZone, atMs);
      return part.windows.find((window) => holds(window, clock))?.perKwh ?? part.perKwh;
    }
    case 'percent':
      return part.fraction * part.of.reduce((sum, id) => sum + (before.get(id) ?? 0), 0);
  }
}

/** Day `2026-01-01` and wall clock `04:15` of an instant. */
function localTimeAt(timeZone: string, atMs: number): { readonly day: string; readonly clock: string } {
  const local = new Date(atMs + IANAZone.create(timeZone).offset(atMs) * MS_PER_MINUTE).toISOString();
  return { day: local.slice(0, 10), clock: local.slice(11, 16) };
}

function holds({ from, to }: TariffWindow, clock: string): boolean {
  return from < to ? from <= clock && clock < to : clock >= from || clock < to;
}
