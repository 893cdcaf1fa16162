import type { WebSocket } from 'ws';
import type { CallAnswerer } from './answering.js';
import type { Fault } from './fault.js';
import type { JsonObject } from './frame.js';
import type { MessageSchemas } from './schemas.js';
import type { After } from './timer.js';

export interface ConnectionLimits {
  readonly callTimeoutMs: number;
  /** Calls of ours that may wait behind the one in flight. */
  readonly maxWaitingCalls: number;
  /** Calls of the peer that may wait behind the one in work; the standard allows it none. */
  readonly maxInboundCalls: number;
  readonly maxMessageBytes: number;
  /** Bytes that may wait in the socket before the peer counts as too slow. */
  readonly maxBufferedBytes: number;
  /** 0 = no pings. */
  readonly pingIntervalMs: number;
  /** How long {@link OcppConnection.close} waits for open calls, and then for the peer's close frame. */
  readonly closeGraceMs: number;
}

/** 30 s is the usual answer time; one FullInventory page of a large station stays below 1 MiB. */
export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = {
  callTimeoutMs: 30_000,
  maxWaitingCalls: 64,
  maxInboundCalls: 16,
  maxMessageBytes: 1_048_576,
  maxBufferedBytes: 4_194_304,
  pingIntervalMs: 0,
  closeGraceMs: 5_000,
};

export interface ConnectionOptions {
  readonly role: 'station' | 'csms';
  readonly socket: WebSocket;
  readonly schemas: MessageSchemas;
  /** Called for one inbound CALL at a time, in the order of arrival. */
  readonly onCall: CallAnswerer;
  readonly onSend?: (action: string, payload: JsonObject) => void;
  readonly onFault?: (fault: Fault) => void;
  /** Any readable text message came. */
  readonly onHeard?: () => void;
  readonly onClosed?: (code: number, reason: string) => void;
  readonly limits?: Partial<ConnectionLimits>;
  /** Timer for timeouts and pings; real time unless a test controls it. */
  readonly after?: After;
}
