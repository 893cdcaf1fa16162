import { EbbflowError } from '../../domain/errors.js';
import { type EvseId, stationOf } from '../../domain/ids.js';
import { dynamicPowerKwAt } from '../../domain/profile.js';
import { holding } from '../../ports/clock.js';
import type { LinkedContext } from '../context.js';
import type { DialectLadder } from './dialect-ladder.js';
import { nextRefreshMs } from './refresh-time.js';

/**
 * Keeps Dynamic profiles alive and up to date: taken → told at every change of power and at least every
 * third of its dead-man time → ended. It tells only what the profile in force says, and no discharge beyond
 * its end; so when plans stop coming the EVSE stops exporting within the dead-man time.
 */
export interface DynamicKeeper {
  /** The EVSE has taken a Dynamic profile; what is in force for it is kept up. */
  keep(evseId: EvseId): void;
  drop(evseId: EvseId): void;
  stop(): void;
}

export function createDynamicKeeper(
  context: LinkedContext,
  parts: {
    /** One at a time with deliveries to the same EVSE. */
    inTurn: (evseId: EvseId, task: () => Promise<void>) => Promise<void>;
    ladder: DialectLadder;
    /** The station refuses every way of saying it. */
    refused: (evseId: EvseId) => void;
  },
): DynamicKeeper {
  const { clock, state, logger } = context;
  const timers = new Map<EvseId, () => void>();
  let isStopped = false;

  function arm(evseId: EvseId): void {
    timers.get(evseId)?.();
    const profile = state.inForce.get(evseId);
    const atMs = profile === undefined ? undefined : nextRefreshMs(profile, clock.nowMs());
    if (isStopped || atMs === undefined) {
      timers.delete(evseId);
      return;
    }
    const wake = () => {
      holding(clock, () => parts.inTurn(evseId, () => tell(evseId)))
        .catch((error: unknown) => {
          if (!(error instanceof EbbflowError)) throw error;
          logger.warn({ err: error, evseId }, 'Dynamic profile not refreshed');
        })
        .finally(() => {
          if (timers.has(evseId)) arm(evseId);
        });
    };
    timers.set(evseId, clock.after(atMs - clock.nowMs(), wake));
  }

  async function tell(evseId: EvseId): Promise<void> {
    const profile = state.inForce.get(evseId);
    const nowMs = clock.nowMs();
    if (profile === undefined || !timers.has(evseId) || isStopped) return;
    if (dynamicPowerKwAt(profile, nowMs) === undefined || !context.link().isOnline(stationOf(evseId))) return;
    const { outcome, capability } = await parts.ladder.apply(profile);
    const isUpheld = outcome.status === 'accepted' || outcome.unsent === true;
    if (isUpheld && capability.dialect === 'dynamic') {
      if (outcome.status === 'accepted') await parts.ladder.forgive(evseId, 'dynamic', { cause: 'refused' });
      return;
    }
    drop(evseId);
    if (!isUpheld) parts.refused(evseId);
  }

  function drop(evseId: EvseId): void {
    timers.get(evseId)?.();
    timers.delete(evseId);
  }

  return {
    keep: arm,
    drop,
    stop() {
      isStopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
