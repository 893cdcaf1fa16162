import type { TransactionId } from './ids.js';
import type { Reading } from './reading.js';
import type { SignedValue } from './signed-value.js';

/** OCPP TransactionEvent, in our units. `seqNo` rises within a transaction; repeats have the same number. */
export interface TransactionEvent {
  readonly kind: 'started' | 'updated' | 'ended';
  readonly transactionId: TransactionId;
  readonly seqNo: number;
  readonly atMs: number;
  readonly trigger: string;
  readonly offline: boolean;
  /** Present at least once per transaction, usually on `started`. */
  readonly evseNumber?: number;
  readonly idToken?: string;
  readonly chargingState?: string;
  readonly operationMode?: string;
  readonly stoppedReason?: string;
  readonly readings: readonly Reading[];
  /** Absent = the meter signed nothing in this event. */
  readonly signedValues?: readonly SignedValue[];
}
