import { Redis } from 'ioredis';
import { EbbflowError } from '../domain/errors.js';
import type { Logger } from '../ports/logger.js';
import { type BusMessage, type BusPacket, errorOf, failureOf } from './bus-messages.js';

/** Every node hears this one. */
const EVERYBODY = 'ebbflow:everybody';
const channelOf = (nodeId: string): string => `ebbflow:node:${nodeId}`;
const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_PAUSE_MS = 250;
/** A connection that owes an answer for so long is half open: it is given up and made anew. */
const SILENT_MS = 4_000;
/** How often whoever only listens asks whether anybody is there. */
const LISTENING_PING_MS = 1_000;
const RETRIES_PER_CALL = 12;

/** Answers an ask; what it returns is the answer. */
export type AskHandler = (from: string, body: unknown) => Promise<unknown>;
export type TellHandler = (from: string, body: unknown) => void;

/**
 * Messages between the nodes of one cluster over Redis publish/subscribe: at most once, in order per pair of
 * nodes, JSON. Whoever needs more asks and waits for the answer. A node that is gone is noticed at once,
 * because nobody receives what is published to it.
 */
export interface NodeBus {
  readonly nodeId: string;
  /**
   * @throws EbbflowError what the other node threw; NODE_UNREACHABLE when it is gone, does not answer in time,
   *   our link to Redis broke meanwhile, or {@link giveUpOn} was called for it
   */
  ask(to: string, topic: string, body: unknown, timeoutMs: number): Promise<unknown>;
  tell(to: string, topic: string, body: unknown): void;
  tellEverybody(topic: string, body: unknown): void;
  onAsk(topic: string, handler: AskHandler): void;
  onTell(topic: string, handler: TellHandler): void;
  /** Fails everything that waits for a node's answer. */
  giveUpOn(nodeId: string): void;
  /** @throws EbbflowError STORE_UNAVAILABLE when Redis does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
}

interface OpenAsk {
  readonly to: string;
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** @throws EbbflowError STORE_UNAVAILABLE when Redis does not answer */
export async function openNodeBus(redisUrl: string, nodeId: string, logger: Logger): Promise<NodeBus> {
  const publisher = connection(redisUrl, logger);
  const subscriber = connection(redisUrl, logger);
  const asks = new Map<string, AskHandler>();
  const tells = new Map<string, TellHandler>();
  const open = new Map<number, OpenAsk>();
  const outbox = new Map<string, BusMessage[]>();
  let nextId = 0;
  let closing = false;

  function send(channel: string, message: BusMessage): void {
    const waiting = outbox.get(channel);
    if (waiting !== undefined) {
      waiting.push(message);
      return;
    }
    // Messages of one turn of the event loop are one publication.
    outbox.set(channel, [message]);
    setImmediate(() => flush(channel));
  }

  function flush(channel: string): void {
    const messages = outbox.get(channel) ?? [];
    outbox.delete(channel);
    const packet: BusPacket = { from: nodeId, messages };
    publisher.publish(channel, JSON.stringify(packet)).then(
      (receivers) => {
        if (receivers === 0) undelivered(messages, 'the node is gone');
      },
      (error: unknown) => undelivered(messages, `Redis does not answer: ${String(error)}`),
    );
  }

  function undelivered(messages: readonly BusMessage[], why: string): void {
    for (const message of messages) if (message.kind === 'ask') settle(message.id, unreachable(why));
  }

  function settle(id: number, outcome: { body: unknown } | Error): void {
    const waiting = open.get(id);
    if (waiting === undefined) return;
    open.delete(id);
    clearTimeout(waiting.timer);
    if (outcome instanceof Error) waiting.reject(outcome);
    else waiting.resolve(outcome.body);
  }

  async function answer(from: string, id: number, topic: string, body: unknown): Promise<void> {
    const reply = (rest: object) => send(channelOf(from), { kind: 'answer', id, ...rest });
    try {
      const handler = asks.get(topic);
      if (handler === undefined) throw unreachable(`nobody serves ${topic} here`);
      reply({ body: await handler(from, body) });
    } catch (error) {
      if (!(error instanceof EbbflowError)) logger.error({ err: error, topic, from }, 'ask failed');
      reply({ failure: failureOf(error) });
    }
  }

  function receive(text: string): void {
    const { from, messages } = JSON.parse(text) as BusPacket;
    for (const message of messages) {
      switch (message.kind) {
        case 'ask':
          void answer(from, message.id, message.topic, message.body);
          break;
        case 'answer':
          settle(
            message.id,
            message.failure === undefined ? { body: message.body } : errorOf(message.failure),
          );
          break;
        case 'tell':
          tells.get(message.topic)?.(from, message.body);
      }
    }
  }

  const listening = setInterval(() => {
    if (subscriber.status === 'ready') subscriber.ping().catch(() => undefined);
  }, LISTENING_PING_MS);
  try {
    await Promise.all([publisher.connect(), subscriber.connect()]);
    subscriber.on('message', (_channel: string, text: string) => receive(text));
    await subscriber.subscribe(channelOf(nodeId), EVERYBODY);
    // Answers that came while nobody listened are lost: whoever waits asks again, and need not wait for its time.
    for (const event of ['close', 'ready'] as const) {
      subscriber.on(event, () => {
        for (const id of [...open.keys()]) settle(id, unreachable('the link to Redis was lost meanwhile'));
      });
    }
  } catch (error) {
    clearInterval(listening);
    publisher.disconnect();
    subscriber.disconnect();
    throw new EbbflowError('STORE_UNAVAILABLE', `Redis does not answer: ${String(error)}`, { cause: error });
  }

  return {
    nodeId,
    ask(to, topic, body, timeoutMs) {
      if (closing) return Promise.reject(new EbbflowError('SHUTTING_DOWN', 'The node is stopping'));
      nextId += 1;
      const id = nextId;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => settle(id, unreachable(`no answer in ${timeoutMs} ms`)), timeoutMs);
        open.set(id, { to, resolve, reject, timer });
        send(channelOf(to), { kind: 'ask', id, topic, body });
      });
    },
    tell: (to, topic, body) => send(channelOf(to), { kind: 'tell', topic, body }),
    tellEverybody: (topic, body) => send(EVERYBODY, { kind: 'tell', topic, body }),
    onAsk: (topic, handler) => void asks.set(topic, handler),
    onTell: (topic, handler) => void tells.set(topic, handler),
    giveUpOn(gone) {
      for (const [id, { to }] of [...open]) if (to === gone) settle(id, unreachable('the node is gone'));
    },
    async ping() {
      try {
        await publisher.ping();
      } catch (error) {
        throw new EbbflowError('STORE_UNAVAILABLE', `Redis does not answer: ${String(error)}`, {
          cause: error,
        });
      }
    },
    async close() {
      closing = true;
      clearInterval(listening);
      // Answers that are due go out first.
      await new Promise((resolve) => setImmediate(resolve));
      await publisher.quit().catch(() => undefined);
      subscriber.disconnect();
      publisher.disconnect();
      for (const id of [...open.keys()])
        settle(id, new EbbflowError('SHUTTING_DOWN', 'The node is stopping'));
    },
  };
}

function unreachable(why: string): EbbflowError {
  return new EbbflowError('NODE_UNREACHABLE', `Another node cannot be reached: ${why}`);
}

function connection(redisUrl: string, logger: Logger): Redis {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: RETRIES_PER_CALL,
    socketTimeout: SILENT_MS,
    retryStrategy: () => RECONNECT_PAUSE_MS,
  });
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) logger.warn({ error: error.message }, 'the node bus has lost Redis');
    away = true;
  });
  redis.on('ready', () => {
    if (away) logger.info({}, 'the node bus has Redis again');
    away = false;
  });
  return redis;
}
