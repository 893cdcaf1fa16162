import type { SiteId } from '../../domain/ids.js';
import type { PlanCause } from '../../domain/plan.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { PriceSeries } from '../../domain/price.js';
import type { PriceSlot } from '../../ports/store.js';
import type { PriceCoverage, PriceFault, PriceQuery } from '../../ports/use-cases.js';
import type { EngineContext } from '../context.js';
import { createTurns } from '../in-turn.js';
import { priceAt } from '../planning/price-horizon.js';
import { checkSeries, seriesFrom } from '../planning/price-series.js';
import { overlaid, reloadPrices } from './price-book.js';
import { zoneAt } from './site-prices.js';
import { type EnergyRate, energyRateAt } from './tariff-rates.js';

/** Prices from their arrival to those who ask for them. */
export interface Prices {
  put(series: PriceSeries): Promise<{ slots: number; changedSlots: number }>;
  /** One market's prices as far as they are gapless and of one length; undefined when none is known. */
  series(query: PriceQuery): Promise<PriceSeries | undefined>;
  coverage(query: PriceQuery): Promise<PriceCoverage>;
  /** Prices that books use in a zone (absent: the one that counts): the configured market's, else day-ahead. */
  slots(query: { fromMs: number; toMs: number; zone?: string }): Promise<readonly PriceSlot[]>;
  /** What a kWh costs and brings at sites in a span: the price of the site's zone under its tariff. */
  rates(span: {
    fromMs: number;
    toMs: number;
  }): Promise<(siteId: SiteId | null, atMs: number) => EnergyRate | undefined>;
  tellFault(fault: PriceFault): void;
}

export function createPrices(
  context: EngineContext,
  parts: {
    requestPlan: (cause: PlanCause) => void;
    /** Some slots of a series say something new. */
    changed: (series: PriceSeries) => void;
  },
): Prices {
  const { clock, store, state, settings, announcer } = context;
  const inTurn = createTurns<'prices'>();
  /** Zones whose prices nobody plans with, told once. */
  const idleZones = new Set<string>();

  function find({ kind, zone = state.priceZone, fromMs, toMs, asOfMs }: PriceQuery): Promise<PriceSlot[]> {
    return store.prices.slots({
      fromMs,
      toMs,
      kind: kind ?? settings.priceKind,
      ...(zone === undefined ? {} : { zone }),
      ...(asOfMs === undefined ? {} : { asOfMs }),
    });
  }

  function tellIdleZone({ zone, kind }: PriceSeries): void {
    if ((kind ?? 'day-ahead') !== 'day-ahead' || zone === state.priceZone || idleZones.has(zone)) return;
    if ([...state.sites.values()].some(({ priceZone }) => priceZone === zone)) return;
    idleZones.add(zone);
    const text = `prices of ${zone} are kept, but plans use ${state.priceZone}; EBBFLOW_PRICE_ZONE chooses`;
    announcer.alarm({ atMs: clock.nowMs(), code: 'price-zone-unused', text });
  }

  const slots: Prices['slots'] = async ({ zone = state.priceZone, ...span }) => {
    const query = { ...span, ...(zone === undefined ? {} : { zone }) };
    const dayAhead = await store.prices.slots(query);
    if (settings.priceKind === 'day-ahead') return dayAhead;
    return overlaid(await store.prices.slots({ ...query, kind: settings.priceKind }), dayAhead);
  };

  return {
    async put(series) {
      checkSeries(series);
      const changedSlots = await inTurn('prices', async () => {
        const changed = await store.prices.save(series, clock.nowMs());
        if (changed > 0) await reloadPrices(state, store, settings, clock.nowMs());
        return changed;
      });
      tellIdleZone(series);
      if (changedSlots > 0) {
        parts.requestPlan('price');
        parts.changed(series);
      }
      return { slots: series.importPerKwh.length, changedSlots };
    },

    async series(query) {
      return seriesFrom(await find(query));
    },

    async coverage(query) {
      const slots = await find(query);
      const sources = new Map<string, PriceCoverage['sources'][number]>();
      for (const slot of slots) {
        const source = slot.source ?? 'not said';
        const known = sources.get(source);
        sources.set(source, {
          source,
          slots: (known?.slots ?? 0) + 1,
          newestKnownAtMs: Math.max(known?.newestKnownAtMs ?? 0, slot.knownAtMs),
        });
      }
      return {
        zone: query.zone ?? state.priceZone ?? null,
        kind: query.kind ?? settings.priceKind,
        fromMs: query.fromMs,
        toMs: query.toMs,
        missing: gapsOf(slots, query.fromMs, query.toMs),
        sources: [...sources.values()],
      };
    },

    slots,

    async rates(span) {
      const zones = new Set([
        state.priceZone,
        ...[...state.sites.values()].map(({ priceZone }) => priceZone),
      ]);
      const known = new Map<string | undefined, readonly PriceSlot[]>();
      for (const zone of zones) {
        known.set(zone, await slots({ ...span, ...(zone === undefined ? {} : { zone }) }));
      }
      return (siteId, atMs) => {
        const price = priceAt(known.get(zoneAt(state, siteId)) ?? [], atMs);
        return energyRateAt(state.tariffs, siteId, atMs, price);
      };
    },

    tellFault({ code, text }) {
      announcer.alarm({ atMs: clock.nowMs(), code, text });
    },
  };
}

/** Stretches of [fromMs, toMs) that no slot covers. `slots` are ascending. */
function gapsOf(slots: readonly PriceSlot[], fromMs: number, toMs: number): PriceCoverage['missing'] {
  const gaps: { fromMs: number; toMs: number }[] = [];
  let atMs = fromMs;
  for (const { startMs, slotMinutes } of slots) {
    if (startMs > atMs) gaps.push({ fromMs: atMs, toMs: startMs });
    atMs = Math.max(atMs, startMs + slotMinutes * MS_PER_MINUTE);
  }
  if (atMs < toMs) gaps.push({ fromMs: atMs, toMs });
  return gaps;
}
