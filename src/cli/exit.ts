import { ProblemError } from '../../solver/index.js';
import { EbbflowError, type ErrorCode } from '../domain/errors.js';

/** Exit codes of every command: done, the work failed, bad usage or bad input. */
export const ExitCode = { done: 0, failed: 1, badInput: 2 } as const;

const BAD_INPUT: ReadonlySet<ErrorCode> = new Set([
  'INVALID_INPUT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
]);

export function exitCodeOf(error: unknown): number {
  if (error instanceof ProblemError) return ExitCode.badInput;
  if (error instanceof EbbflowError && BAD_INPUT.has(error.code)) return ExitCode.badInput;
  return ExitCode.failed;
}

/** One line for a person: the field and the fault, no stack trace. */
export function oneLine(error: unknown): string {
  if (error instanceof ProblemError) {
    const [first] = error.faults;
    const more = error.faults.length > 1 ? ` (and ${error.faults.length - 1} more)` : '';
    if (first !== undefined) return `${first.path === '' ? 'document' : first.path}: ${first.message}${more}`;
  }
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ');
}
