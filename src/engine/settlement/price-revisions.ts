import { MS_PER_MINUTE } from '../../domain/power.js';
import type { PriceSeries } from '../../domain/price.js';
import { holding } from '../../ports/clock.js';
import type { EngineContext } from '../context.js';
import type { SettlementRuns } from './settlement-runs.js';

/** Documents of one revision come one after the other: they are settled together. */
const GATHER_MS = 5_000;

/** Settles again what was settled at prices that have changed since. */
export interface PriceRevisions {
  /** Some slots of a series say something new. */
  noteChange(series: PriceSeries): void;
  stop(): void;
}

export function createPriceRevisions(
  { clock, logger, announcer }: EngineContext,
  parts: { readonly settlementRuns: Pick<SettlementRuns, 'revise'> },
): PriceRevisions {
  let pending: { fromMs: number; toMs: number } | undefined;
  let cancel: (() => void) | undefined;
  let isRunning = false;

  async function settle(): Promise<void> {
    const span = pending;
    pending = undefined;
    if (span === undefined) return;
    isRunning = true;
    try {
      const run = await parts.settlementRuns.revise(span);
      if (run !== undefined && run.entries.length > 0) {
        const text = `${run.entries.length} corrections after prices were revised, run ${run.runId}`;
        announcer.alarm({ atMs: clock.nowMs(), code: 'settlement-revised', text });
      }
    } catch (error) {
      logger.error({ err: error }, 'settlement after revised prices failed; a run over the time books it');
      const text = 'prices were revised, but what was settled with them could not be settled again';
      announcer.alarm({ atMs: clock.nowMs(), code: 'settlement-failed', text });
    } finally {
      isRunning = false;
      if (pending !== undefined) later();
    }
  }

  function later(): void {
    cancel?.();
    cancel = clock.after(GATHER_MS, () => {
      cancel = undefined;
      void holding(clock, settle);
    });
  }

  return {
    noteChange({ startMs, slotMinutes, importPerKwh }) {
      // What has not begun cannot have been settled.
      const toMs = Math.min(clock.nowMs(), startMs + importPerKwh.length * slotMinutes * MS_PER_MINUTE);
      if (startMs >= toMs) return;
      pending = {
        fromMs: Math.min(pending?.fromMs ?? startMs, startMs),
        toMs: Math.max(pending?.toMs ?? toMs, toMs),
      };
      if (!isRunning) later();
    },
    stop() {
      cancel?.();
    },
  };
}
