import type { JsonObject, RpcErrorCode } from './frame.js';

/** Thrown by a call handler: becomes exactly this CALLERROR. */
export class RpcError extends Error {
  readonly code: RpcErrorCode;
  readonly details: JsonObject;

  constructor(code: RpcErrorCode, description: string, details: JsonObject = {}) {
    // An answer, not a fault of ours: where it was made is of no interest, and a peer chooses how often it is.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(description);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'RpcError';
    this.code = code;
    this.details = details;
  }
}

export type CallFailureKind =
  /** No answer in time; it may still come and is then ignored. */
  | 'timeout'
  /** The connection is closed or closing. */
  | 'closed'
  /** Too many calls wait for this peer already. */
  | 'busy'
  /** The peer answered with CALLERROR; `rpcCode` is its code. */
  | 'refused'
  /** The peer's answer breaks the schema. */
  | 'bad-answer'
  /** Our own request breaks the schema: a bug on this side. */
  | 'bad-request';

/** Why a call brought no answer. */
export class CallFailure extends Error {
  readonly kind: CallFailureKind;
  readonly rpcCode: string | undefined;

  constructor(kind: CallFailureKind, detail: string, rpcCode?: string) {
    super(detail);
    this.name = 'CallFailure';
    this.kind = kind;
    this.rpcCode = rpcCode;
  }
}
