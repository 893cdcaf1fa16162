import type { BidId, EvseId, PlanId, SiteId, TransactionId } from './ids.js';
import type { PriceBridge, PriceKind } from './price.js';

export type PlanCause =
  | 'interval'
  | 'start'
  | 'needs'
  | 'departed'
  | 'price'
  | 'dispatch'
  | 'site'
  | 'override'
  | 'station'
  | 'award';

/** One session's part of a plan. `netKw[k]` is for slot `firstSlot + k` of the plan's horizon. */
export interface PlannedSession {
  readonly transactionId: TransactionId;
  readonly evseId: EvseId;
  readonly firstSlot: number;
  readonly netKw: readonly number[];
  readonly shortfallKwh: number;
  /** Why the session is planned so, one sentence per slot run that differs. */
  readonly because: readonly PlanReason[];
}

/** For slots [fromSlot, endSlot) of the horizon, a sentence a driver understands. */
export interface PlanReason {
  readonly fromSlot: number;
  readonly endSlot: number;
  readonly text: string;
}

/** A finished plan with its certificate. Net power of slot k is for [startMs + k·slotMinutes, …). */
export interface Plan {
  readonly planId: PlanId;
  readonly createdAtMs: number;
  readonly causes: readonly PlanCause[];
  readonly startMs: number;
  readonly slotMinutes: number;
  readonly currency: string;
  readonly status: 'optimal' | 'feasible';
  readonly objective: number;
  readonly lowerBound: number;
  readonly gap: number;
  readonly backend: string;
  readonly solveMilliseconds: number;
  readonly importPerKwh: readonly number[];
  readonly exportPerKwh: readonly number[];
  /** Prices from this slot on are a bridge (same time of the last known day), not published. */
  readonly bridgedFromSlot?: number;
  /** Which prices the plan is made with; absent in plans from before this was kept. */
  readonly priceBasis?: PriceBasis;
  readonly netKw: readonly number[];
  readonly sessions: readonly PlannedSession[];
  /** Where the powers are others than the slots say: an order's exact edges. Ascending, no two overlap. Absent = nowhere. */
  readonly spans?: readonly PlanSpan[];
  /** Sessions that the plan could not steer, and what it expects of them; part of `netKw`. Absent = none. */
  readonly unsteered?: readonly PlannedSession[];
  /** Awards that fall into the horizon, and how much of each the plan holds ready. */
  readonly reserves?: readonly PlannedReserve[];
}

/** Power of each steered session over a part of the plan's time; `netKw[i]` is of `sessions[i]`. */
export interface PlanSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly netKw: readonly number[];
}

/** Zone of prices, who published those of the first slot, what was bridged, and the tariffs that are on them. */
export interface ZoneBasis {
  /** Null while no price is known. */
  readonly zone: string | null;
  readonly source: string | null;
  readonly bridges: readonly PriceBridge[];
  /** Absent: none, the market's prices as they are. */
  readonly tariffIds?: readonly string[];
}

/** Market and basis of a plan's prices, and of those of sites that pay others. */
export interface PriceBasis extends ZoneBasis {
  readonly kind: PriceKind;
  /** Absent: all sites pay the same. */
  readonly elsewhere?: readonly (ZoneBasis & { readonly siteIds: readonly SiteId[] })[];
}

/** A stretch of an awarded block, slots [fromSlot, endSlot) of the horizon. `heldKw` < `awardedKw` is a shortage. */
export interface PlannedReserve {
  readonly bidId: BidId;
  readonly fromSlot: number;
  readonly endSlot: number;
  readonly awardedKw: number;
  readonly heldKw: number;
}
