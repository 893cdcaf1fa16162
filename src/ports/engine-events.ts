import type { DispatchOrder } from '../domain/dispatch.js';
import type { EvseId, StationId, TransactionId } from '../domain/ids.js';
import type { FleetSnapshot, PlanSummary, SessionView } from './use-cases.js';

/** What the engine announces; the API streams it as server-sent events of the same `kind`. */
export type EngineEvent =
  | { readonly kind: 'fleet'; readonly fleet: FleetSnapshot }
  | { readonly kind: 'plan'; readonly plan: PlanSummary }
  | { readonly kind: 'session'; readonly session: SessionView }
  | { readonly kind: 'dispatch'; readonly order: DispatchOrder }
  | { readonly kind: 'alarm'; readonly alarm: Alarm };

export interface Alarm {
  readonly atMs: number;
  readonly code: string;
  readonly text: string;
  readonly stationId?: StationId;
  readonly evseId?: EvseId;
  readonly transactionId?: TransactionId;
}
