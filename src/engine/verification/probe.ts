import { EbbflowError } from '../../domain/errors.js';
import { proofOf, withProof } from '../../domain/evse-record.js';
import { type EvseId, stationOf } from '../../domain/ids.js';
import { type DesiredProfile, dynamicDurationS } from '../../domain/profile.js';
import type { EvseCapability } from '../../domain/station.js';
import { holding } from '../../ports/clock.js';
import type { LinkedContext } from '../context.js';
import { hasDischargeAfter } from '../dispatch/desired-profile.js';
import { fractionOf } from '../dispatch/refresh-time.js';
import type { EvseRecords } from './evse-records.js';
import { matchSchedule } from './schedule-match.js';

/** The question follows the profile by at least so long, so that it delays nobody's first profile … */
const FIRST_MS = 5_000;
/** … and each EVSE has its own moment in so much time, so that a fleet is not asked in one second. */
const SPREAD_MS = 30_000;
/** Longest schedule that is asked for. */
const MAX_SPAN_S = 24 * 3_600;
/** Questions that got no answer at all (time-outs, a lost link) before the meter alone decides. */
const MAX_ATTEMPTS = 3;

/**
 * The probe: the first real profile in a dialect that an EVSE's firmware has not proven is read back by
 * GetCompositeSchedule, and once more when discharge comes into it (docs/decisions/0006). Its outcome is kept per
 * EVSE, dialect and firmware. It accuses nobody: schedules are told wrongly by stations that do right and rightly by
 * stations that do wrong. The meter decides.
 */
export interface Probe {
  /** The station has taken a profile. */
  taken(profile: DesiredProfile, capability: EvseCapability): void;
  stop(): void;
}

export function createProbe(context: LinkedContext, records: EvseRecords): Probe {
  const { clock, state, metrics, logger } = context;
  const timers = new Map<EvseId, () => void>();
  const attempts = new Map<EvseId, number>();

  function isWorthAsking(profile: DesiredProfile, { dialect = 'charging-only' }: EvseCapability): boolean {
    const { evseId } = profile;
    if (dialect === 'charging-only') return false;
    const proof = proofOf(state.evseRecords.get(evseId), dialect, records.firmwareOf(evseId));
    if (proof?.meter?.outcome === 'follows') return false;
    if (proof?.readBack === undefined) return true;
    const { outcome, withDischarge } = proof.readBack;
    return outcome === 'agrees' && !withDischarge && hasDischargeAfter(profile, clock.nowMs());
  }

  async function ask(evseId: EvseId, capability: EvseCapability): Promise<void> {
    const profile = state.inForce.get(evseId);
    const { dialect = 'charging-only' } = capability;
    const nowMs = clock.nowMs();
    if (profile === undefined || profile.transactionId !== state.transactionByEvse.get(evseId)) return;
    if (!isWorthAsking(profile, capability) || !context.link().isOnline(stationOf(evseId))) return;
    const endS = Math.floor((profile.validToMs - nowMs) / 1000);
    const spanS = Math.min(MAX_SPAN_S, dialect === 'dynamic' ? dynamicDurationS(profile) : endS);
    if (spanS < 1) return;
    const answer = await context.link().compositeSchedule(evseId, spanS, capability);
    const word =
      answer.kind === 'told'
        ? matchSchedule({ profile, dialect }, answer.schedule, nowMs)
        : { outcome: 'not-answered' as const, withDischarge: false, detail: answer.detail };
    metrics.count('probes_total', { dialect, outcome: word.outcome });
    const firmware = records.firmwareOf(evseId);
    records.change(evseId, (record) =>
      withProof(record, { dialect, firmware, readBack: { ...word, atMs: nowMs } }),
    );
    attempts.delete(evseId);
  }

  return {
    taken(profile, capability) {
      const { evseId } = profile;
      if (timers.has(evseId) || !isWorthAsking(profile, capability)) return;
      if ((attempts.get(evseId) ?? 0) >= MAX_ATTEMPTS) return;
      attempts.set(evseId, (attempts.get(evseId) ?? 0) + 1);
      const cancel = clock.after(FIRST_MS + SPREAD_MS * fractionOf(evseId), () => {
        timers.delete(evseId);
        holding(clock, () => ask(evseId, capability)).catch((error: unknown) => {
          if (!(error instanceof EbbflowError)) throw error;
          logger.warn({ err: error, evseId }, 'the first profile could not be read back');
        });
      });
      timers.set(evseId, cancel);
    },
    stop() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
