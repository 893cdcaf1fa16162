import type { EvseId, TransactionId } from '../../domain/ids.js';
import { stationOf } from '../../domain/ids.js';
import type { DeliveryView } from '../../ports/use-cases.js';
import type { EngineSettings } from '../settings.js';
import type { EngineState } from '../state.js';
import type { DeliveryLimit } from './delivery.js';
import { stateAt } from './evidence.js';
import { offlineSinceMs } from './presence.js';

/** Readings may stay away for so many of their intervals, and at least so long, before they are missed. */
const STALE_INTERVALS = 5;
const LEAST_STALE_MS = 15 * 60_000;

/** How the EVSE of a running session does what it is told, as of now; null when no session runs there. */
export function deliveryView(
  state: EngineState,
  evseId: EvseId,
  transactionId: TransactionId | undefined,
  { meterIntervalS }: EngineSettings,
  nowMs: number,
): DeliveryView | null {
  if (transactionId === undefined || state.transactionByEvse.get(evseId) !== transactionId) return null;
  const awayMs = offlineSinceMs(state, stationOf(evseId), nowMs);
  if (awayMs !== undefined) {
    return { state: 'offline', sinceMs: awayMs, reason: 'the station is out of reach', limits: [] };
  }
  const known = state.deliveries.get(evseId);
  if (known?.transactionId !== transactionId) {
    const startedAtMs = state.sessions.get(transactionId)?.startedAtMs ?? nowMs;
    return { state: 'unverified', sinceMs: startedAtMs, reason: 'not metered yet', limits: [] };
  }
  const staleMs = Math.max(LEAST_STALE_MS, STALE_INTERVALS * meterIntervalS * 1000);
  const current = stateAt(known.evidence, nowMs, staleMs);
  const { shown } = known;
  const told =
    current !== 'unverified' || shown.state === 'unverified'
      ? shown
      : {
          state: current,
          sinceMs: known.evidence.lastConclusiveMs ?? shown.sinceMs,
          reason: 'no conclusive reading since',
        };
  return { ...told, limits: [...limitsOf(known, nowMs)] };
}

function* limitsOf(
  delivery: { readonly discharge?: DeliveryLimit; readonly charge?: DeliveryLimit },
  nowMs: number,
): Iterable<DeliveryView['limits'][number]> {
  for (const direction of ['charge', 'discharge'] as const) {
    const limit = delivery[direction];
    if (limit !== undefined && limit.untilMs > nowMs) {
      yield { direction, kw: limit.kw, untilMs: limit.untilMs };
    }
  }
}
