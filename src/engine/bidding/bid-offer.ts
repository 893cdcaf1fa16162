import type { Bid, BidBacking } from '../../domain/bid.js';
import type { OrderScope } from '../../domain/dispatch.js';
import type { SiteId } from '../../domain/ids.js';
import { roundToProduct } from '../../domain/market-product.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { Session } from '../../domain/session.js';
import { sitesOf } from '../dispatch/scopes.js';
import { firmCapabilityOf } from '../planning/steering.js';
import { sitePricesOver } from '../prices/site-prices.js';
import type { EngineState } from '../state.js';
import type { BlockScenario } from './availability-sample.js';
import { backTest } from './back-test.js';
import { capacitySessionOf } from './capacity-of-sessions.js';
import { capacityRuleOf } from './capacity-rule.js';
import { type FirmCapacity, type FirmMethod, firmCapacity, scenariosNeeded } from './firm-capacity.js';
import {
  freeScenarios,
  modelOf,
  type OtherBid,
  overlaps,
  type PoolFacts,
  sessionsIn,
} from './pool-samples.js';
import { priceSteps } from './price-steps.js';
import { blocksOfDay, dayBefore } from './product-blocks.js';
import { type CapacitySession, sessionCapacityKw } from './session-capacity.js';

/** Days before now on which bids like the one asked for are back-tested. */
const BACK_TEST_DAYS = 84;

export interface OfferInput extends PoolFacts {
  /** Absent = the whole fleet. */
  readonly scope?: OrderScope;
  readonly reliability: number;
  readonly method: FirmMethod;
  readonly maxKw: number;
  readonly connected: readonly Session[];
  /** All in the same time: what one pool is left with depends on what bids on the others take. */
  readonly others: readonly OtherBid[];
  readonly state: EngineState;
}

export type BidOffer = Pick<Bid, 'firmKw' | 'offeredKw' | 'steps' | 'backing' | 'because'>;

/**
 * What can be offered: the firm quantity of the availability sample beside other bids, cut to what a plan of
 * the scenario behind it can hold, on the product's steps; its price steps; and all that stands behind it.
 */
export async function bidOffer(input: OfferInput): Promise<BidOffer> {
  const { product, block, nowMs, reliability, method, others, settings, scope } = input;
  const blockMinutes = (block.endMs - block.startMs) / MS_PER_MINUTE;
  const rule = capacityRuleOf(product, blockMinutes, settings);
  const pool = scope && new Set(scope.siteIds);
  const members = sessionsIn(input.sessions, pool);
  const model = modelOf(input, members, { product, blockMinutes });
  const sample = model.sample(block, nowMs);
  const scenarios = freeScenarios(input, scope, sample, others);
  const firm = firmCapacity(
    scenarios.map(({ scaledKw }) => scaledKw),
    reliability,
    method,
  );
  const wantedKw = roundToProduct(product, Math.min(firm.kw, input.maxKw));
  const behind = scenarioBehind(scenarios, firm, sample.scenarios);
  const priced =
    wantedKw > 0 && behind !== undefined
      ? await priceSteps({
          sessions: sessionsOf(behind.day, members, input),
          block,
          product,
          rule,
          kw: wantedKw,
          scale: behind.scaledKw / behind.capacityKw,
          pricesOver: (horizon) => sitePricesOver(input.state, horizon)(usualSite(members)).prices,
          settings,
        })
      : { plannedKw: 0, steps: [] };
  const offeredKw = priced.steps.at(-1)?.kw ?? 0;
  const days = Array.from({ length: BACK_TEST_DAYS }, (_, back) => dayBefore(block.day, back + 1));
  const past = days.flatMap((day) =>
    blocksOfDay(product, day).filter(
      (other) => other.startLocal === block.startLocal && other.endMs <= nowMs,
    ),
  );
  const reached = backTest(model, product, past, { reliability, method }).all;
  const kws = sample.scenarios.map(({ scaledKw }) => scaledKw);
  const backing: BidBacking = {
    dayType: sample.dayType,
    days: scenarios.length,
    fromDay: scenarios.at(-1)?.day ?? null,
    toDay: scenarios[0]?.day ?? null,
    rank: firm.rank,
    evses: sample.places,
    expectedKw: sample.expectedKw,
    leastKw: kws.length === 0 ? 0 : Math.min(...kws),
    backTest: { held: reached.held, of: reached.of, low: reached.low, high: reached.high },
    plannedDay: behind?.day ?? null,
    plannedKw: priced.plannedKw,
    stackedOn: others.filter(({ bid }) => overlaps(pool, sitesOf(bid))).map(({ bid }) => bid.bidId),
    sessions: sessionsThrough(input, rule),
  };
  return {
    firmKw: firm.kw,
    offeredKw,
    steps: priced.steps,
    backing,
    because: reasons(input, firm, backing, offeredKw, wantedKw),
  };
}

