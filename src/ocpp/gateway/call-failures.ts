import { assertNever } from '../../domain/assert.js';
import { EbbflowError, type ErrorCode } from '../../domain/errors.js';
import type { RpcErrorCode } from '../wire/frame.js';
import { type CallFailure, RpcError } from '../wire/rpc-error.js';

/** A failed call to a station as an operating failure of the engine. */
export function stationFailure(failure: CallFailure): EbbflowError {
  return new EbbflowError(codeOf(failure), failure.message, { cause: failure });
}

function codeOf({ kind }: CallFailure): ErrorCode {
  switch (kind) {
    case 'timeout':
      return 'STATION_TIMEOUT';
    case 'closed':
      return 'STATION_OFFLINE';
    case 'busy':
      return 'STATION_BUSY';
    case 'refused':
    case 'bad-answer':
      return 'STATION_REFUSED';
    case 'bad-request':
      return 'INTERNAL';
    default:
      return assertNever(kind);
  }
}

/** Whether the station said that it does not do this message at all: trying again is pointless. */
export function isUnsupported(failure: CallFailure): boolean {
  return (
    failure.kind === 'refused' && (failure.rpcCode === 'NotSupported' || failure.rpcCode === 'NotImplemented')
  );
}

/**
 * What the station is told of a failure that is its own: the code says whether sending the same again can
 * help (OCPP 2.1 Part 4, 4.3). Absent: a fault of ours, of which it learns nothing but InternalError, so that
 * it tries again.
 */
const CODES_OF_REFUSALS: Partial<Record<ErrorCode, RpcErrorCode>> = {
  INVALID_INPUT: 'PropertyConstraintViolation',
  NOT_FOUND: 'PropertyConstraintViolation',
  CONFLICT: 'PropertyConstraintViolation',
  PAYLOAD_TOO_LARGE: 'OccurrenceConstraintViolation',
  FORBIDDEN: 'SecurityError',
  RATE_LIMITED: 'GenericError',
};

/** A failure of ours as the CALLERROR for the station; anything unexpected is handed on as it is. */
export function toRpcError(error: unknown): unknown {
  if (!(error instanceof EbbflowError)) return error;
  const code = CODES_OF_REFUSALS[error.code];
  return code === undefined ? error : new RpcError(code, error.message);
}
