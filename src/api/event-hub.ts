import { EbbflowError } from '../domain/errors.js';
import type { EngineEvent } from '../ports/engine-events.js';
import type { AskableUseCases } from '../ports/use-cases.js';
import { API_LIMITS } from './api-limits.js';
import { eventDocument } from './documents/event-document.js';
import { createEventQueue, type EventQueue } from './event-queue.js';

/** Hands each event of the engine to every connected client, written out once for all of them. */
export interface EventHub {
  /** A new client's queue, which starts with the fleet as it is. Throws SHUTTING_DOWN, RATE_LIMITED. */
  connect(): EventQueue;
  readonly clients: number;
  /** Ends every client's stream and hears the engine no more. */
  close(): void;
}

export interface EventHubOptions {
  readonly heartbeatMs?: number;
  readonly eventsWaiting?: number;
  readonly laggedGraceMs?: number;
}

export function createEventHub(useCases: AskableUseCases, options: EventHubOptions = {}): EventHub {
  const queues = new Set<EventQueue>();
  let closed = false;
  let unsubscribe: (() => void) | undefined;

  /** The engine makes its events for listeners only. */
  function listen(): void {
    unsubscribe ??= useCases.subscribe((event) => {
      const text = eventText(event);
      for (const queue of queues) queue.push(text);
    });
  }
  /** The fleet as it is; a client that cannot have it yet hears of it with the next event. */
  async function greet(queue: EventQueue): Promise<void> {
    try {
      queue.push(eventText({ kind: 'fleet', fleet: await useCases.fleet() }));
    } catch (error) {
      if (!(error instanceof EbbflowError)) throw error;
    }
  }
  function leave(queue: EventQueue): void {
    queues.delete(queue);
    if (queues.size > 0) return;
    unsubscribe?.();
    unsubscribe = undefined;
  }
  return {
    get clients() {
      return queues.size;
    },
    connect() {
      if (closed) throw new EbbflowError('SHUTTING_DOWN', 'The engine is stopping');
      if (queues.size >= API_LIMITS.eventClients)
        throw new EbbflowError(
          'RATE_LIMITED',
          `${API_LIMITS.eventClients} clients follow the events already`,
        );
      const queue = createEventQueue(
        {
          heartbeatMs: options.heartbeatMs ?? API_LIMITS.heartbeatMs,
          eventsWaiting: options.eventsWaiting ?? API_LIMITS.eventsWaiting,
          laggedGraceMs: options.laggedGraceMs ?? API_LIMITS.laggedGraceMs,
          socketBytes: API_LIMITS.eventSocketBytes,
        },
        () => leave(queue),
      );
      queues.add(queue);
      listen();
      void greet(queue);
      return queue;
    },
    close() {
      closed = true;
      unsubscribe?.();
      for (const queue of [...queues]) queue.end();
    },
  };
}

/** One server-sent event: the kind as its name, the document as one line of JSON (WHATWG HTML 9.2). */
function eventText(event: EngineEvent): string {
  return `event: ${event.kind}\ndata: ${JSON.stringify(eventDocument(event))}\n\n`;
}
