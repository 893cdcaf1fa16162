import type { DispatchId, EvseId } from './ids.js';

/**
 * accepted → dispatched (every profile that carries it acknowledged) → delivering (start reached)
 * → delivered | partial (end reached) | cancelled.
 */
export type DispatchState = 'accepted' | 'dispatched' | 'delivering' | 'delivered' | 'partial' | 'cancelled';

/** A trader's order on the fleet's net power over [startMs, endMs). Exactly one of the two powers is set. */
export interface DispatchOrder {
  readonly dispatchId: DispatchId;
  readonly startMs: number;
  readonly endMs: number;
  /** Absolute net power of the fleet, import > 0. */
  readonly targetNetKw?: number;
  /** Change against the plan that stood when the order came. */
  readonly deltaKw?: number;
  readonly reason: string;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly state: DispatchState;
  readonly cancelledAtMs?: number;
  /** Net power asked per plan slot, kW, frozen when the order came: baseline + delta, or the target. */
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
