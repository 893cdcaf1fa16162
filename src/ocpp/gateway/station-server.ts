import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { assert } from '../../domain/assert.js';
import { readTlsFiles, type StationTls, tlsServerOptions } from './station-tls.js';

export interface StationServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: StationTls | undefined;
  /** Connections of every kind, the ones that say nothing included; further ones are closed at once. */
  readonly maxConnections: number;
  /** Connections that have not asked for anything yet; the oldest makes room for a further one. */
  readonly maxSilentConnections: number;
  /** A client that does not finish its request headers in this time is dropped. */
  readonly headersTimeoutMs: number;
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** A peer that failed before HTTP began. */
  readonly onTlsFailure: (error: Error, remoteAddress: string | undefined) => void;
  readonly onError: (error: Error) => void;
}

/** The listening socket of the station end point: HTTP, or HTTPS with TLS, for upgrades only. */
export interface StationServer {
  readonly port: number;
  /** Reads certificate, key and CA again; new connections use them. @throws EbbflowError INVALID_INPUT */
  reloadCertificates(): Promise<void>;
  /** Takes no more connections; the result resolves when {@link destroyConnections} has ended the last. */
  stopListening(): Promise<void>;
  destroyConnections(): void;
}

export async function openStationServer(options: StationServerOptions): Promise<StationServer> {
  const { tls, headersTimeoutMs } = options;
  const http: ServerOptions = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: headersTimeoutMs,
    connectionsCheckingInterval: Math.ceil(headersTimeoutMs / 2),
  };
  const tlsServer =
    tls === undefined
      ? undefined
      : createTlsServer({ ...http, ...tlsServerOptions(tls), ...(await readTlsFiles(tls)) }, upgradeOnly);
  const server = tlsServer ?? createServer(http, upgradeOnly);
  server.maxConnections = options.maxConnections;
  const connections = new Set<Socket>();
  // By the peer's address and port: with TLS the socket that asks is another than the one that came.
  const silent = new Map<string, Socket>();
  server.on('connection', (connection: Socket) => {
    const peer = nameOf(connection);
    connections.add(connection);
    silent.set(peer, connection);
    const [oldest] = silent.values();
    if (silent.size > options.maxSilentConnections) oldest?.destroy();
    connection.once('close', () => {
      connections.delete(connection);
      if (silent.get(peer) === connection) silent.delete(peer);
    });
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    silent.delete(nameOf(request.socket));
    options.onUpgrade(request, socket, head);
  });
  tlsServer?.on('tlsClientError', (error, socket) => options.onTlsFailure(error, socket.remoteAddress));
  server.listen(options.port, options.host);
  await once(server, 'listening');
  server.on('error', options.onError);
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address');

  return {
    port: address.port,
    async reloadCertificates() {
      if (tls !== undefined) tlsServer?.setSecureContext(await readTlsFiles(tls));
    },
    stopListening: () => new Promise((resolve) => server.close(() => resolve())),
    destroyConnections() {
      for (const connection of connections) connection.destroy();
    },
  };
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;

const upgradeOnly: RequestListener = (_request, response) => {
  response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
};
