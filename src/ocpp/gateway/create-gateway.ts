import { once } from 'node:events';
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import { BlockList, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { assert } from '../../domain/assert.js';
import { invalidInput } from '../../domain/errors.js';
import type { StationId } from '../../domain/ids.js';
import type { StationProtocol } from '../../domain/station.js';
import { createMessageSchemas, type MessageSchemas } from '../wire/schemas.js';
import { DEFAULT_GATEWAY_LIMITS, type Gateway, type GatewayOptions } from './gateway-options.js';
import { judgeHandshake, statusOfRefusal } from './handshake.js';
import { LiveStations } from './live-stations.js';
import { createStationLink } from './station-link.js';
import { createStationSession, type StationSession } from './station-session.js';
import { chooseProtocol } from './subprotocol.js';

/** A client that does not finish its request headers in this time is dropped. */
const HEADERS_TIMEOUT_MS = 10_000;

/**
 * The CSMS end of OCPP-J: HTTP server → handshake (path, credentials, subprotocol) → one session per
 * station. @throws EbbflowError INVALID_INPUT when `open` would listen beyond this machine.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { events, logger, metrics } = options;
  const limits = { ...DEFAULT_GATEWAY_LIMITS, ...options.limits };
  if (options.auth === 'open' && !isLoopback(options.host)) {
    throw invalidInput('stationAuth', `open needs a loopback host, not ${options.host}`);
  }
  const schemas = new Map<StationProtocol, MessageSchemas>();
  const live = new LiveStations();
  const itemsPerMessage = new Map<StationId, number>();
  let closing = false;
  let pendingHandshakes = 0;

  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // With deflate each connection costs some 250 KB after its first messages.
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
    handleProtocols: (offered) => chooseProtocol(offered) ?? false,
  });
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS }, (_request, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  });
  const connections = new Set<Socket>();
  server.on('connection', (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', ignoreLostPeer);
    void admit(request, socket, head);
  });

  async function admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (closing || live.count >= limits.maxStations || pendingHandshakes >= limits.maxPendingHandshakes) {
      refuse(socket, '503 Service Unavailable');
      return;
    }
    pendingHandshakes += 1;
    const { url, headers } = request;
    const outcome = await judgeHandshake(
      { url, authorization: headers.authorization },
      options.auth,
      events,
      (error) => logger.error({ err: error, url }, 'station could not be checked'),
    );
    pendingHandshakes -= 1;
    if (outcome.kind !== 'admitted') {
      logger.warn({ stationId: outcome.stationId, reason: outcome.kind }, 'connection refused');
      metrics.count('ocpp_faults_total', { kind: outcome.kind });
      refuse(socket, statusOfRefusal(outcome.kind));
      return;
    }
    if (closing) {
      refuse(socket, '503 Service Unavailable');
      return;
    }
    socket.off('error', ignoreLostPeer);
    sockets.handleUpgrade(request, socket, head, (ws) => take(ws, outcome.stationId));
  }

  function take(socket: WebSocket, stationId: StationId): void {
    const protocol = chooseProtocol([socket.protocol]);
    if (protocol === undefined) {
      // OCPP 2.1 Part 4, 3.3: without a common subprotocol finish the handshake, then close.
      logger.warn({ stationId }, 'no common subprotocol');
      metrics.count('ocpp_faults_total', { kind: 'no-common-subprotocol' });
      socket.on('error', ignoreLostPeer);
      socket.close(1002, 'No common OCPP version');
      return;
    }
    const predecessorDone = live.retire(stationId);
    const session: StationSession = createStationSession({
      stationId,
      protocol,
      socket,
      schemas: schemasOf(protocol),
      limits,
      gateway: options,
      predecessorDone,
      onClosed: () => {
        if (live.remove(session)) events.disconnected(stationId);
      },
      setItemsPerMessage: (items) => itemsPerMessage.set(stationId, items),
    });
    live.add(session);
  }

  function schemasOf(protocol: StationProtocol): MessageSchemas {
    const known = schemas.get(protocol) ?? createMessageSchemas(protocol);
    schemas.set(protocol, known);
    return known;
  }

  server.listen(options.port, options.host);
  await once(server, 'listening');
  server.on('error', (error) => logger.error({ err: error }, 'OCPP server'));
  const address = server.address();
  assert(typeof address === 'object' && address !== null, 'a TCP server has an address');

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    closing = true;
    const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
    await live.closeAll(1001, 'The CSMS goes away');
    for (const connection of connections) connection.destroy();
    await stopped;
  }
  return {
    link: createStationLink(live, itemsPerMessage),
    address: { host: options.host, port: address.port },
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** A peer that is gone before its handshake is over has nothing to be told. */
const ignoreLostPeer = (): void => {};

function refuse(socket: Duplex, status: string): void {
  const challenge = status.startsWith('401')
    ? 'WWW-Authenticate: Basic realm="ocpp", charset="UTF-8"\r\n'
    : '';
  const text = STATUS_CODES[status.slice(0, 3)] ?? status;
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n${challenge}` +
      `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const version = isIP(host);
  return version !== 0 && LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}
