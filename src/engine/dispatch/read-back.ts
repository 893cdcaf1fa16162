import { EbbflowError } from '../../domain/errors.js';
import { type EvseId, type StationId, stationOf } from '../../domain/ids.js';
import { holding } from '../../ports/clock.js';
import type { ProfileReadBack } from '../../ports/station-link.js';
import type { LinkedContext } from '../context.js';
import { usedEvsesOf } from '../state.js';

/**
 * What the stations hold after a restart of ours, before anything new is sent: unread → asked → read. What
 * the store remembers of an EVSE is believed only when the station says the same.
 */
export interface ReadBack {
  /** Nothing may be sent to the station yet. */
  isPending(stationId: StationId): boolean;
  /** The station is back: asks for each EVSE that carries a session. A failed question counts as not known. */
  begin(stationId: StationId): void;
  /** Asks those that are connected already. */
  beginOnline(): void;
  /** The station has booted, so it is told everything anew. */
  skip(stationId: StationId): void;
}

export function createReadBack(
  context: LinkedContext,
  parts: {
    /** `isAsStored`: the station holds the revision that the store says it took. */
    read: (evseId: EvseId, isAsStored: boolean) => void;
    /** All EVSEs of the station are read. */
    done: (stationId: StationId) => void;
  },
): ReadBack {
  const { clock, state, logger } = context;
  const pending = new Set<StationId>([...state.transactionByEvse.keys()].map(stationOf));
  const asking = new Set<StationId>();

  function isAsStored(evseId: EvseId, told: ProfileReadBack): boolean {
    const inForce = state.inForce.get(evseId);
    const transactionId = state.transactionByEvse.get(evseId);
    if (told.kind === 'unknown') return false;
    if (told.kind === 'none') return inForce === undefined || inForce.transactionId !== transactionId;
    const ofSession = told.transactionId === undefined || told.transactionId === transactionId;
    // A Dynamic profile carries the revision that it was set with; its value is told anew in any case.
    return ofSession && inForce !== undefined && (told.isDynamic || told.revision === inForce.revision);
  }

  async function ask(stationId: StationId): Promise<void> {
    for (const evseId of [...usedEvsesOf(state, stationId)]) {
      if (!state.transactionByEvse.has(evseId)) continue;
      let told: ProfileReadBack = { kind: 'unknown' };
      try {
        told = await context.link().readBack(evseId);
      } catch (error) {
        if (!(error instanceof EbbflowError)) throw error;
        if (!context.link().isOnline(stationId)) return;
        logger.warn({ err: error, evseId }, 'the profile in force could not be read back');
      }
      parts.read(evseId, isAsStored(evseId, told));
    }
    if (!pending.delete(stationId)) return;
    parts.done(stationId);
  }

  const readBack: ReadBack = {
    isPending: (stationId) => pending.has(stationId),
    beginOnline() {
      for (const stationId of pending) if (context.link().isOnline(stationId)) readBack.begin(stationId);
    },
    begin(stationId) {
      if (!pending.has(stationId) || asking.has(stationId)) return;
      asking.add(stationId);
      // The station's own messages go first.
      clock.after(0, () => {
        holding(clock, () => ask(stationId))
          .catch((error: unknown) => logger.error({ err: error, stationId }, 'read-back failed'))
          .finally(() => asking.delete(stationId));
      });
    },
    skip(stationId) {
      pending.delete(stationId);
    },
  };
  return readBack;
}
