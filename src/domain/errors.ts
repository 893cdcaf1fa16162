/**
 * The one catalogue of operating failures. Docs: docs/errors.md (a test compares the two).
 * `status` is the HTTP status of the API; `retryable` says whether the same call may succeed later.
 */
export const ERROR_CATALOGUE = {
  INVALID_INPUT: { status: 400, retryable: false, title: 'The input breaks a rule' },
  UNAUTHENTICATED: { status: 401, retryable: false, title: 'No valid API key' },
  FORBIDDEN: { status: 403, retryable: false, title: 'The API key lacks the role' },
  NOT_FOUND: { status: 404, retryable: false, title: 'No such resource' },
  CONFLICT: { status: 409, retryable: false, title: 'The resource is in another state' },
  IDEMPOTENCY_MISMATCH: {
    status: 422,
    retryable: false,
    title: 'The idempotency key was used for another request',
  },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false, title: 'The document is too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retryable: false, title: 'The content type is not understood' },
  RATE_LIMITED: { status: 429, retryable: true, title: 'Too many requests' },
  INTERNAL: { status: 500, retryable: false, title: 'Internal error' },
  STATION_OFFLINE: { status: 503, retryable: true, title: 'The station is not connected' },
  STATION_TIMEOUT: { status: 504, retryable: true, title: 'The station did not answer in time' },
  STATION_REFUSED: { status: 502, retryable: true, title: 'The station answered with an error' },
  STATION_BUSY: { status: 503, retryable: true, title: 'Too many calls are waiting for the station' },
  STORE_UNAVAILABLE: { status: 503, retryable: true, title: 'The store does not answer' },
  DATA_DIR_LOCKED: { status: 500, retryable: false, title: 'Another process uses the data directory' },
  NODE_UNREACHABLE: { status: 503, retryable: true, title: 'Another node of the engine cannot be reached' },
  SHUTTING_DOWN: { status: 503, retryable: true, title: 'The engine is stopping' },
} as const satisfies Record<string, { status: number; retryable: boolean; title: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One fault of an input: `path` names the field (`prices.importPerKwh[3]`), `message` the rule. */
export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

/** An operating failure. Expected answers of the domain are values, bugs are assertions; neither is this. */
export class EbbflowError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly FieldFault[];

  constructor(
    code: ErrorCode,
    detail: string,
    options: { cause?: unknown; faults?: readonly FieldFault[] } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'EbbflowError';
    this.code = code;
    this.faults = options.faults ?? [];
  }

  get retryable(): boolean {
    return ERROR_CATALOGUE[this.code].retryable;
  }
}

/** Bad input that names its field: one line, the same words in the API and on the command line. */
export function invalidInput(path: string, message: string): EbbflowError {
  return new EbbflowError('INVALID_INPUT', `${path}: ${message}`, { faults: [{ path, message }] });
}
