import { type StationId, stationOf } from '../../domain/ids.js';
import type { LinkedContext } from '../context.js';
import type { EngineState } from '../state.js';

/** A station may be away so long before it counts as offline: a link that flaps is no news. */
export const OFFLINE_GRACE_MS = 30_000;

/** Since when a station has been out of reach, longer than the grace; undefined while it is not. */
export function offlineSinceMs(
  { awaySinceMs }: Pick<EngineState, 'awaySinceMs'>,
  stationId: StationId,
  nowMs: number,
): number | undefined {
  const sinceMs = awaySinceMs.get(stationId);
  return sinceMs !== undefined && nowMs - sinceMs >= OFFLINE_GRACE_MS ? sinceMs : undefined;
}

/** Who is in reach: away → offline after the grace → back. */
export interface Presence {
  away(stationId: StationId): void;
  back(stationId: StationId): void;
  /** After a start all stations with a session that are not connected yet count as just gone. */
  start(): void;
}

export function createPresence(
  { clock, state, link }: LinkedContext,
  parts: { offline: (stationId: StationId) => void; online: (stationId: StationId) => void },
): Presence {
  function away(stationId: StationId): void {
    if (state.awaySinceMs.has(stationId)) return;
    const sinceMs = clock.nowMs();
    state.awaySinceMs.set(stationId, sinceMs);
    clock.after(OFFLINE_GRACE_MS, () => {
      if (state.awaySinceMs.get(stationId) === sinceMs) parts.offline(stationId);
    });
  }

  return {
    // A station that has already come back on another connection is not away.
    away: (stationId) => {
      if (!link().isOnline(stationId)) away(stationId);
    },
    back(stationId) {
      const wasOffline = offlineSinceMs(state, stationId, clock.nowMs()) !== undefined;
      state.awaySinceMs.delete(stationId);
      if (wasOffline) parts.online(stationId);
    },
    start() {
      const stationIds = new Set([...state.transactionByEvse.keys()].map(stationOf));
      for (const stationId of stationIds) if (!link().isOnline(stationId)) away(stationId);
    },
  };
}
