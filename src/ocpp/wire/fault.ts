export type FaultKind =
  /** A station's spelling that was mended; `detail` says what. */
  | 'repaired'
  | 'malformed-frame'
  | 'unknown-message-type'
  | 'binary-message'
  | 'oversized-message'
  | 'schema-violation'
  /** An answer to no call of ours, or one that came after its timeout. */
  | 'unknown-answer'
  | 'duplicate-call'
  | 'too-many-calls'
  | 'call-timeout'
  /** The peer sent CALLRESULTERROR: it could not use our answer. */
  | 'answer-refused'
  /** Our handler threw; the peer got InternalError. */
  | 'handler-failed'
  /** Our own answer broke the schema; the peer got InternalError. */
  | 'invalid-answer'
  /** The peer does not read; the connection was cut. */
  | 'peer-too-slow'
  /** No traffic for several pings; the connection was cut. */
  | 'half-open'
  | 'socket-error';

/** What went wrong on a connection and was dealt with. For logs, counters and the station's record. */
export interface Fault {
  readonly kind: FaultKind;
  readonly detail: string;
  readonly action?: string;
  readonly messageId?: string;
  readonly cause?: unknown;
}
