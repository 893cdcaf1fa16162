import { assertNever } from '../../domain/assert.js';
import { EbbflowError, type ErrorCode } from '../../domain/errors.js';
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
 * A failure of ours as the CALLERROR for the station. Bad input is the station's and it may know the rule it
 * broke; everything else stays inside and becomes InternalError, so the station tries again.
 */
export function toRpcError(error: unknown): unknown {
  if (error instanceof EbbflowError && error.code === 'INVALID_INPUT') {
    return new RpcError('PropertyConstraintViolation', error.message);
  }
  return error;
}
