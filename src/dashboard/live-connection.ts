import { signal } from '@preact/signals';
import { type ApiClient, ApiProblem, isRefusedKey } from './api-client.js';
import { createEventParser, type ServerSentEvent } from './server-sent-events.js';

/** connecting → live → lost → (wait) connecting → …; refused ends it. Instants of this browser's clock. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly retryAtMs: number; readonly reason: string };

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** The server sends something every 15 s; after this silence the line is dead whatever the socket says. */
const SILENCE_MS = 40_000;

interface LiveConnectionOptions {
  readonly client: ApiClient;
  /** Once per connection, after the stream is open: reads the state that the events then change. */
  readonly onOpen: () => Promise<void>;
  readonly onEvent: (event: ServerSentEvent) => void;
  readonly onRefused: () => void;
}

/** Keeps one event stream open for as long as the page lives, with growing pauses between attempts. */
export function createLiveConnection({ client, onOpen, onEvent, onRefused }: LiveConnectionOptions) {
  const connection = signal<Connection>({ kind: 'connecting' });
  let stopped = false;
  let attempt: AbortController | undefined;
  let retryTimer: number | undefined;
  let retryMs = FIRST_RETRY_MS;
  let lostSinceMs: number | undefined;

  async function connect(): Promise<void> {
    const abort = new AbortController();
    attempt = abort;
    let silenceTimer = 0;
    const heard = () => {
      clearTimeout(silenceTimer);
      silenceTimer = window.setTimeout(() => abort.abort(), SILENCE_MS);
    };
    try {
      heard();
      const body = await client.stream('/v1/events', abort.signal);
      // Events of the meantime wait in the stream, so nothing falls between the state and them.
      await onOpen();
      connection.value = { kind: 'live' };
      retryMs = FIRST_RETRY_MS;
      lostSinceMs = undefined;
      const parse = createEventParser(onEvent);
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        heard();
        parse(value);
      }
      retryLater('The server ended the stream');
    } catch (error) {
      if (isRefusedKey(error)) onRefused();
      else retryLater(error instanceof ApiProblem ? error.message : 'The server is out of reach');
    } finally {
      clearTimeout(silenceTimer);
      abort.abort();
    }
  }

  function retryLater(reason: string): void {
    if (stopped) return;
    lostSinceMs ??= Date.now();
    // Half of the pause is random, so that pages do not come back all at once.
    const pauseMs = retryMs * (0.5 + Math.random() / 2);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    connection.value = { kind: 'lost', sinceMs: lostSinceMs, retryAtMs: Date.now() + pauseMs, reason };
    retryTimer = window.setTimeout(() => void connect(), pauseMs);
  }

  return {
    connection,
    start: () => void connect(),
    stop() {
      stopped = true;
      clearTimeout(retryTimer);
      attempt?.abort();
    },
  };
}
