import type { MarketProduct } from '../../domain/market-product.js';
import { MS_PER_HOUR } from '../../domain/power.js';
import { poolCapacityKw, type SessionHistory, type SiteLimitsKw } from './pool-capacity.js';
import { blocksOfDay, dayBefore, gateOf, type ProductBlock } from './product-blocks.js';
import type { CapacityRule } from './session-capacity.js';

const DAY_MS = 24 * MS_PER_HOUR;
/** A place counts as part of the pool when it had a session in the four weeks before. */
const POOL_MEMORY_MS = 28 * DAY_MS;

/** Weekdays and weekends differ in who is plugged in when; days are resampled within their type. */
export type DayType = 'weekday' | 'weekend';

/** Type of a day written `2026-03-29`. `holidays` (same form) count as weekend. */
export function dayTypeOf(day: string, holidays: ReadonlySet<string>): DayType {
  const weekday = new Date(Date.parse(day)).getUTCDay();
  return weekday === 0 || weekday === 6 || holidays.has(day) ? 'weekend' : 'weekday';
}

export interface SampleOptions {
  /** How many days back a day may be resampled. */
  readonly maxDaysBack: number;
  /** How many days of the type, newest known at its gate, make the level that a day is measured against. */
  readonly levelDays: number;
  readonly holidays: ReadonlySet<string>;
}

/**
 * Twenty weeks, so that weekends carry P95 (19 scenarios) with room; five days, one working week, so that the
 * level follows holidays and seasons. Chosen on the Norwegian sessions before September 2019; the calibration
 * benchmark judges the days after.
 */
export const DEFAULT_SAMPLE_OPTIONS: SampleOptions = {
  maxDaysBack: 140,
  levelDays: 5,
  holidays: new Set(),
};

/** The same block on one past day: what the pool of that day held, and how large it was. */
export interface BlockScenario {
  readonly day: string;
  readonly capacityKw: number;
  /** Places of the pool on that day. */
  readonly places: number;
  /**
   * What today's pool would hold if the day differed from what was to be expected as that one did:
   * expected kW of today × capacity of that day / expected of that day.
   */
  readonly scaledKw: number;
}

/** Scenarios for a block, from what was known at an instant. */
export interface AvailabilitySample {
  readonly dayType: DayType;
  readonly asOfMs: number;
  /** Places of the pool as known. */
  readonly places: number;
  /** Mean of the newest days of the type in proportion to the pool's size, kW. */
  readonly expectedKw: number;
  /** Newest day first. */
  readonly scenarios: readonly BlockScenario[];
}

/** Resamples the days before a block; built once per history, product rule and options. */
export interface AvailabilityModel {
  /**
   * The same local block on earlier days of the same type, as far as they were over at `asOfMs`. Sessions
   * still plugged in then count as leaving at once; nothing later than `asOfMs` is looked at.
   */
  sample(block: ProductBlock, asOfMs: number): AvailabilitySample;
  /** What the pool really held in a block, kW, with everything known. */
  actualKw(block: ProductBlock): number;
}

/** One past day's block, its gate, and the pool as it was known then. */
interface PastBlock {
  readonly block: ProductBlock;
  readonly gateMs: number;
  readonly capacityKw: number;
  readonly places: number;
}

