import { type EvseRecord, emptyRecord } from '../../domain/evse-record.js';
import { type EvseId, stationOf } from '../../domain/ids.js';
import { holding } from '../../ports/clock.js';
import type { EngineContext } from '../context.js';

/** Changes of a second are written together. */
const FLUSH_MS = 1_000;
/** A store that does not answer is tried again after this time. */
const RETRY_MS = 30_000;

/** What experience says of EVSEs: seen at once, durable a second later. A crash costs the last second. */
export interface EvseRecords {
  of(evseId: EvseId): EvseRecord;
  change(evseId: EvseId, edit: (record: EvseRecord) => EvseRecord): void;
  /** The firmware that the EVSE's station told; empty when it told none. */
  firmwareOf(evseId: EvseId): string;
  /** Writes what is waiting. */
  flush(): Promise<void>;
}

export function createEvseRecords({ clock, store, state, logger }: EngineContext): EvseRecords {
  const waiting = new Set<EvseId>();
  let cancelFlush: (() => void) | undefined;
  const of = (evseId: EvseId): EvseRecord => state.evseRecords.get(evseId) ?? emptyRecord(evseId);

  function flushAfter(delayMs: number): void {
    cancelFlush ??= clock.after(delayMs, () => {
      cancelFlush = undefined;
      void holding(clock, flush);
    });
  }

  async function flush(): Promise<void> {
    cancelFlush?.();
    cancelFlush = undefined;
    const evseIds = [...waiting];
    waiting.clear();
    if (evseIds.length === 0) return;
    try {
      await store.stations.saveEvseRecords(evseIds.map(of));
    } catch (error) {
      logger.warn({ err: error, evses: evseIds.length }, 'records of EVSEs not saved; tried again');
      for (const evseId of evseIds) waiting.add(evseId);
      flushAfter(RETRY_MS);
    }
  }

  return {
    of,
    flush,
    firmwareOf: (evseId) => state.stations.get(stationOf(evseId))?.station.identity?.firmwareVersion ?? '',
    change(evseId, edit) {
      const before = of(evseId);
      const after = edit(before);
      if (after === before) return;
      state.evseRecords.set(evseId, after);
      waiting.add(evseId);
      flushAfter(FLUSH_MS);
    },
  };
}
