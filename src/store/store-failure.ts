import { EbbflowError, type ErrorCode } from '../domain/errors.js';

/**
 * Sorts a failure of the database by SQLSTATE class (PostgreSQL documentation, appendix A). What carries no
 * SQLSTATE comes from the connection: refused, cut, timed out.
 */
export function storeFailure(error: unknown): EbbflowError {
  if (error instanceof EbbflowError) return error;
  const sqlState = sqlStateOf(error);
  const code =
    sqlState === UNIQUE_VIOLATION
      ? 'CONFLICT'
      : (CODE_OF_CLASS[sqlState?.slice(0, 2) ?? ''] ?? 'STORE_UNAVAILABLE');
  return new EbbflowError(code, `${DETAIL_OF_CODE[code]}: ${messageOf(error)}`, { cause: error });
}

/** Whether another transaction was in the way and the same work may simply be done again. */
export function isConflictOfTransactions(error: unknown): boolean {
  const sqlState = error instanceof EbbflowError ? sqlStateOf(error.cause) : sqlStateOf(error);
  return sqlState === SERIALIZATION_FAILURE || sqlState === DEADLOCK_DETECTED;
}

const UNIQUE_VIOLATION = '23505';
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

const CODE_OF_CLASS: Readonly<Record<string, StoreCode>> = {
  '22': 'INVALID_INPUT', // data exception: e.g. U+0000 in a text, number out of range
  '23': 'INVALID_INPUT', // integrity constraint violation: e.g. a number that was not one
  '42': 'INTERNAL', // syntax error or access rule violation
  '0A': 'INTERNAL', // feature not supported
  '25': 'STORE_UNAVAILABLE', // transaction ended by the server, read-only standby
  XX: 'INTERNAL',
};

type StoreCode = Extract<ErrorCode, 'INVALID_INPUT' | 'CONFLICT' | 'INTERNAL' | 'STORE_UNAVAILABLE'>;

const DETAIL_OF_CODE: Readonly<Record<StoreCode, string>> = {
  INVALID_INPUT: 'The store cannot keep a value',
  CONFLICT: 'The store holds another record in this place',
  INTERNAL: 'The store refused a statement',
  STORE_UNAVAILABLE: 'The store does not answer',
};

const SQL_STATE = /^[0-9A-Z]{5}$/;

function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  // Node's own codes (EPIPE is one of five letters) come with `syscall` or `errno`.
  if ('errno' in error || 'syscall' in error) return undefined;
  return typeof code === 'string' && SQL_STATE.test(code) ? code : undefined;
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
