import { EbbflowError, ERROR_CATALOGUE, type ErrorCode } from '../domain/errors.js';

const SEPARATOR = ': ';

/** What the backend keeps of a failure, one text: `CODE: detail`. A bug is INTERNAL, with its stack. */
export function failureText(error: unknown): string {
  if (error instanceof EbbflowError) return `${error.code}${SEPARATOR}${error.message}`;
  return `INTERNAL${SEPARATOR}${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** The same read back; a text of the backend's own, e.g. of a stalled job, is INTERNAL. */
export function readFailureText(text: string): { readonly code: ErrorCode; readonly detail: string } {
  const end = text.indexOf(SEPARATOR);
  const code = text.slice(0, Math.max(0, end));
  if (!isErrorCode(code)) return { code: 'INTERNAL', detail: text };
  return { code, detail: text.slice(end + SEPARATOR.length) };
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_CATALOGUE, text);
}
