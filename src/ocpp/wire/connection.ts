import { randomUUID } from 'node:crypto';
import type { RawData } from 'ws';
import {
  type ConnectionLimits,
  type ConnectionOptions,
  DEFAULT_CONNECTION_LIMITS,
} from './connection-options.js';
import type { Turn } from './fair-turns.js';
import { cutToLength, FAULT_COSTS, type Fault } from './fault.js';
import {
  codeOfFrameFault,
  type Frame,
  formatFrame,
  type JsonObject,
  type MalformedFrame,
  MESSAGE_TYPE,
  parseFrame,
  type SendFrame,
  textOfFrameFault,
  UNREADABLE_ID,
} from './frame.js';
import { InboundCalls } from './inbound-calls.js';
import { InboundPace } from './inbound-pace.js';
import { keepAlive } from './keep-alive.js';
import type { Action, RequestOf, ResponseOf } from './messages.js';
import { OutboundCalls } from './outbound-calls.js';
import { ReadGate } from './read-gate.js';
import { CallFailure } from './rpc-error.js';
import { type After, afterRealTime } from './timer.js';
import { TokenBucket } from './token-bucket.js';

/** How long a peer that is shut out may take to close its end. */
const SHUT_OUT_GRACE_MS = 1_000;
/** A message is as much work as its bytes, and something besides. */
const BYTES_PER_MESSAGE = 2_048;
/** A peer with so many messages that wait for their turn is not read for a while. */
const MAX_WAITING_MESSAGES = 4;

/**
 * One OCPP-J connection, the same class on both ends. Inbound: frame → schema (tolerant) → handler →
 * schema (strict) → answer. Outbound: schema (strict) → line of one in flight → answer → schema (tolerant).
 * open → closing (no new calls, open ones finish) → closed.
 */
