import type { ErrorObject } from 'ajv';
import type { RpcErrorCode } from './frame.js';

export type SchemaVerdict =
  | { readonly valid: true }
  | { readonly valid: false; readonly code: RpcErrorCode; readonly detail: string };

/** Error code for a payload that broke its schema (OCPP 2.1 Part 4, 4.3, table of CALLERROR codes). */
export function codeOfSchemaError(error: ErrorObject): RpcErrorCode {
  switch (error.keyword) {
    case 'type':
      return 'TypeConstraintViolation';
    case 'required':
    case 'minItems':
    case 'maxItems':
      return 'OccurrenceConstraintViolation';
    case 'additionalProperties':
      return 'FormatViolation';
    default:
      return 'PropertyConstraintViolation';
  }
}

/** Names the field and the rule, e.g. `/chargingNeeds must have required property 'requestedEnergyTransfer'`. */
export function textOfSchemaError(error: ErrorObject): string {
  const where = error.instancePath === '' ? '/' : error.instancePath;
  const extra =
    error.keyword === 'additionalProperties'
      ? ` (${String(error.params.additionalProperty).slice(0, 100)})`
      : error.keyword === 'enum'
        ? ` (${JSON.stringify(error.params.allowedValues).slice(0, 100)})`
        : '';
  return `${where} ${error.message ?? error.keyword}${extra}`;
}

export function faultOf(error: ErrorObject): { readonly code: RpcErrorCode; readonly detail: string } {
  return { code: codeOfSchemaError(error), detail: textOfSchemaError(error) };
}
