import type { ErrorCode } from '../domain/errors.js';
import type { EvseId } from '../domain/ids.js';

/** What goes first: safety before orders of people before ordinary plans. */
export const URGENCIES = ['safety', 'order', 'plan'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** A delivery that was given up after its attempts. */
export interface FailedDelivery {
  readonly evseId: EvseId;
  /** Of the last attempt; INTERNAL for a bug. */
  readonly code: ErrorCode;
  readonly detail: string;
  readonly attempts: number;
  readonly announcedAtMs: number;
  readonly givenUpAtMs: number;
}

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
  /** The last delivery of each EVSE that was given up, newest first; kept for a week, at most some thousands. */
  failed(): Promise<FailedDelivery[]>;
  /** Forgets what was given up for these EVSEs. */
  forgetFailed(evseIds: readonly EvseId[]): Promise<void>;
  /** @throws EbbflowError STORE_UNAVAILABLE when it does not answer, takes no hint, or is paused */
  ping(): Promise<void>;
  close(): Promise<void>;
}
