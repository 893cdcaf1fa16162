import type { WebSocket } from 'ws';
import type { StationId } from '../../domain/ids.js';
import type { StationProtocol } from '../../domain/station.js';
import { holding } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { authorizationHandlers } from '../blocks/authorization.js';
import { availabilityHandlers } from '../blocks/availability.js';
import { derControlHandlers } from '../blocks/der-control.js';
import { DynamicProfiles } from '../blocks/dynamic-profiles.js';
import { type EventStreams, eventStreamHandlers, takeStream } from '../blocks/event-streams.js';
import { externalLimitHandlers } from '../blocks/external-limits.js';
import { Inventory } from '../blocks/inventory.js';
import { meteringHandlers } from '../blocks/metering.js';
import { ProfileReports, profileReportHandlers } from '../blocks/profile-read-back.js';
import { provisioningHandlers } from '../blocks/provisioning.js';
import { smartChargingHandlers } from '../blocks/smart-charging.js';
import type { AskStation, StationContext } from '../blocks/station-context.js';
import { transactionHandlers } from '../blocks/transactions.js';
import { answering } from '../wire/answering.js';
import { OcppConnection } from '../wire/connection.js';
import type { FairTurns } from '../wire/fair-turns.js';
import type { Fault } from '../wire/fault.js';
import { CallFailure, RpcError } from '../wire/rpc-error.js';
import type { MessageSchemas } from '../wire/schemas.js';
import type { NotifyPeriodicEventStream } from '../wire/telemetry-messages.js';
import { type After, afterRealTime } from '../wire/timer.js';
import { isUnsupported, stationFailure, toRpcError } from './call-failures.js';
import { assertEvseNumbers } from './evse-bounds.js';
import type { GatewayLimits, GatewayOptions } from './gateway-options.js';
import type { SecurityProfile } from './handshake.js';
import { limitLog } from './limited-log.js';

/** One live connection of one station. */
export interface StationSession {
  readonly stationId: StationId;
  readonly connection: OcppConnection;
  readonly context: StationContext;
  readonly ask: AskStation;
}

export interface StationSessionOptions {
  readonly stationId: StationId;
  readonly protocol: StationProtocol;
  readonly securityProfile: SecurityProfile;
  readonly socket: WebSocket;
  readonly schemas: MessageSchemas;
  readonly limits: GatewayLimits;
  readonly gateway: Pick<GatewayOptions, 'events' | 'clock' | 'metrics' | 'logger' | 'after' | 'monotonicMs'>;
  /** The station's earlier connection has finished; nothing is handled before. */
  readonly predecessorDone: Promise<void>;
  readonly turns: FairTurns;
  /** The station was sent away for its faults. */
  readonly onShutOut: () => void;
  readonly onClosed: () => void;
  readonly setItemsPerMessage: (items: number) => void;
  readonly streams: EventStreams;
}

/**
 * Serves a station that has been admitted: connected → (registered by an earlier boot, or by this one) →
 * closed. Until it is registered it may only boot (OCPP 2.1 B01–B03).
 */
