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
  /** The peer sends faster than it may; it is read later. */
  | 'too-fast'
  /** The peer made more faults than its budget; the connection is closed with 1008. */
  | 'too-many-faults'
  /** No traffic for several pings; the connection was cut. */
  | 'half-open'
  | 'socket-error';

/** Characters of a fault's text and action that are kept: a peer may write them. */
const MAX_DETAIL = 300;
const MAX_ACTION = 64;

/**
 * What a fault takes from the peer's budget. A payload against the schema is answered like any other and says
 * little of ill will: a queue of misspelt events must not cost the connection. Absent: nothing.
 */
export const FAULT_COSTS: Partial<Record<FaultKind, number>> = {
  'malformed-frame': 1,
  'unknown-message-type': 1,
  'binary-message': 1,
  'unknown-answer': 1,
  'duplicate-call': 1,
  'too-many-calls': 1,
  'schema-violation': 0.1,
};

/** The fault with everything that a peer may have written cut to a length fit for logs. */
export function cutToLength(fault: Fault): Fault {
  const { action, detail } = fault;
  return {
    ...fault,
    detail: detail.slice(0, MAX_DETAIL),
    ...(action === undefined ? {} : { action: action.slice(0, MAX_ACTION) }),
  };
}

/** What went wrong on a connection and was dealt with. For logs, counters and the station's record. */
export interface Fault {
  readonly kind: FaultKind;
  readonly detail: string;
  readonly action?: string;
  readonly messageId?: string;
  readonly cause?: unknown;
}
