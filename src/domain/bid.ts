import type { OrderScope } from './dispatch.js';
import type { BidId, EvseId, TransactionId } from './ids.js';
import type { MarketProduct } from './market-product.js';

/**
 * open (until gate closure) → closed (the result may come) → awarded | lapsed (the block began without an
 * award); withdrawn instead of closed; released when all of an award was given back. Only `withdrawnAtMs` and
 * `award` are kept, the rest follows from time.
 */
export type BidState = 'open' | 'closed' | 'awarded' | 'released' | 'withdrawn' | 'lapsed';

/** Capacity from the end of the step before (0 for the first) up to `kw`, at a price per kW and hour. */
export interface BidStep {
  readonly kw: number;
  readonly pricePerKwPerHour: number;
}

/** What stands behind a bid's kW. */
export interface BidBacking {
  readonly dayType: 'weekday' | 'weekend';
  /** Days resampled, their first and last, and which of them by rank sets the firm quantity. */
  readonly days: number;
  readonly fromDay: string | null;
  readonly toDay: string | null;
  readonly rank: number;
  /** EVSEs that belong to the pool, kW to be expected of them, and the least of any day. */
  readonly evses: number;
  readonly expectedKw: number;
  readonly leastKw: number;
  /** Reliability that bids like this one reached on past days, each made from what was known then. */
  readonly backTest: {
    readonly held: number;
    readonly of: number;
    readonly low: number;
    readonly high: number;
  };
  /** Day whose sessions were planned for quantity and price, and the kW that its plan could hold. */
  readonly plannedDay: string | null;
  readonly plannedKw: number;
  /** Other bids and awards in the same time, whose share of the pool is left out. */
  readonly stackedOn: readonly BidId[];
  /** Sessions plugged in now that stay through the block by their stated departure. */
  readonly sessions: readonly {
    readonly transactionId: TransactionId;
    readonly evseId: EvseId;
    readonly capacityKw: number;
  }[];
}

export interface Award {
  readonly kw: number;
  readonly pricePerKwPerHour: number;
  readonly awardedAtMs: number;
  readonly awardedBy: string;
  /** What was given back, where the product allows it; absent = nothing. */
  readonly releases?: readonly AwardRelease[];
}

export interface AwardRelease {
  readonly kw: number;
  readonly releasedAtMs: number;
  readonly releasedBy: string;
}

/** What the plans of a quarter-hour were short of an award at worst, kW ≥ 0. */
export interface AwardShortage {
  readonly bidId: BidId;
  /** Of the quarter-hour. */
  readonly startMs: number;
  readonly missingKw: number;
}

/** An offer of the fleet's capacity in one block of one product. */
export interface Bid {
  readonly bidId: BidId;
  /** The product's rules as they were when the bid was made. */
  readonly product: MarketProduct;
  readonly startMs: number;
  readonly endMs: number;
  /** Absent = the whole fleet. */
  readonly scope?: OrderScope;
  readonly reliability: number;
  readonly method: 'quantile' | 'cvar';
  /** Before rounding to the product, kW. */
  readonly firmKw: number;
  /** What may be sold: firm kW on the product's steps, 0 below its minimum. */
  readonly offeredKw: number;
  readonly steps: readonly BidStep[];
  readonly backing: BidBacking;
  /** Why the offer is what it is, one sentence each. */
  readonly because: readonly string[];
  readonly createdAtMs: number;
  readonly createdBy: string;
  /** Gate closure. */
  readonly expiresAtMs: number;
  readonly withdrawnAtMs?: number;
  readonly award?: Award;
}

export function bidStateAt(bid: Bid, nowMs: number): BidState {
  if (bid.award !== undefined) return awardedKwOf(bid) > 0 ? 'awarded' : 'released';
  if (bid.withdrawnAtMs !== undefined) return 'withdrawn';
  if (nowMs < bid.expiresAtMs) return 'open';
  return nowMs < bid.startMs ? 'closed' : 'lapsed';
}

/** kW that must be held: what was awarded less what was given back; 0 without an award. */
export function awardedKwOf({ award }: Pick<Bid, 'award'>): number {
  if (award === undefined) return 0;
  const releasedKw = (award.releases ?? []).reduce((sum, { kw }) => sum + kw, 0);
  return Number(Math.max(0, award.kw - releasedKw).toPrecision(12));
}

/** kW of the pool that a bid takes from others: what is awarded, or offered as long as it can be awarded. */
export function heldKwOf(bid: Bid, nowMs: number): number {
  if (bid.award !== undefined) return awardedKwOf(bid);
  const state = bidStateAt(bid, nowMs);
  return state === 'open' || state === 'closed' ? bid.offeredKw : 0;
}
