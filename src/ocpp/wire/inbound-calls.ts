import type { CallAnswerer } from './answering.js';
import type { Fault } from './fault.js';
import type { CallFrame, ErrorFrame, JsonObject, ResultFrame, RpcErrorCode } from './frame.js';
import { RpcError } from './rpc-error.js';
import type { MessageSchemas } from './schemas.js';

export interface InboundCallsOptions {
  readonly schemas: MessageSchemas;
  readonly maxWaiting: number;
  readonly onCall: CallAnswerer;
  readonly reply: (frame: ResultFrame | ErrorFrame) => void;
  readonly onFault: (fault: Fault) => void;
}

/**
 * The peer's CALLs, answered one at a time in the order of arrival. The standard lets a peer have one open
 * CALL; one that sends more is served as long as the line is short.
 */
export class InboundCalls {
  readonly #options: InboundCallsOptions;
  readonly #open = new Set<string>();
  #tail: Promise<void> = Promise.resolve();

  constructor(options: InboundCallsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  add(frame: CallFrame): void {
    const { id, action } = frame;
    if (this.#open.has(id)) {
      // A retry may reuse an id (Part 4, 4.1.4), but not while the first try is open.
      this.#fault('duplicate-call', frame, 'A call with this id is open; ignored');
      return;
    }
    if (this.#open.size > this.#options.maxWaiting) {
      this.#fault('too-many-calls', frame, `${this.#open.size} calls are open`);
      this.#refuse(id, 'GenericError', 'Too many open calls: wait for the answer before the next call');
      return;
    }
    if (!this.#options.schemas.knows('request', action)) {
      this.#fault('schema-violation', frame, `Unknown action ${action}`);
      this.#refuse(id, 'NotImplemented', `Unknown action ${action}`);
      return;
    }
    this.#open.add(id);
    this.#tail = this.#tail.then(async () => {
      await this.#answer(frame);
      this.#open.delete(id);
    });
  }

  /** Resolves when every call that has come so far is answered. */
  whenIdle(): Promise<void> {
    return this.#tail;
  }

  async #answer(frame: CallFrame): Promise<void> {
    const { id, action, payload } = frame;
    const { schemas, onCall, reply } = this.#options;
    const read = schemas.read('request', action, payload);
    if (!read.valid) {
      this.#fault('schema-violation', frame, read.detail);
      this.#refuse(id, read.code, `${action}: ${read.detail}`);
      return;
    }
    for (const detail of read.repairs) this.#fault('repaired', frame, detail);
    let answer: object;
    try {
      answer = await onCall(action, payload);
    } catch (error) {
      this.#refuseForError(frame, error);
      return;
    }
    const verdict = schemas.check('response', action, answer);
    if (!verdict.valid) {
      this.#fault('invalid-answer', frame, verdict.detail);
      this.#refuse(id, 'InternalError', 'The answer could not be built');
      return;
    }
    reply({ kind: 'result', id, payload: answer as JsonObject });
  }

  #refuseForError(frame: CallFrame, error: unknown): void {
    if (error instanceof RpcError) {
      this.#refuse(frame.id, error.code, error.message, error.details);
      return;
    }
    // The text may hold internals: the peer does not get it, the log does.
    const detail = error instanceof Error ? error.message : String(error);
    this.#options.onFault({
      kind: 'handler-failed',
      action: frame.action,
      messageId: frame.id,
      detail,
      cause: error,
    });
    this.#refuse(frame.id, 'InternalError', `${frame.action} could not be handled`);
  }

  #refuse(id: string, code: RpcErrorCode, description: string, details: JsonObject = {}): void {
    this.#options.reply({ kind: 'error', id, code, description, details });
  }

  #fault(kind: Fault['kind'], { id, action }: CallFrame, detail: string): void {
    this.#options.onFault({ kind, action, messageId: id, detail });
  }
}
