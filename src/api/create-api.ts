import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type ApiOptions, buildApi } from './build-api.js';

/** A listening API. */
export interface Api {
  /** e.g. `http://127.0.0.1:8080`. */
  readonly address: string;
  /** Ends the event streams, lets running requests finish, then frees the port. */
  close(): Promise<void>;
}

/** Starts the HTTP API. `port` 0 takes a free one. Rejects when the port is taken. */
export async function createApi({
  host,
  port,
  ...options
}: ApiOptions & { readonly host: string; readonly port: number }): Promise<Api> {
  const app = await buildApi(options);
  const dropSilent = trackSilentConnections(app.server);
  try {
    const address = await app.listen({ host, port });
    return {
      address,
      async close() {
        const closed = app.close();
        dropSilent();
        await closed;
      },
    };
  } catch (error) {
    await app.close();
    throw error;
  }
}

/**
 * Browsers keep connections in reserve. Node counts one that has not asked anything yet as busy until its headers
 * are overdue, and a server that stops would wait for it. Returns what ends these connections, later ones too.
 */
function trackSilentConnections(server: Server): () => void {
  const silent = new Set<Socket>();
  let dropping = false;
  server.on('connection', (socket: Socket) => {
    if (dropping) {
      socket.destroy();
      return;
    }
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('request', ({ socket }) => silent.delete(socket));
  return () => {
    dropping = true;
    for (const socket of silent) socket.destroy();
  };
}
