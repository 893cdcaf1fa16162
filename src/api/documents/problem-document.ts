import Type, { type Static } from 'typebox';
import { type EbbflowError, ERROR_CATALOGUE, type ErrorCode } from '../../domain/errors.js';
import { API_LIMITS } from '../api-limits.js';
import { named, oneOf } from '../named-schema.js';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

const ERROR_CODES = Object.keys(ERROR_CATALOGUE) as ErrorCode[];

export const ProblemSchema = named(
  'Problem',
  {
    type: Type.String({ description: 'urn:ebbflow:error:CODE' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: oneOf(ERROR_CODES),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later.' }),
    faults: Type.Array(
      Type.Object({
        path: Type.String({ description: 'The field, e.g. importPerKwh[3].' }),
        message: Type.String(),
      }),
    ),
  },
  'RFC 9457 problem details.',
);

export const PROBLEM_SCHEMAS = [ProblemSchema];

/** What the caller may know of an error: of an internal one only that it happened. */
export function problemDocument(error: EbbflowError): Static<typeof ProblemSchema> {
  const { status, title, retryable } = ERROR_CATALOGUE[error.code];
  return {
    type: `urn:ebbflow:error:${error.code}`,
    title,
    status,
    detail: status === 500 ? 'The engine failed; its log says why.' : error.message,
    code: error.code,
    retryable,
    faults: error.faults.slice(0, API_LIMITS.faults).map(({ path, message }) => ({ path, message })),
  };
}
