import type { EvseId } from '../domain/ids.js';

/** Durable, at-least-once hint that an EVSE has a newer desired profile. The job carries no profile. */
export interface DispatchQueue {
  /** Enqueues one hint per EVSE; a hint that is already waiting is kept, not doubled. */
  announce(evseIds: readonly EvseId[]): Promise<void>;
  /**
   * Starts the consumers. `deliver` reads the newest revision and brings it to the station; a thrown
   * EbbflowError with `retryable` is tried again with back-off, any other goes to the dead letters.
   */
  start(deliver: (evseId: EvseId) => Promise<void>): Promise<void>;
  counts(): Promise<{ waiting: number; active: number; delayed: number; failed: number }>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
