import { Readable } from 'node:stream';

/** Events on their way to one client. */
export interface EventQueue {
  /** What Fastify sends; it reads no faster than the client takes. */
  readonly stream: Readable;
  push(text: string): void;
  /** Lets the waiting events out, then ends the stream. */
  end(): void;
}

interface EventQueueLimits {
  readonly heartbeatMs: number;
  readonly eventsWaiting: number;
  readonly laggedGraceMs: number;
  readonly socketBytes: number;
}

/**
 * open → (too many events wait) lagged → closed, or open → closed. A lagging client loses the waiting events,
 * is told so by a `lagged` event, and is cut off if it does not even take that within the grace time. It
 * connects again and reads the present state, so nothing that matters is lost.
 */
export function createEventQueue(limits: EventQueueLimits, onClosed: () => void): EventQueue {
  let waiting: string[] = [];
  let wanted = false;
  let ending = false;
  let cutTimer: NodeJS.Timeout | undefined;

  const stream = new Readable({
    highWaterMark: limits.socketBytes,
    read() {
      wanted = true;
      flush();
    },
  });
  const heartbeat = setInterval(() => {
    // Whoever still has events to take needs no sign of life.
    if (waiting.length === 0 && !ending) push(': heartbeat\n\n');
  }, limits.heartbeatMs);
  stream.once('close', () => {
    clearInterval(heartbeat);
    clearTimeout(cutTimer);
    waiting = [];
    onClosed();
  });

  function flush(): void {
    while (wanted && waiting.length > 0) {
      const batch = waiting.join('');
      waiting = [];
      wanted = stream.push(batch);
    }
    if (ending && waiting.length === 0) stream.push(null);
  }

  function push(text: string): void {
    if (ending || stream.destroyed) return;
    if (waiting.length >= limits.eventsWaiting) {
      waiting = [`event: lagged\ndata: ${JSON.stringify({ eventsLost: waiting.length + 1 })}\n\n`];
      end();
      return;
    }
    waiting.push(text);
    flush();
  }

  function end(): void {
    if (ending || stream.destroyed) return;
    ending = true;
    cutTimer = setTimeout(() => stream.destroy(), limits.laggedGraceMs);
    flush();
  }

  return { stream, push, end };
}
