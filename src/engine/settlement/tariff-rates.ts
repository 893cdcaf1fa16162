import { DateTime } from 'luxon';
import type { SiteId } from '../../domain/ids.js';
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

/** Price per kWh of each part at an instant; null when a part needs a market price that is not known. */
export function ratesAt(
  tariff: Pick<Tariff, 'timeZone' | 'importParts' | 'exportParts'>,
  direction: 'import' | 'export',
  atMs: number,
  price: PriceSlot | undefined,
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
    const day = DateTime.fromMillis(atMs, { zone: timeZone }).toFormat('yyyy-MM-dd');
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
      const clock = DateTime.fromMillis(atMs, { zone: timeZone }).toFormat('HH:mm');
      return part.windows.find((window) => holds(window, clock))?.perKwh ?? part.perKwh;
    }
    case 'percent':
      return part.fraction * part.of.reduce((sum, id) => sum + (before.get(id) ?? 0), 0);
  }
}

function holds({ from, to }: TariffWindow, clock: string): boolean {
  return from < to ? from <= clock && clock < to : clock >= from || clock < to;
}