export class OcppConnection {
  readonly #options: ConnectionOptions;
  readonly #limits: ConnectionLimits;
  readonly #after: After;
  readonly #outbound: OutboundCalls;
  readonly #inbound: InboundCalls;
  readonly #pace: InboundPace;
  readonly #gate: ReadGate;
  readonly #turn: Turn | undefined;
  readonly #faultBudget: TokenBucket;
  readonly #stopKeepAlive: () => void;
  readonly #closed: Promise<void>;
  #closing = false;
  #isShutOut = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_CONNECTION_LIMITS, ...options.limits };
    this.#after = options.after ?? afterRealTime;
    this.#outbound = new OutboundCalls({
      schemas: options.schemas,
      maxWaiting: this.#limits.maxWaitingCalls,
      timeoutMs: this.#limits.callTimeoutMs,
      after: this.#after,
      transmit: (frame) => this.#transmit(frame),
      onFault: (fault) => this.#fault(fault),
    });
    this.#inbound = new InboundCalls({
      schemas: options.schemas,
      maxWaiting: this.#limits.maxInboundCalls,
      onCall: options.onCall,
      reply: (frame) => this.#transmit(frame),
      onFault: (fault) => this.#fault(fault),
    });
    const { socket } = options;
    const monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.#faultBudget = new TokenBucket(this.#limits.faultBudget, monotonicMs);
    this.#turn = options.turns?.join();
    this.#gate = new ReadGate(socket);
    this.#pace = new InboundPace({
      gate: this.#gate,
      size: this.#limits.inboundPace,
      after: this.#after,
      monotonicMs,
      onRest: (restMs) => this.#fault({ kind: 'too-fast', detail: `read again in ${Math.round(restMs)} ms` }),
    });
    this.#stopKeepAlive =
      this.#limits.pingIntervalMs > 0
        ? keepAlive(socket, {
            intervalMs: this.#limits.pingIntervalMs,
            after: this.#after,
            onSilence: () => this.#cut({ kind: 'half-open', detail: 'No traffic and no pong' }),
          })
        : () => {};
    this.#closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        this.#stopKeepAlive();
        this.#pace.stop();
        this.#closing = true;
        this.#outbound.failAll('The connection is closed');
        options.onClosed?.(code, reason.toString());
        resolve();
      });
    });
    socket.on('message', (data, isBinary) => this.#takeTurn(data, isBinary));
    socket.on('error', (cause) => this.#reportSocketError(cause));
  }

  get role(): 'station' | 'csms' {
    return this.#options.role;
  }

  get isOpen(): boolean {
    return !this.#closing && this.#options.socket.readyState === this.#options.socket.OPEN;
  }

  /** Our calls without an answer yet: in flight and waiting. */
  get pendingCalls(): number {
    return this.#outbound.size;
  }

  /** The peer's calls that we have not answered yet. */
  get inboundCalls(): number {
    return this.#inbound.size;
  }

  /** Resolves when every CALL that the peer has made so far is answered. */
  async whenAnswered(): Promise<void> {
    await this.#whenHeard();
    await this.#inbound.whenIdle();
  }

  /** Resolves when what waits for its turn has been read. */
  #whenHeard(): Promise<void> | void {
    const turn = this.#turn;
    if (turn !== undefined && turn.waiting > 0) return new Promise((resolve) => turn.take(0, resolve));
  }

  /**
   * Asks the peer. Resolves with its validated answer.
   * @throws CallFailure: see its kinds.
   */
  async call<A extends Action>(action: A, payload: RequestOf<A>): Promise<ResponseOf<A>> {
    if (!this.isOpen) throw new CallFailure('closed', 'The connection is closed');
    this.#checkOutgoing('request', action, payload);
    const answer = await this.#outbound.ask({
      kind: 'call',
      id: randomUUID(),
      action,
      payload: payload as JsonObject,
    });
    // The schema has proved what the type claims.
    return answer as ResponseOf<A>;
  }

  /** Sends an unconfirmed message (2.1). @throws CallFailure when closed or against the schema. */
  send(action: 'NotifyPeriodicEventStream', payload: JsonObject): void {
    if (!this.isOpen) throw new CallFailure('closed', 'The connection is closed');
    this.#checkOutgoing('send', action, payload);
    this.#transmit({ kind: 'send', id: randomUUID(), action, payload });
  }

  /** Takes no new calls, lets open ones finish within the grace, then closes. Resolves when closed. */
  async close(code = 1000, reason = ''): Promise<void> {
    const { socket } = this.#options;
    if (!this.#closing) {
      this.#closing = true;
      await this.#idleOrGrace();
      this.#pace.stop();
      this.#gate.openForGood();
      socket.close(code, reason);
    }
    const cancel = this.#after(this.#limits.closeGraceMs, () => socket.terminate());
    await this.#closed;
    cancel();
  }

  /** Cuts the connection at once. */
  terminate(): void {
    this.#closing = true;
    this.#options.socket.terminate();
  }

  #checkOutgoing(kind: 'request' | 'send', action: string, payload: object): void {
    const { schemas } = this.#options;
    if (!schemas.knows(kind, action)) {
      throw new CallFailure('bad-request', `${schemas.protocol} has no ${action}`);
    }
    const verdict = schemas.check(kind, action, payload);
    if (!verdict.valid) throw new CallFailure('bad-request', `${action}: ${verdict.detail}`);
  }

  async #idleOrGrace(): Promise<void> {
    let cancel: () => void = () => {};
    const grace = new Promise<void>((resolve) => {
      cancel = this.#after(this.#limits.closeGraceMs, resolve);
    });
    await Promise.race([this.#whenIdle(), grace, this.#closed]);
    cancel();
  }

  async #whenIdle(): Promise<void> {
    await Promise.all([this.whenAnswered(), this.#outbound.whenIdle()]);
  }

  #takeTurn(data: RawData, isBinary: boolean): void {
    if (this.#isShutOut) return;
    const bytes = sizeOf(data);
    this.#pace.took(bytes);
    const turn = this.#turn;
    if (turn === undefined) {
      this.#receive(data, isBinary);
      return;
    }
    turn.take(1 + bytes / BYTES_PER_MESSAGE, () => {
      this.#receive(data, isBinary);
      if (turn.waiting === 0) this.#gate.open('turn');
    });
    if (turn.waiting >= MAX_WAITING_MESSAGES) this.#gate.shut('turn');
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (this.#isShutOut) return;
    if (isBinary) {
      this.#fault({ kind: 'binary-message', detail: 'OCPP-J messages are text; ignored' });
      return;
    }
    const bytes = Array.isArray(data)
      ? Buffer.concat(data)
      : data instanceof ArrayBuffer
        ? Buffer.from(data)
        : data;
    if (bytes.length > this.#limits.maxMessageBytes) {
      this.#fault({ kind: 'oversized-message', detail: `${bytes.length} bytes` });
      this.#options.socket.close(1009, 'Message too large');
      return;
    }
    this.#options.onHeard?.();
    const frame = parseFrame(bytes.toString('utf8'));
    const legacy = this.#options.schemas.protocol === 'ocpp2.0.1';
    if (legacy && (frame.kind === 'send' || frame.kind === 'resultError')) {
      this.#fault({ kind: 'unknown-message-type', messageId: frame.id, detail: 'Not part of OCPP 2.0.1' });
      return;
    }
    switch (frame.kind) {
      case 'call':
        this.#inbound.add(frame);
        return;
      case 'result':
        this.#outbound.takeResult(frame);
        return;
      case 'error':
        this.#outbound.takeError(frame);
        return;
      case 'resultError':
        this.#fault({
          kind: 'answer-refused',
          messageId: frame.id,
          detail: `${frame.code} ${frame.description}`,
        });
        return;
      case 'send':
        this.#takeSend(frame);
        return;
      case 'unknown-type':
        this.#fault({ kind: 'unknown-message-type', detail: `Message type ${frame.type}` });
        return;
      case 'malformed':
        this.#takeMalformed(frame);
    }
  }

  #takeSend({ id, action, payload }: SendFrame): void {
    const { schemas, onSend } = this.#options;
    if (!schemas.knows('send', action)) {
      this.#fault({ kind: 'schema-violation', action, messageId: id, detail: `No SEND ${action}` });
      return;
    }
    const verdict = schemas.read('send', action, payload);
    if (!verdict.valid) {
      this.#fault({ kind: 'schema-violation', action, messageId: id, detail: verdict.detail });
      return;
    }
    for (const detail of verdict.repairs) this.#fault({ kind: 'repaired', action, messageId: id, detail });
    onSend?.(action, payload);
  }

  /** Only a CALL, or what cannot be told from one, is answered; an unreadable answer fails its call. */
  #takeMalformed(frame: MalformedFrame): void {
    const detail = textOfFrameFault(frame.fault);
    const id = frame.id ?? UNREADABLE_ID;
    this.#fault({ kind: 'malformed-frame', messageId: id, detail });
    if (frame.type === undefined || frame.type === MESSAGE_TYPE.call) {
      const code = codeOfFrameFault(frame.fault);
      this.#transmit({ kind: 'error', id, code, description: detail, details: {} });
      return;
    }
    if (frame.id === undefined) return;
    if (frame.type === MESSAGE_TYPE.result) this.#outbound.takeUnreadable(frame.id, 'result', detail);
    if (frame.type === MESSAGE_TYPE.error) this.#outbound.takeUnreadable(frame.id, 'error', detail);
  }

  #transmit(frame: Frame): void {
    const { socket } = this.#options;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > this.#limits.maxBufferedBytes) {
      this.#cut({ kind: 'peer-too-slow', detail: `${socket.bufferedAmount} bytes wait for the peer` });
      return;
    }
    socket.send(formatFrame(frame));
  }

  #cut(fault: Fault): void {
    this.#fault(fault);
    this.terminate();
  }

  #reportSocketError(cause: Error): void {
    const oversized = 'code' in cause && cause.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    this.#fault({ kind: oversized ? 'oversized-message' : 'socket-error', detail: cause.message, cause });
  }

  #fault(fault: Fault): void {
    if (this.#isShutOut) return;
    this.#options.onFault?.(cutToLength(fault));
    const cost = FAULT_COSTS[fault.kind] ?? 0;
    if (cost > 0 && !this.#faultBudget.take(cost)) this.#shutOut();
  }

  /** Hears no more of a peer that only makes faults. */
  #shutOut(): void {
    const { socket, onFault } = this.#options;
    onFault?.({ kind: 'too-many-faults', detail: 'The peer makes more faults than sense' });
    this.#isShutOut = true;
    this.#closing = true;
    this.#pace.stop();
    this.#gate.openForGood();
    socket.close(1008, 'Too many faults');
    const cancel = this.#after(SHUT_OUT_GRACE_MS, () => socket.terminate());
    void this.#closed.then(cancel);
  }
}

function sizeOf(data: RawData): number {
  return Array.isArray(data) ? data.reduce((sum, part) => sum + part.length, 0) : data.byteLength;
}
