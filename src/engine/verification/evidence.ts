import type { DeliveryState } from '../../domain/evse-record.js';
import type { MeterSample, SampleWord } from './judge-sample.js';

/** Metered time for which an EVSE must do something else in a row before it is held against it. */
export const CONTRARY_MS = 120_000;
/** How long one late answer is remembered. */
export const LAG_MEMORY_MS = 15 * 60_000;

/** What the meter has said of one EVSE so far in this session. */
export interface Evidence {
  readonly state: Exclude<DeliveryState, 'offline'>;
  readonly lastConclusiveMs?: number;
  readonly lastLaggingMs?: number;
  /** Samples in a row that are neither following nor lagging. */
  readonly contrary?: {
    readonly coveredMs: number;
    readonly lastMs: number;
  };
}

export const NO_EVIDENCE: Evidence = { state: 'unverified' };

/**
 * Takes one judged sample in. One sample that follows clears what was held against the EVSE; being late is
 * remembered for {@link LAG_MEMORY_MS}; `ignoring` and `limited-by-ev` need {@link CONTRARY_MS} of metered
 * time without a sample that follows in between, and the newest word counts. A sample of an instant stands
 * for the time since the one before. An inconclusive sample changes nothing.
 */
export function withSample(evidence: Evidence, word: SampleWord, sample: MeterSample): Evidence {
  if (word === 'inconclusive') return evidence;
  const lastConclusiveMs = sample.toMs;
  if (word === 'following' || word === 'lagging') {
    const lastLaggingMs = word === 'lagging' ? sample.toMs : evidence.lastLaggingMs;
    const isLate = lastLaggingMs !== undefined && sample.toMs - lastLaggingMs < LAG_MEMORY_MS;
    return {
      state: isLate ? 'lagging' : 'following',
      lastConclusiveMs,
      ...(lastLaggingMs === undefined ? {} : { lastLaggingMs }),
    };
  }
  const { contrary } = evidence;
  const lengthMs =
    sample.toMs > sample.fromMs
      ? sample.toMs - sample.fromMs
      : sample.toMs - (contrary?.lastMs ?? sample.toMs);
  const next = {
    coveredMs: (contrary?.coveredMs ?? 0) + lengthMs,
    lastMs: sample.toMs,
  };
  return {
    ...evidence,
    state: next.coveredMs >= CONTRARY_MS ? word : evidence.state,
    lastConclusiveMs,
    contrary: next,
  };
}

/** The state as of now: without a conclusive sample for `staleMs` nothing is known any more. */
export function stateAt(evidence: Evidence, nowMs: number, staleMs: number): Evidence['state'] {
  const { lastConclusiveMs } = evidence;
  if (lastConclusiveMs === undefined || nowMs - lastConclusiveMs > staleMs) return 'unverified';
  return evidence.state;
}
