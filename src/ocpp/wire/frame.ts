/**
 * OCPP-J frames (OCPP 2.1 Part 4, sections 4.2 and 4.3): JSON arrays whose first element is the message
 * type. Types 5 and 6 exist from 2.1 on; who speaks 2.0.1 must not send them and ignores them.
 */

export const MESSAGE_TYPE = { call: 2, result: 3, error: 4, resultError: 5, send: 6 } as const;

/** Longest message id, characters. */
export const MAX_ID_LENGTH = 36;
/** Longest error description, characters. */
export const MAX_DESCRIPTION_LENGTH = 255;
/** Id of a CALLERROR that answers a frame whose own id could not be read. */
export const UNREADABLE_ID = '-1';

export const RPC_ERROR_CODES = [
  'FormatViolation',
  'GenericError',
  'InternalError',
  'MessageTypeNotSupported',
  'NotImplemented',
  'NotSupported',
  'OccurrenceConstraintViolation',
  'PropertyConstraintViolation',
  'ProtocolError',
  'RpcFrameworkError',
  'SecurityError',
  'TypeConstraintViolation',
] as const;
export type RpcErrorCode = (typeof RPC_ERROR_CODES)[number];

export type JsonObject = { [key: string]: unknown };

export interface CallFrame {
  readonly kind: 'call';
  readonly id: string;
  readonly action: string;
  readonly payload: JsonObject;
}
export interface ResultFrame {
  readonly kind: 'result';
  readonly id: string;
  readonly payload: JsonObject;
}
/** `code` is open: peers invent codes and misspell them. Our own are {@link RpcErrorCode}. */
export interface ErrorFrame {
  readonly kind: 'error' | 'resultError';
  readonly id: string;
  readonly code: string;
  readonly description: string;
  readonly details: JsonObject;
}
export interface SendFrame {
  readonly kind: 'send';
  readonly id: string;
  readonly action: string;
  readonly payload: JsonObject;
}
export type Frame = CallFrame | ResultFrame | ErrorFrame | SendFrame;

export type FrameFault =
  | 'not-json'
  | 'not-an-array'
  | 'type-missing'
  | 'id-unreadable'
  | 'id-too-long'
  | 'action-missing'
  | 'payload-missing'
  | 'code-missing';

/** A frame that says nothing. `type` and `id` are there when they could be read. */
export interface MalformedFrame {
  readonly kind: 'malformed';
  readonly fault: FrameFault;
  readonly type?: number;
  readonly id?: string;
}

/** A well-formed array of a type that nobody defined: to be ignored (Part 4, 4.1.3). */
export interface UnknownTypeFrame {
  readonly kind: 'unknown-type';
  readonly type: number;
}

export type ParsedFrame = Frame | MalformedFrame | UnknownTypeFrame;

/** Reads one text message. Never throws. */
export function parseFrame(text: string): ParsedFrame {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return { kind: 'malformed', fault: 'not-json' };
  }
  if (!Array.isArray(parts)) return { kind: 'malformed', fault: 'not-an-array' };
  return parseParts(parts);
}

function parseParts(parts: readonly unknown[]): ParsedFrame {
  const [type, id, third, fourth, fifth] = parts;
  if (typeof type !== 'number') return { kind: 'malformed', fault: 'type-missing' };
  if (type < MESSAGE_TYPE.call || type > MESSAGE_TYPE.send || !Number.isInteger(type)) {
    return { kind: 'unknown-type', type };
  }
  if (typeof id !== 'string' || id === '') return { kind: 'malformed', fault: 'id-unreadable', type };
  if (id.length > MAX_ID_LENGTH) return { kind: 'malformed', fault: 'id-too-long', type };
  const malformed = (fault: FrameFault): MalformedFrame => ({ kind: 'malformed', fault, type, id });

  switch (type) {
    case MESSAGE_TYPE.call:
    case MESSAGE_TYPE.send:
      if (typeof third !== 'string' || third === '') return malformed('action-missing');
      if (!isJsonObject(fourth)) return malformed('payload-missing');
      return { kind: type === MESSAGE_TYPE.call ? 'call' : 'send', id, action: third, payload: fourth };
    case MESSAGE_TYPE.result:
      if (!isJsonObject(third)) return malformed('payload-missing');
      return { kind: 'result', id, payload: third };
    default:
      if (typeof third !== 'string') return malformed('code-missing');
      return {
        kind: type === MESSAGE_TYPE.error ? 'error' : 'resultError',
        id,
        code: third,
        description: typeof fourth === 'string' ? fourth : '',
        details: isJsonObject(fifth) ? fifth : {},
      };
  }
}

/** The text of a frame. Descriptions are cut to {@link MAX_DESCRIPTION_LENGTH}. */
export function formatFrame(frame: Frame): string {
  switch (frame.kind) {
    case 'call':
    case 'send':
      return JSON.stringify([MESSAGE_TYPE[frame.kind], frame.id, frame.action, frame.payload]);
    case 'result':
      return JSON.stringify([MESSAGE_TYPE.result, frame.id, frame.payload]);
    default: {
      const description = frame.description.slice(0, MAX_DESCRIPTION_LENGTH);
      return JSON.stringify([MESSAGE_TYPE[frame.kind], frame.id, frame.code, description, frame.details]);
    }
  }
}

/** Error code for a CALL that could not be read (Part 4, 4.3). */
export function codeOfFrameFault(fault: FrameFault): RpcErrorCode {
  return fault === 'payload-missing' ? 'FormatViolation' : 'RpcFrameworkError';
}

/** What is wrong with a frame, for a person. */
export function textOfFrameFault(fault: FrameFault): string {
  switch (fault) {
    case 'not-json':
      return 'The message is not JSON';
    case 'not-an-array':
      return 'The message is not a JSON array';
    case 'type-missing':
      return 'The first element is not a message type number';
    case 'id-unreadable':
      return 'The message id is not a non-empty string';
    case 'id-too-long':
      return `The message id is longer than ${MAX_ID_LENGTH} characters`;
    case 'action-missing':
      return 'The third element is not an action';
    case 'payload-missing':
      return 'The payload is not a JSON object';
    case 'code-missing':
      return 'The third element is not an error code';
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
