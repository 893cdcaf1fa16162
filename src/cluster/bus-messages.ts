import { EbbflowError, ERROR_CATALOGUE, type ErrorCode, type FieldFault } from '../domain/errors.js';

/** One message between two nodes. An ask has one answer; a tell has none. */
export type BusMessage =
  | { readonly kind: 'ask'; readonly id: number; readonly topic: string; readonly body: unknown }
  | { readonly kind: 'answer'; readonly id: number; readonly body?: unknown; readonly failure?: WireFailure }
  | { readonly kind: 'tell'; readonly topic: string; readonly body: unknown };

/** What one node sends another in one publication, in order. */
export interface BusPacket {
  readonly from: string;
  readonly messages: readonly BusMessage[];
}

/** An operating failure of another node. */
export interface WireFailure {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly faults: readonly FieldFault[];
}

/** A bug of the other node stays in its log; here it is INTERNAL. */
export function failureOf(error: unknown): WireFailure {
  if (error instanceof EbbflowError) {
    return { code: error.code, detail: error.message, faults: error.faults };
  }
  return { code: 'INTERNAL', detail: error instanceof Error ? error.message : String(error), faults: [] };
}

export function errorOf({ code, detail, faults }: WireFailure): EbbflowError {
  return new EbbflowError(code in ERROR_CATALOGUE ? code : 'INTERNAL', detail, { faults });
}
