import type { WebSocket } from 'ws';
import type { CallAnswerer } from './answering.js';
import type { FairTurns } from './fair-turns.js';
import type { Fault } from './fault.js';
import type { JsonObject } from './frame.js';
import type { MessageSchemas } from './schemas.js';
import type { After } from './timer.js';
import type { BucketSize } from './token-bucket.js';

export interface ConnectionLimits {
  readonly callTimeoutMs: number;
  /** Calls of ours that may wait behind the one in flight. */
  readonly maxWaitingCalls: number;
  /** Calls of the peer that may wait behind the one in work; the standard allows it none. */
  readonly maxInboundCalls: number;
  readonly maxMessageBytes: number;
  /** Messages of the peer, 256 bytes beyond 4 KiB counting as a further one; a faster peer is read later. */
  readonly inboundPace: BucketSize;
  /** Faults that make no sense of a peer that means well; one with more is shut out with 1008. */
  readonly faultBudget: BucketSize;
  /** Bytes that may wait in the socket before the peer counts as too slow. */
  readonly maxBufferedBytes: number;
  /** 0 = no pings. */
  readonly pingIntervalMs: number;
  /** How long {@link OcppConnection.close} waits for open calls, and then for the peer's close frame. */
  readonly closeGraceMs: number;
}

/**
 * 30 s is the usual answer time; one FullInventory page of a large station stays below 1 MiB, our own largest
 * message (a schedule of 1,024 periods) below 256 KiB. A whole FullInventory, or a day of queued events, fits
 * the burst of the pace; a station in service sends some messages a minute.
 */
export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = {
  callTimeoutMs: 30_000,
  maxWaitingCalls: 64,
  maxInboundCalls: 16,
  maxMessageBytes: 1_048_576,
  inboundPace: { burst: 5_000, perSecond: 200 },
  faultBudget: { burst: 200, perSecond: 1 },
  maxBufferedBytes: 524_288,
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
  /** Shared by the connections of a process; without it every message is handled as it comes. */
  readonly turns?: FairTurns;
  /** Timer for timeouts and pings; real time unless a test controls it. */
  readonly after?: After;
  /** Time for paces and budgets, never running back; real time unless a test controls it. */
  readonly monotonicMs?: () => number;
}
