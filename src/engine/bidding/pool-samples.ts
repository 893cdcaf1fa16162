import type { Bid } from '../../domain/bid.js';
import type { OrderScope } from '../../domain/dispatch.js';
import type { SiteId } from '../../domain/ids.js';
import type { MarketProduct } from '../../domain/market-product.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import { sitesOf } from '../dispatch/scopes.js';
import type { EngineSettings } from '../settings.js';
import type { EngineState } from '../state.js';
import {
  type AvailabilityModel,
  type AvailabilitySample,
  type BlockScenario,
  createAvailabilityModel,
  type SampleOptions,
} from './availability-sample.js';
import { siteLimitsOf } from './capacity-of-sessions.js';
import { capacityRuleOf } from './capacity-rule.js';
import { createSessionHistory } from './pool-capacity.js';
import type { ProductBlock } from './product-blocks.js';
import type { CapacitySession } from './session-capacity.js';
import { type CapacityByPart, scenariosBeside } from './stacked-scenarios.js';

type Pool = ReadonlySet<SiteId> | undefined;

/** Bids and awards in the same time, with the kW that they take. */
export interface OtherBid {
  readonly bid: Bid;
  readonly kw: number;
}

export interface PoolFacts {
  readonly product: MarketProduct;
  readonly block: ProductBlock;
  readonly nowMs: number;
  /** Of the whole fleet. */
  readonly sessions: readonly CapacitySession[];
  readonly state: Pick<EngineState, 'sites'>;
  readonly settings: EngineSettings;
  readonly options: SampleOptions;
}

/** Cars of a pool; all of them without one. */
export function sessionsIn(sessions: readonly CapacitySession[], pool: Pool): readonly CapacitySession[] {
  if (pool === undefined) return sessions;
  return sessions.filter(({ siteId }) => siteId !== undefined && pool.has(siteId));
}

/** Availability of a pool for one product in its blocks. */
export function modelOf(
  { product, state, settings, options }: PoolFacts,
  sessions: readonly CapacitySession[],
  asked: { readonly product: MarketProduct; readonly blockMinutes: number },
): AvailabilityModel {
  const rule = capacityRuleOf(asked.product, asked.blockMinutes, settings);
  const limits = siteLimitsOf(state.sites.values(), asked.product);
  return createAvailabilityModel(createSessionHistory(sessions), product, rule, options, limits);
}

/** What a pool holds of the product in a block beside the bids that take from the same cars. */
export function freeScenarios(
  facts: PoolFacts,
  scope: OrderScope | undefined,
  sample: AvailabilitySample,
  others: readonly OtherBid[],
): readonly BlockScenario[] {
  if (others.length === 0) return sample.scenarios;
  const { block, nowMs, product } = facts;
  const pool = scope && new Set(scope.siteIds);
  const parts = partsOf(facts.sessions, [pool, ...others.map(({ bid }) => sitesOf(bid))]);
  const known = new Map<string, CapacityByPart>();
  /** Of a product in all parts. */
  const capacityOf = (asked: MarketProduct, blockMinutes: number): CapacityByPart => {
    const key = JSON.stringify([blockMinutes, asked]);
    const found =
      known.get(key) ??
      new Map(
        parts.map(({ name, sessions }) => {
          const { scenarios } = modelOf(facts, sessions, { product: asked, blockMinutes }).sample(
            block,
            nowMs,
          );
          return [name, new Map(scenarios.map(({ day, scaledKw }) => [day, scaledKw]))];
        }),
      );
    known.set(key, found);
    return found;
  };
  const within = (capacity: CapacityByPart, of: Pool): CapacityByPart =>
    new Map([...capacity].filter(([name]) => isWithin(parts, name, of)));
  const minutesOf = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
    (endMs - startMs) / MS_PER_MINUTE;
  const inTurn = [...others].sort((a, b) => a.bid.createdAtMs - b.bid.createdAtMs);
  const stacked = inTurn.map(({ bid, kw }) => ({
    kw,
    capacity: within(capacityOf(bid.product, minutesOf(bid)), sitesOf(bid)),
  }));
  return scenariosBeside(sample, within(capacityOf(product, minutesOf(block)), pool), stacked);
}

/** Cars that each of the pools either holds or does not. */
interface Part {
  readonly name: string;
  readonly siteIds: ReadonlySet<SiteId | undefined>;
  readonly sessions: readonly CapacitySession[];
}

function partsOf(sessions: readonly CapacitySession[], pools: readonly Pool[]): Part[] {
  const parts = new Map<string, { siteIds: Set<SiteId | undefined>; sessions: CapacitySession[] }>();
  for (const session of sessions) {
    const { siteId } = session;
    const name = pools
      .map((pool) => (pool === undefined || (siteId !== undefined && pool.has(siteId)) ? '1' : '0'))
      .join('');
    const part = parts.get(name) ?? { siteIds: new Set(), sessions: [] };
    part.siteIds.add(siteId);
    part.sessions.push(session);
    parts.set(name, part);
  }
  return [...parts].map(([name, part]) => ({ name, ...part }));
}

function isWithin(parts: readonly Part[], name: string, pool: Pool): boolean {
  if (pool === undefined) return true;
  const siteIds = parts.find((part) => part.name === name)?.siteIds ?? new Set();
  return [...siteIds].every((siteId) => siteId !== undefined && pool.has(siteId));
}

/** Whether two pools have cars in common. */
export function overlaps(a: Pool, b: Pool): boolean {
  return a === undefined || b === undefined || [...a].some((siteId) => b.has(siteId));
}
