import type { EvseId, StationId, TransactionId } from './ids.js';

/** Why a profile could not be brought to its station. */
export const DEAD_LETTER_REASONS = ['rejected', 'timeout', 'offline', 'busy', 'error'] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** What one EVSE did not take, after all attempts. */
export interface DeadLetter {
  readonly evseId: EvseId;
  readonly stationId: StationId;
  readonly reason: DeadLetterReason;
  /** The station's or the network's word. */
  readonly detail: string;
  readonly attempts: number;
  readonly announcedAtMs: number;
  readonly givenUpAtMs: number;
  /** The EVSE's newest profile; null when there is none. */
  readonly profile: { readonly transactionId: TransactionId; readonly revision: number } | null;
  /** Whether that profile still waits for the EVSE's yes; else it was taken since, or its session is over. */
  readonly isWanted: boolean;
}

/** How far the newest profiles have come. */
export interface DispatchProgress {
  readonly atMs: number;
  /** Running sessions with a profile, and how many EVSEs have not answered to their newest. */
  readonly profiles: number;
  readonly unanswered: number;
  /** Age of the oldest of those, s; 0 when there is none. */
  readonly lagS: number;
  /** Hints in the queue. */
  readonly queue: {
    readonly waiting: number;
    readonly active: number;
    readonly delayed: number;
    readonly failed: number;
  };
}
