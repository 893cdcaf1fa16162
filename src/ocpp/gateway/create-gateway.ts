import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { invalidInput } from '../../domain/errors.js';
import type { StationId } from '../../domain/ids.js';
import type { StationProtocol } from '../../domain/station.js';
import { EventStreams } from '../blocks/event-streams.js';
import { FairTurns } from '../wire/fair-turns.js';
import { createMessageSchemas, type MessageSchemas } from '../wire/schemas.js';
import { afterRealTime } from '../wire/timer.js';
import { DEFAULT_GATEWAY_LIMITS, type Gateway, type GatewayOptions } from './gateway-options.js';
import { judgeHandshake, type SecurityProfile, statusOfRefusal } from './handshake.js';
import { handshakeAttempts } from './handshake-attempts.js';
import { limitLog } from './limited-log.js';
import { LiveStations } from './live-stations.js';
import { PasswordLine } from './password-line.js';
import { isLoopback } from './peer.js';
import { Refusals } from './refusals.js';
import { certificateProofOf } from './station-certificate.js';
import { createStationLink } from './station-link.js';
import { openStationServer } from './station-server.js';
import { createStationSession, type StationSession } from './station-session.js';
import { chooseProtocol } from './subprotocol.js';

/**
 * The CSMS end of OCPP-J: HTTP or HTTPS server → handshake (path, certificate or credentials, subprotocol) →
 * one session per station. @throws EbbflowError INVALID_INPUT when `open` would listen beyond this machine, or
 * when the TLS files cannot be used.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { events, logger, metrics } = options;
  const limits = { ...DEFAULT_GATEWAY_LIMITS, ...options.limits };
  if (options.auth === 'open' && !isLoopback(options.host)) {
    throw invalidInput('stationAuth', `open needs a loopback host, not ${options.host}`);
  }
  const schemas = new Map<StationProtocol, MessageSchemas>();
  const live = new LiveStations();
  const streams = new Map<StationId, EventStreams>();
  const itemsPerMessage = new Map<StationId, number>();
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const strangersLog = limitLog(logger, limits.strangersLog, monotonicMs);
  const attempts = handshakeAttempts(limits, monotonicMs);
  const after = options.after ?? afterRealTime;
  const line = new PasswordLine({
    atOnce: limits.passwordChecksAtOnce,
    maxWaiting: limits.maxPendingHandshakes,
    restAfterFailureMs: limits.restAfterFailureMs,
    after,
  });
  const refusals = new Refusals(limits.refusalDelayMs, after);
  const turns = new FairTurns(monotonicMs);
  let closing = false;
  let pendingHandshakes = 0;

  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // With deflate each connection costs some 250 KB after its first messages.
    perMessageDeflate: false,
    maxPayload: limits.maxMessageBytes,
    // One message per turn and socket: the calls of a peer that sends many at once are answered in between.
    allowSynchronousEvents: false,
    handleProtocols: (offered) => chooseProtocol(offered) ?? false,
  });
  async function admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (closing || live.count >= limits.maxStations || pendingHandshakes >= limits.maxPendingHandshakes) {
      refusals.refuse(socket, '503 Service Unavailable');
      return;
    }
    pendingHandshakes += 1;
    const { url, headers } = request;
    const peerAddress = request.socket.remoteAddress ?? '';
    const outcome = await judgeHandshake(
      {
        url,
        authorization: headers.authorization,
        isEncrypted: request.socket instanceof TLSSocket,
        certificate: certificateProofOf(request.socket),
        peerAddress,
        isGone: () => socket.destroyed,
      },
      {
        auth: options.auth,
        mayBePlain: options.plainWs === 'anywhere' || isLoopback(peerAddress),
        needsCertificate: options.tls?.clientCertificates === 'required',
        attempts,
        line,
      },
      events,
      // Without the query, which may hold a secret.
      (error) => strangersLog.error({ err: error, path: url?.split('?')[0] }, 'station could not be checked'),
    );
    pendingHandshakes -= 1;
    if (outcome.kind !== 'admitted') {
      const { stationId, kind: reason, detail } = outcome;
      strangersLog.warn({ stationId, reason, detail, peerAddress }, 'connection refused');
      metrics.count('ocpp_faults_total', { kind: outcome.kind });
      refusals.refuse(socket, statusOfRefusal(outcome.kind));
      return;
    }
    if (closing) {
      refusals.refuse(socket, '503 Service Unavailable');
      return;
    }
    socket.off('error', ignoreLostPeer);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      take(ws, outcome.stationId, outcome.securityProfile);
    });
  }

  function take(socket: WebSocket, stationId: StationId, securityProfile: SecurityProfile): void {
    const protocol = chooseProtocol([socket.protocol]);
    if (protocol === undefined) {
      // OCPP 2.1 Part 4, 3.3: without a common subprotocol finish the handshake, then close.
      strangersLog.warn({ stationId }, 'no common subprotocol');
      metrics.count('ocpp_faults_total', { kind: 'no-common-subprotocol' });
      socket.on('error', ignoreLostPeer);
      socket.close(1002, 'No common OCPP version');
      return;
    }
    const predecessorDone = live.retire(stationId);
    const session: StationSession = createStationSession({
      stationId,
      protocol,
      securityProfile,
      socket,
      schemas: schemasOf(protocol),
      limits,
      gateway: options,
      predecessorDone,
      turns,
      onShutOut: () => attempts.shutOut(stationId),
      onClosed: () => {
        if (live.remove(session)) events.disconnected(stationId);
      },
      streams: streamsOf(stationId),
      setItemsPerMessage: (items) => itemsPerMessage.set(stationId, items),
    });
    live.add(session);
  }

  function streamsOf(stationId: StationId): EventStreams {
    const known = streams.get(stationId) ?? new EventStreams();
    streams.set(stationId, known);
    return known;
  }

  function schemasOf(protocol: StationProtocol): MessageSchemas {
    const known = schemas.get(protocol) ?? createMessageSchemas(protocol);
    schemas.set(protocol, known);
    return known;
  }

  const server = await openStationServer({
    host: options.host,
    port: options.port,
    tls: options.tls,
    maxConnections: limits.maxStations + limits.maxPendingHandshakes + limits.maxSilentConnections,
    maxSilentConnections: limits.maxSilentConnections,
    headersTimeoutMs: limits.headersTimeoutMs,
    onUpgrade(request, socket, head) {
      socket.on('error', ignoreLostPeer);
      void admit(request, socket, head);
    },
    onTlsFailure(error, peerAddress) {
      strangersLog.debug({ reason: error.message, peerAddress }, 'TLS handshake failed');
      metrics.count('ocpp_faults_total', { kind: 'tls-handshake' });
    },
    onError: (error) => logger.error({ err: error }, 'OCPP server'),
  });

  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    closing = true;
    const stopped = server.stopListening();
    await live.closeAll(1001, 'The CSMS goes away');
    refusals.close();
    server.destroyConnections();
    await stopped;
    strangersLog.close();
  }
  return {
    link: createStationLink(live, itemsPerMessage),
    address: {
      scheme: options.tls === undefined ? 'ws' : 'wss',
      host: options.host,
      port: server.port,
    },
    reloadCertificates: () => server.reloadCertificates(),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** A peer that is gone before its handshake is over has nothing to be told. */
const ignoreLostPeer = (): void => {};