export function createStationSession(options: StationSessionOptions): StationSession {
  const { stationId, protocol, limits } = options;
  const { events, clock, metrics } = options.gateway;
  const monotonicMs = options.gateway.monotonicMs ?? (() => performance.now());
  const logger = limitLog(options.gateway.logger, limits.stationLog, monotonicMs, { stationId });
  const told = new Set<string>();
  const after = options.gateway.after ?? afterRealTime;
  let registered = false;
  let isTakenOn = false;

  const context: StationContext = {
    stationId,
    protocol,
    events,
    clock,
    logger,
    inventory: new Inventory(),
    profileReports: new ProfileReports(),
    streams: options.streams,
    after,
    dynamicProfiles: new DynamicProfiles((action, payload) => ask(action, payload)),
    setRegistered: (value) => {
      registered = value;
    },
    setItemsPerMessage: options.setItemsPerMessage,
  };
  const answer = answering({
    ...provisioningHandlers(context),
    ...availabilityHandlers(context),
    ...authorizationHandlers(context),
    ...transactionHandlers(context),
    ...meteringHandlers(context),
    ...smartChargingHandlers(context),
    ...profileReportHandlers(context),
    ...externalLimitHandlers(context),
    ...eventStreamHandlers(context),
    ...derControlHandlers(context),
  });

  const connected = options.predecessorDone.then(() =>
    holding(clock, async () => {
      const known = await events.connected(stationId, protocol);
      registered = known.registered;
      isTakenOn = true;
    }),
  );
  connected.catch((error: unknown) => {
    logger.error({ err: error, stationId }, 'station could not be taken on');
    void connection.close(1013, 'Try again later');
  });

  const connection = new OcppConnection({
    role: 'csms',
    socket: options.socket,
    schemas: options.schemas,
    limits,
    after,
    monotonicMs,
    turns: options.turns,
    onSend: (action, payload) => {
      if (!registered) return;
      metrics.count('ocpp_messages_total', { direction: 'in', action });
      const message = payload as typeof payload & NotifyPeriodicEventStream;
      holding(clock, () => takeStream(context, message)).catch((error: unknown) => {
        logger.error({ err: error, stationId }, 'stream could not be taken');
      });
    },
    onHeard: () => events.heard(stationId),
    onFault: (fault) => {
      if (fault.kind === 'too-many-faults') options.onShutOut();
      reportFault(options, logger, told, fault);
    },
    onClosed: (code, reason) => {
      logger.close();
      options.gateway.logger.info({ stationId, code, reason }, 'station disconnected');
      options.onClosed();
    },
    onCall: (action, payload) =>
      holding(clock, async () => {
        if (!isTakenOn) await connected;
        const mayReport = action === 'NotifyReport' && context.inventory.isCollecting;
        if (!registered && action !== 'BootNotification' && !mayReport) {
          throw new RpcError('SecurityError', `${action} before BootNotification was accepted`);
        }
        metrics.count('ocpp_messages_total', { direction: 'in', action });
        assertEvseNumbers(payload);
        try {
          return await answer(action, payload);
        } catch (error) {
          throw toRpcError(error);
        }
      }),
  });

  const ask: AskStation = async (action, payload) =>
    holding(clock, async () => {
      // The station takes our word in the order it was meant: first what it asked, then what we want.
      if (connection.inboundCalls > 0) {
        await within(connection.whenAnswered(), limits.answerFirstMs, after);
      }
      metrics.count('ocpp_messages_total', { direction: 'out', action });
      try {
        return { supported: true, response: await connection.call(action, payload) };
      } catch (error) {
        if (!(error instanceof CallFailure)) throw error;
        if (isUnsupported(error)) return { supported: false, detail: error.rpcCode ?? 'NotSupported' };
        throw stationFailure(error);
      }
    });

  options.gateway.logger.info(
    { stationId, protocol, securityProfile: options.securityProfile },
    'station connected',
  );
  return { stationId, connection, context, ask };
}

/** Spelling faults of one connection that are told on; the engine keeps fewer. */
const MAX_TOLD = 100;

function reportFault(
  { stationId, gateway: { events, metrics } }: StationSessionOptions,
  logger: Logger,
  told: Set<string>,
  fault: Fault,
): void {
  const { kind, action, messageId, detail, cause } = fault;
  metrics.count('ocpp_faults_total', { kind });
  const fields = { stationId, kind, action, messageId, ...(cause === undefined ? {} : { err: cause }) };
  if (kind === 'repaired' || kind === 'schema-violation') {
    // Without list positions: the same spelling in another entry is the same non-conformance.
    const what = `${action ?? 'frame'} ${detail}`.replace(/\/\d+(?=[/: ])/g, '/*');
    if (!told.has(what) && told.size < MAX_TOLD) {
      told.add(what);
      events.nonConformant(stationId, what);
    }
    logger.debug({ ...fields, detail }, `OCPP fault: ${kind}`);
  } else {
    logger.warn({ ...fields, detail }, `OCPP fault: ${kind}`);
  }
}

async function within(work: Promise<void>, limitMs: number, after: After): Promise<void> {
  let cancel: () => void = () => {};
  const limit = new Promise<void>((resolve) => {
    cancel = after(limitMs, resolve);
  });
  await Promise.race([work, limit]);
  cancel();
}
