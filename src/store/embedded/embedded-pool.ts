import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { EbbflowError } from '../../domain/errors.js';
import type { Logger } from '../../ports/logger.js';
import type { PoolClientLike, PoolLike, PoolResult } from '../pool.js';
import type { StatementResult, ThreadReply, ThreadRequest, ThreadSettings } from './thread-messages.js';
import { startDatabaseThread } from './worker-thread.js';

/** Statements that may wait for the embedded database; more means that nothing moves any more. */
const MAX_WAITING_STATEMENTS = 100_000;

type Listener = Parameters<EventEmitter['on']>[1];

interface Waiting {
  resolve(result: StatementResult): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
  ended: boolean;
}

/**
 * A pool-shaped front of the embedded database. Any number of clients share its one connection; a client has
 * it alone from `begin` to the end of its transaction (see statement-line.ts). A thread that dies rejects what
 * it had in hand and is replaced at the next statement.
 */
export class EmbeddedPool implements PoolLike {
  /** Read by BullMQ: a lost connection is always noticed, so its workers may wait long. */
  readonly options = { keepAlive: true };
  readonly #settings: ThreadSettings;
  readonly #logger: Logger;
  readonly #startThread: typeof startDatabaseThread;
  readonly #events = new EventEmitter();
  readonly #clients = new Set<EmbeddedClient>();
  #thread: Promise<Thread> | undefined;
  #lastClientId = 0;
  #lastStatementId = 0;
  #ended = false;

  constructor(settings: ThreadSettings, logger: Logger, startThread = startDatabaseThread) {
    this.#settings = settings;
    this.#logger = logger;
    this.#startThread = startThread;
    this.#events.setMaxListeners(0);
  }

  query<R>(text: string, values?: readonly unknown[]): Promise<PoolResult<R>> {
    return this.run<R>(this.#nextClientId(), text, values);
  }

  async connect(): Promise<PoolClientLike> {
    await this.#currentThread();
    const client = new EmbeddedClient(this, this.#nextClientId());
    this.#clients.add(client);
    return client;
  }

  /** Finishes what was asked before, closes the database and ends its thread. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const thread = await this.#thread?.catch(() => undefined);
    if (thread === undefined || thread.ended) return;
    const exited = new Promise<void>((resolve) => thread.worker.once('exit', () => resolve()));
    post(thread, { kind: 'close' });
    await exited;
  }

  on(event: 'error' | 'connect', listener: Listener): this {
    this.#events.on(event, listener);
    return this;
  }

  removeAllListeners(event?: string): this {
    this.#events.removeAllListeners(event);
    return this;
  }

  setMaxListeners(count: number): this {
    this.#events.setMaxListeners(count);
    return this;
  }

  /** Runs one statement as part of a client's conversation. */
  async run<R>(clientId: number, text: string, values?: readonly unknown[]): Promise<PoolResult<R>> {
    const thread = await this.#currentThread();
    if (thread.ended) throw unavailable('the embedded database ended');
    if (thread.waiting.size >= MAX_WAITING_STATEMENTS) {
      throw unavailable(`${MAX_WAITING_STATEMENTS} statements are waiting for the embedded database`);
    }
    this.#lastStatementId += 1;
    const id = this.#lastStatementId;
    const result = await new Promise<StatementResult>((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      post(thread, { kind: 'run', id, clientId, text, ...(values === undefined ? {} : { values }) });
    });
    return result as PoolResult<R>;
  }

  release(client: EmbeddedClient): void {
    this.#clients.delete(client);
    void this.#thread?.then(
      (thread) => post(thread, { kind: 'release', clientId: client.clientId }),
      () => undefined,
    );
  }

  #nextClientId(): number {
    this.#lastClientId += 1;
    return this.#lastClientId;
  }

  #currentThread(): Promise<Thread> {
    if (this.#ended) return Promise.reject(unavailable('the embedded database is closed'));
    this.#thread ??= this.#start();
    return this.#thread;
  }

  #start(): Promise<Thread> {
    const worker = this.#startThread(this.#settings);
    const thread: Thread = { worker, waiting: new Map(), ended: false };
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.#lose(thread, error);
        reject(error);
      };
      worker.on('message', (reply: ThreadReply) => {
        if (reply.kind === 'open') resolve(thread);
        else if (reply.kind === 'open-failed') fail(unavailable(reply.message));
        else this.#take(thread, reply);
      });
      worker.on('error', (error) => fail(unavailable('the embedded database failed', error)));
      worker.on('exit', () => fail(unavailable('the embedded database ended')));
    });
  }

  #take(thread: Thread, reply: Exclude<ThreadReply, { kind: 'open' | 'open-failed' }>): void {
    if (reply.kind === 'notification') {
      for (const client of this.#clients) client.notify(reply.channel, reply.payload);
      return;
    }
    const waiting = thread.waiting.get(reply.id);
    thread.waiting.delete(reply.id);
    if (reply.kind === 'result') waiting?.resolve(reply.result);
    else waiting?.reject(Object.assign(new Error(reply.failure.message), reply.failure));
  }

  #lose(thread: Thread, error: Error): void {
    if (thread.ended) return;
    thread.ended = true;
    this.#thread = undefined;
    for (const waiting of thread.waiting.values()) waiting.reject(error);
    thread.waiting.clear();
    void thread.worker.terminate();
    if (this.#ended) return;
    this.#logger.error({ error: error.message }, 'embedded database lost, it is started again when needed');
    for (const client of [...this.#clients]) client.lose(error);
  }
}

/** One checked-out client. `notification` reaches every client that listens. */
class EmbeddedClient implements PoolClientLike {
  readonly clientId: number;
  readonly #pool: EmbeddedPool;
  readonly #events = new EventEmitter();

  constructor(pool: EmbeddedPool, clientId: number) {
    this.#pool = pool;
    this.clientId = clientId;
  }

  query<R>(text: string, values?: readonly unknown[]): Promise<PoolResult<R>> {
    return this.#pool.run<R>(this.clientId, text, values);
  }

  release(): void {
    this.#pool.release(this);
  }

  on(event: 'notification' | 'error' | 'end', listener: Listener): this {
    this.#events.on(event, listener);
    return this;
  }

  removeListener(event: 'notification', listener: Listener): this {
    this.#events.removeListener(event, listener);
    return this;
  }

  removeAllListeners(event?: string): this {
    this.#events.removeAllListeners(event);
    return this;
  }

  notify(channel: string, payload: string): void {
    this.#events.emit('notification', { channel, payload });
  }

  lose(error: Error): void {
    if (this.#events.listenerCount('error') > 0) this.#events.emit('error', error);
  }
}

function post(thread: Thread, request: ThreadRequest): void {
  if (!thread.ended) thread.worker.postMessage(request);
}

function unavailable(detail: string, cause?: unknown): EbbflowError {
  return new EbbflowError('STORE_UNAVAILABLE', `The store does not answer: ${detail}`, { cause });
}
