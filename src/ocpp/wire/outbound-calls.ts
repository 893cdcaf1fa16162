import type { Fault } from './fault.js';
import type { CallFrame, ErrorFrame, JsonObject, ResultFrame, RpcErrorCode } from './frame.js';
import { CallFailure } from './rpc-error.js';
import type { MessageSchemas } from './schemas.js';
import type { After } from './timer.js';

export interface OutboundCallsOptions {
  readonly schemas: MessageSchemas;
  /** Calls that may wait behind the one in flight. */
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  readonly after: After;
  readonly transmit: (frame: CallFrame | ErrorFrame) => void;
  readonly onFault: (fault: Fault) => void;
}

interface OutboundCall {
  readonly frame: CallFrame;
  readonly resolve: (payload: JsonObject) => void;
  readonly reject: (failure: CallFailure) => void;
}

/**
 * Our CALLs to one peer: one in flight, the rest in a bounded line (OCPP 2.1 Part 4, 4.1.1). After a
 * timeout the next goes; the late answer then belongs to nobody.
 */
export class OutboundCalls {
  readonly #options: OutboundCallsOptions;
  readonly #waiting: OutboundCall[] = [];
  readonly #idleListeners: (() => void)[] = [];
  #inFlight: OutboundCall | undefined;
  #cancelTimeout: () => void = () => {};

  constructor(options: OutboundCallsOptions) {
    this.#options = options;
  }

  /** In flight and waiting. */
  get size(): number {
    return this.#waiting.length + (this.#inFlight === undefined ? 0 : 1);
  }

  /** Resolves with the peer's validated answer. @throws CallFailure */
  ask(frame: CallFrame): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      if (this.#inFlight !== undefined && this.#waiting.length >= this.#options.maxWaiting) {
        reject(new CallFailure('busy', `${this.#waiting.length} calls wait for the peer already`));
        return;
      }
      this.#waiting.push({ frame, resolve, reject });
      if (this.#inFlight === undefined) this.#next();
    });
  }

  takeResult({ id, payload }: ResultFrame): void {
    const call = this.#take(id);
    if (call === undefined) {
      this.#fault('unknown-answer', id, 'A result for no open call');
      return;
    }
    const { action } = call.frame;
    const verdict = this.#options.schemas.read('response', action, payload);
    if (verdict.valid) {
      for (const detail of verdict.repairs) this.#fault('repaired', id, detail, action);
      call.resolve(payload);
    } else {
      this.#refuseResult(call.frame, verdict.code, verdict.detail);
      call.reject(new CallFailure('bad-answer', `${action}: ${verdict.detail}`, verdict.code));
    }
    this.#next();
  }

  takeError({ id, code, description }: ErrorFrame): void {
    const call = this.#take(id);
    if (call === undefined) {
      this.#fault('unknown-answer', id, `${code} ${description}`);
      return;
    }
    call.reject(new CallFailure('refused', `${call.frame.action}: ${code} ${description}`.trimEnd(), code));
    this.#next();
  }

  /** An answer whose id could be read but nothing else. */
  takeUnreadable(id: string, kind: 'result' | 'error', detail: string): void {
    const call = this.#take(id);
    if (call === undefined) return;
    if (kind === 'result') this.#refuseResult(call.frame, 'FormatViolation', detail);
    call.reject(new CallFailure('bad-answer', `${call.frame.action}: ${detail}`));
    this.#next();
  }

  /** Resolves when no call is in flight or waiting. */
  whenIdle(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleListeners.push(resolve));
  }

  failAll(detail: string): void {
    this.#cancelTimeout();
    const calls = [...(this.#inFlight === undefined ? [] : [this.#inFlight]), ...this.#waiting.splice(0)];
    this.#inFlight = undefined;
    for (const call of calls) call.reject(new CallFailure('closed', detail));
    this.#next();
  }

  #take(id: string): OutboundCall | undefined {
    const call = this.#inFlight;
    if (call === undefined || call.frame.id !== id) return undefined;
    this.#cancelTimeout();
    this.#inFlight = undefined;
    return call;
  }

  #next(): void {
    const call = this.#waiting.shift();
    if (call === undefined) {
      for (const listener of this.#idleListeners.splice(0)) listener();
      return;
    }
    const { id, action } = call.frame;
    this.#inFlight = call;
    this.#cancelTimeout = this.#options.after(this.#options.timeoutMs, () => {
      if (this.#take(id) === undefined) return;
      this.#fault('call-timeout', id, `${action} was not answered`, action);
      call.reject(new CallFailure('timeout', `${action}: no answer within ${this.#options.timeoutMs} ms`));
      this.#next();
    });
    this.#options.transmit(call.frame);
  }

  /** CALLRESULTERROR exists from 2.1 on. */
  #refuseResult({ id, action }: CallFrame, code: RpcErrorCode, detail: string): void {
    this.#fault('schema-violation', id, detail, action);
    if (this.#options.schemas.protocol !== 'ocpp2.1') return;
    this.#options.transmit({ kind: 'resultError', id, code, description: detail, details: {} });
  }

  #fault(kind: Fault['kind'], messageId: string, detail: string, action?: string): void {
    this.#options.onFault({ kind, messageId, detail, ...(action === undefined ? {} : { action }) });
  }
}
