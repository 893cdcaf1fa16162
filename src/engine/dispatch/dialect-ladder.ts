import { type EvseId, evseNumberOf, stationOf } from '../../domain/ids.js';
import { MS_PER_HOUR } from '../../domain/power.js';
import type { DesiredProfile, ProfileOutcome } from '../../domain/profile.js';
import type { DemotionCause, DialectDemotion, EvseCapability, ProfileDialect } from '../../domain/station.js';
import type { LinkedContext } from '../context.js';
import type { Stations } from '../sessions/stations.js';
import { capabilityOf } from '../state.js';

/** A dialect that was refused is tried again after this time, doubling with each refusal in a row up to the most. */
const FIRST_COOL_DOWN_MS = MS_PER_HOUR;
const MAX_COOL_DOWN_MS = 24 * MS_PER_HOUR;

/** Refusals that speak of the moment, not of the form of the profile (OCPP 2.1 appendix 5). */
const OF_THE_MOMENT = /^(TxNotFound|InvalidMessageSeq|RateLimitExceeded)\b/;

/**
 * Sends profiles in the best dialect that each EVSE holds:
 * dynamic → central-setpoint → charging-only (or negative-limit → charging-only), one rung down per refusal,
 * up again when the cool-down is over.
 */
export interface DialectLadder {
  apply(profile: DesiredProfile): Promise<AppliedProfile>;
  /** The EVSE refuses the dialect, or took it and does not follow it. */
  demote(evseId: EvseId, dialect: ProfileDialect, reason: string, cause: DemotionCause): Promise<void>;
  /**
   * The dialect is proven: the meter follows it, and nothing is held against it any more; or an update of a Dynamic
   * profile was taken, and no refusal is (`refused`). That a profile was accepted proves nothing: there are
   * stations that take Dynamic profiles and know no update.
   */
  forgive(evseId: EvseId, dialect: ProfileDialect, only?: { cause: 'refused' }): Promise<void>;
}

export interface AppliedProfile {
  readonly outcome: ProfileOutcome;
  /** What it was sent with at last. */
  readonly capability: EvseCapability;
}

export function createDialectLadder(
  context: LinkedContext,
  stations: Stations,
  /** An EVSE cannot discharge any more, or again: the plan must know. */
  capabilityChanged: () => void,
): DialectLadder {
  const { clock, state, announcer, metrics } = context;
  const now = (evseId: EvseId) => capabilityOf(state, stationOf(evseId), evseId, clock.nowMs());

  const demotionsOf = (evseId: EvseId): readonly DialectDemotion[] =>
    state.stations.get(stationOf(evseId))?.station.dialectDemotions ?? [];
  const isOf = (evseId: EvseId, dialect: ProfileDialect) => (demotion: DialectDemotion) =>
    demotion.evseNumber === evseNumberOf(evseId) && demotion.dialect === dialect;

  async function demote(
    evseId: EvseId,
    dialect: ProfileDialect,
    reason: string,
    cause: DemotionCause,
  ): Promise<void> {
    const isThis = isOf(evseId, dialect);
    const count = (demotionsOf(evseId).find(isThis)?.count ?? 0) + 1;
    const coolDownMs = Math.min(MAX_COOL_DOWN_MS, FIRST_COOL_DOWN_MS * 2 ** (count - 1));
    const demotion: DialectDemotion = {
      evseNumber: evseNumberOf(evseId),
      dialect,
      reason,
      untilMs: clock.nowMs() + coolDownMs,
      count,
      ...(cause === 'ignored' ? { cause } : {}),
    };
    metrics.count('dialect_demotions_total', { dialect, cause });
    await stations.change(stationOf(evseId), (station) => ({
      ...station,
      dialectDemotions: [...(station.dialectDemotions ?? []).filter((one) => !isThis(one)), demotion],
    }));
    announcer.alarm({
      atMs: clock.nowMs(),
      code: 'dialect-demoted',
      text: `The EVSE does not ${cause === 'ignored' ? 'follow' : 'take'} ${dialect} (${reason}); it is spoken to as ${now(evseId).dialect} for a while.`,
      stationId: stationOf(evseId),
      evseId,
    });
    if (now(evseId).dialect === 'charging-only') capabilityChanged();
  }

  async function forgive(
    evseId: EvseId,
    dialect: ProfileDialect,
    { cause: forgiven }: { cause?: 'refused' } = {},
  ): Promise<void> {
    const isOfDialect = isOf(evseId, dialect);
    const isThis = (demotion: DialectDemotion) =>
      isOfDialect(demotion) && (forgiven === undefined || demotion.cause !== 'ignored');
    if (!demotionsOf(evseId).some(isThis)) return;
    await stations.change(stationOf(evseId), (station) => ({
      ...station,
      dialectDemotions: (station.dialectDemotions ?? []).filter((one) => !isThis(one)),
    }));
  }

  return {
    demote,
    forgive,
    async apply(profile) {
      const { evseId } = profile;
      for (;;) {
        const capability = now(evseId);
        const { dialect = 'charging-only' } = capability;
        const outcome = await context.link().applyProfile(profile, capability);
        if (outcome.status === 'accepted') return { outcome, capability };
        const isFinal = dialect === 'charging-only' || outcome.unsent === true;
        if (isFinal || OF_THE_MOMENT.test(outcome.reason)) return { outcome, capability };
        await demote(evseId, dialect, outcome.reason, 'refused');
      }
    },
  };
}