export function createAvailabilityModel(
  history: SessionHistory,
  product: MarketProduct,
  rule: CapacityRule,
  options: SampleOptions = DEFAULT_SAMPLE_OPTIONS,
  limits: SiteLimitsKw = new Map(),
): AvailabilityModel {
  /** Per block start: capacity with all known, and the instant from which on all of it was. */
  const settled = new Map<number, { readonly capacityKw: number; readonly knownMs: number }>();
  const blocks = new Map<string, readonly ProductBlock[]>();
  const places = new Map<number, number>();
  const gates = new Map<number, number>();

  const blockOn = (day: string, startLocal: string): ProductBlock | undefined => {
    const ofDay = blocks.get(day) ?? blocksOfDay(product, day);
    blocks.set(day, ofDay);
    return ofDay.find((block) => block.startLocal === startLocal);
  };
  const gateMsOf = (block: ProductBlock): number => {
    const known = gates.get(block.startMs) ?? gateOf(product, block).closesMs;
    gates.set(block.startMs, known);
    return known;
  };
  const placesAt = (atMs: number): number => {
    const known = places.get(atMs) ?? history.placesSeen(atMs - POOL_MEMORY_MS, atMs);
    places.set(atMs, known);
    return known;
  };
  const settledOf = (block: ProductBlock) => {
    const known = settled.get(block.startMs);
    if (known !== undefined) return known;
    const sessions = history.overlapping(block.startMs, block.endMs);
    const fresh = {
      capacityKw: poolCapacityKw(sessions, rule, block, limits),
      knownMs: sessions.reduce((latestMs, session) => Math.max(latestMs, session.endMs), block.endMs),
    };
    settled.set(block.startMs, fresh);
    return fresh;
  };
  const capacityAsOf = (block: ProductBlock, asOfMs: number): number => {
    const { capacityKw, knownMs } = settledOf(block);
    if (knownMs <= asOfMs) return capacityKw;
    const sessions = history
      .overlapping(block.startMs, block.endMs)
      .map((session) => ({ ...session, endMs: Math.min(session.endMs, asOfMs) }));
    return poolCapacityKw(sessions, rule, block, limits);
  };

  function pastBlocks(block: ProductBlock, dayType: DayType, asOfMs: number): PastBlock[] {
    const past: PastBlock[] = [];
    // Days before the pool had a memory say nothing about its size.
    const earliestMs = (history.firstMs ?? Number.POSITIVE_INFINITY) + POOL_MEMORY_MS;
    for (let back = 1; back <= options.maxDaysBack; back++) {
      const day = dayBefore(block.day, back);
      if (dayTypeOf(day, options.holidays) !== dayType) continue;
      const found = blockOn(day, block.startLocal);
      if (found === undefined || found.endMs > asOfMs) continue;
      if (found.startMs < earliestMs) break;
      const gateMs = gateMsOf(found);
      const placesThen = placesAt(gateMs);
      if (placesThen > 0)
        past.push({ block: found, gateMs, capacityKw: capacityAsOf(found, asOfMs), places: placesThen });
    }
    return past;
  }

  /** Mean capacity per place of the newest `levelDays` blocks that were over at `atMs`; undefined when too few. */
  function levelAt(past: readonly PastBlock[], from: number, atMs: number): number | undefined {
    let sum = 0;
    let count = 0;
    for (let index = from; index < past.length && count < options.levelDays; index++) {
      const entry = past[index];
      if (entry === undefined || entry.block.endMs > atMs) continue;
      sum += entry.capacityKw / entry.places;
      count += 1;
    }
    return count < options.levelDays ? undefined : sum / count;
  }

  return {
    actualKw: (block) => settledOf(block).capacityKw,
    sample(block, asOfMs) {
      const dayType = dayTypeOf(block.day, options.holidays);
      const placesNow = placesAt(asOfMs);
      const past = pastBlocks(block, dayType, asOfMs);
      const expectedKw = (levelAt(past, 0, asOfMs) ?? 0) * placesNow;
      const scenarios: BlockScenario[] = [];
      past.forEach((entry, index) => {
        const level = levelAt(past, index + 1, entry.gateMs);
        if (level === undefined) return;
        const { capacityKw, places: placesThen } = entry;
        const ratio = level > 0 ? capacityKw / (level * placesThen) : 0;
        scenarios.push({
          day: entry.block.day,
          capacityKw,
          places: placesThen,
          scaledKw: ratio * expectedKw,
        });
      });
      return { dayType, asOfMs, places: placesNow, expectedKw, scenarios };
    },
  };
}