/** The scenario that the firm quantity comes from, as it is without other bids. */
function scenarioBehind(
  scenarios: readonly BlockScenario[],
  firm: FirmCapacity,
  whole: readonly BlockScenario[],
): BlockScenario | undefined {
  const ranked = scenarios.filter(({ scaledKw }) => scaledKw >= firm.kw && scaledKw > 0);
  const least = ranked.reduce<BlockScenario | undefined>(
    (found, entry) => (found === undefined || entry.scaledKw < found.scaledKw ? entry : found),
    undefined,
  );
  return whole.find(({ day }) => day === least?.day);
}

/** Where most of the sessions are: its prices stand for the pool's. */
function usualSite(sessions: readonly CapacitySession[]): SiteId | undefined {
  const counts = new Map<SiteId | undefined, number>();
  for (const { siteId } of sessions) counts.set(siteId, (counts.get(siteId) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** The sessions of the same block on a past day, moved onto the block's day by its own length of days. */
function sessionsOf(
  day: string,
  sessions: readonly CapacitySession[],
  { product, block, nowMs }: OfferInput,
): CapacitySession[] {
  const past = blocksOfDay(product, day).find(({ startLocal }) => startLocal === block.startLocal);
  if (past === undefined) return [];
  const shiftMs = block.startMs - past.startMs;
  return sessions
    .filter(({ startMs, endMs }) => startMs < past.endMs && endMs > past.startMs)
    .map((session) => ({
      ...session,
      startMs: session.startMs + shiftMs,
      endMs: Math.min(session.endMs, nowMs) + shiftMs,
    }));
}

function sessionsThrough(
  { connected, block, state, settings, nowMs }: OfferInput,
  rule: Parameters<typeof sessionCapacityKw>[1],
): BidBacking['sessions'] {
  return connected.flatMap((session) => {
    const departureMs = session.override?.departureMs ?? session.needs?.departureMs;
    if (departureMs === undefined || departureMs < block.endMs) return [];
    const capability = firmCapabilityOf(state, session, nowMs);
    const stay = { ...capacitySessionOf(session, capability, settings), endMs: departureMs };
    const capacityKw = Math.min(
      sessionCapacityKw(stay, rule, block.startMs, block.startMs + MS_PER_HOUR / 4),
      sessionCapacityKw(stay, rule, block.endMs - MS_PER_HOUR / 4, block.endMs),
    );
    const { transactionId, evseId } = session;
    return capacityKw > 0 ? [{ transactionId, evseId, capacityKw }] : [];
  });
}

function reasons(
  { product, reliability }: OfferInput,
  firm: FirmCapacity,
  backing: BidBacking,
  offeredKw: number,
  wantedKw: number,
): string[] {
  const because: string[] = [];
  const needed = scenariosNeeded(reliability);
  if (firm.scenarios < needed) {
    because.push(
      `${firm.scenarios} days like this one are known; reliability ${reliability} needs at least ${needed}.`,
    );
  } else {
    because.push(
      `${firm.kw.toFixed(1)} kW were there in all but ${firm.rank - 1} of ${firm.scenarios} days like this one.`,
    );
  }
  if (backing.stackedOn.length > 0) {
    because.push(`The share of ${backing.stackedOn.length} other bids in this time is left out.`);
  }
  if (wantedKw > offeredKw) {
    because.push(`A plan of ${backing.plannedDay ?? 'no day'} holds ${backing.plannedKw.toFixed(1)} kW.`);
  }
  if (offeredKw === 0 && firm.kw > 0) {
    because.push(`Below the smallest bid of ${product.minKw} kW nothing can be offered.`);
  }
  return because;
}
