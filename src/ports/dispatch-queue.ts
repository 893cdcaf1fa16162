import type { EvseId } from '../domain/ids.js';

/** What goes first: safety before orders of people before ordinary plans. */
export const URGENCIES = ['safety', 'order', 'plan'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Durable, at-least-once hint that an EVSE has a newer desired profile. The job carries no profile. */
export interface DispatchQueue {
  /**
   * Enqueues one hint per EVSE; a hint that is already waiting is kept, not doubled, and moves up when this
   * one is more urgent. Without `urgency`: `plan`.
   */
  announce(evseIds: readonly EvseId[], urgency?: Urgency): Promise<void>;
  /**
   * Starts the consumers. `deliver` reads the newest revision and brings it to the station; a thrown
   * EbbflowError with `retryable` is tried again with back-off, any other goes to the dead letters.
   */
  start(deliver: (evseId: EvseId) => Promise<void>): Promise<void>;
  counts(): Promise<{ waiting: number; active: number; delayed: number; failed: number }>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
