import type { DispatchId, EvseId, SiteId } from './ids.js';

/**
 * accepted → dispatched (every profile that carries it acknowledged) → delivering (start reached)
 * → delivered | partial (end reached) | cancelled.
 */
export type DispatchState = 'accepted' | 'dispatched' | 'delivering' | 'delivered' | 'partial' | 'cancelled';

/** Part of the fleet that an order is about, with its sites as they were when the order came. */
export interface OrderScope {
  readonly siteId?: SiteId;
  readonly pool?: string;
  readonly siteIds: readonly SiteId[];
}

/**
 * A trader's order on net power over [startMs, endMs). Exactly one is set: `targetNetKw`, `deltaKw`, a cap (one
 * or both), or `release`.
 */
export interface DispatchOrder {
  readonly dispatchId: DispatchId;
  readonly startMs: number;
  readonly endMs: number;
  /** Absent = the whole fleet. */
  readonly scope?: OrderScope;
  /** Absolute net power of the scope, import > 0. */
  readonly targetNetKw?: number;
  /** Change against the plan that stood when the order came. */
  readonly deltaKw?: number;
  /** Net power of the scope stays within [−exportCapKw, importCapKw]; both ≥ 0, absent = no cap that way. */
  readonly importCapKw?: number;
  readonly exportCapKw?: number;
  /** Takes away what was ordered before in the scope and inside it, for the order's time. */
  readonly release?: true;
  readonly reason: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly state: DispatchState;
  readonly cancelledAtMs?: number;
  /** Net power asked per plan slot, kW, frozen when the order came: baseline + delta, or the target; empty for a cap or release. */
  readonly askedNetKw: readonly { readonly startMs: number; readonly netKw: number }[];
  /** What was asked of and acknowledged by each EVSE over [startMs, toMs): the part that is history. */
  readonly accounted?: { readonly toMs: number; readonly shares: readonly AccountedShare[] };
}

/** Energy of the order's past time, kWh, signed. */
export interface AccountedShare {
  readonly evseId: EvseId;
  readonly askedKwh: number;
  readonly acknowledgedKwh: number;
}

/** Energy over the order's time, kWh, signed; per EVSE and in total. */
export interface DispatchShare {
  readonly evseId: EvseId;
  readonly askedKwh: number;
  readonly acknowledgedKwh: number;
  readonly meteredKwh: number;
}

/**
 * What a new order does with one that stands and overlaps it in time. `replaces`: same scope, the newer counts.
 * `both-hold`: a cap beside anything. `other-first`: the other's scope lies inside; it is fulfilled first and this
 * one asks the rest for the difference. `this-first`: the reverse. `lifts`: a release takes the other away.
 */
export const ORDER_CONFLICTS = ['replaces', 'both-hold', 'other-first', 'this-first', 'lifts'] as const;
export type OrderConflict = (typeof ORDER_CONFLICTS)[number];
