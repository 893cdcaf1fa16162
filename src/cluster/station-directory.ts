import { EbbflowError } from '../domain/errors.js';
import { type EvseId, type StationId, stationOf } from '../domain/ids.js';
import type { StationProtocol } from '../domain/station.js';
import type { Logger } from '../ports/logger.js';
import type { StationEvents } from '../ports/station-events.js';
import type { StationLink } from '../ports/station-link.js';
import type { NodeBus } from './node-bus.js';
import {
  type GatewayBeat,
  type LinkAsk,
  type LinkMethod,
  type StationAsk,
  TOPICS,
  withoutTail,
} from './topics.js';

/** A gateway that is silent for so long is gone, and its stations with it, until it beats again. */
const SILENT_MS = 5_000;
/** A gateway that counts fewer stations than we do in so many beats is asked which it holds. */
const BEATS_MISCOUNTED = 3;
const HELD_LIMIT_MS = 5_000;
/** A station's own limits end a call long before. */
const ANSWER_LIMIT_MS = 120_000;

interface Holder {
  readonly nodeId: string;
  /** When the gateway took the station, by the gateway's clock. */
  readonly sinceMs: number;
}

/** The planner's end of the way between gateways and planner: which gateway holds which station. */
export interface StationDirectory {
  /** The engine's way to stations, wherever they are connected. */
  readonly link: StationLink;
  stop(): void;
}

/**
 * Serves the gateways for one term. A station is where it connected last: its earlier gateway is told to let it
 * go, and what still comes from there is refused. Each ask carries the term's token; a gateway that knows a
 * later planner refuses it.
 */
export function createStationDirectory(
  bus: NodeBus,
  parts: {
    readonly token: number;
    /** Whether the term still lasts; nothing is asked of stations afterwards. */
    readonly isHeld: () => boolean;
    readonly events: StationEvents;
    readonly logger: Logger;
  },
): StationDirectory {
  const { token, events, logger } = parts;
  const holders = new Map<StationId, Holder>();
  const beatAtMs = new Map<string, number>();
  /** Gateways whose stations were given up: when they are heard again, they tell them anew. */
  const lostGateways = new Set<string>();
  const miscounted = new Map<string, number>();

  const drop = (nodeId: string, stationId: StationId, reason: string): void =>
    bus.tell(nodeId, TOPICS.drop, { stationId, reason, token });

  function lose(stationId: StationId): void {
    holders.delete(stationId);
    events.disconnected(stationId);
  }

  function loseGateway(nodeId: string): void {
    beatAtMs.delete(nodeId);
    miscounted.delete(nodeId);
    lostGateways.add(nodeId);
    bus.giveUpOn(nodeId);
    const lost = stationsOf(nodeId);
    if (lost.length > 0) logger.warn({ gateway: nodeId, stations: lost.length }, 'a gateway is gone');
    for (const stationId of lost) lose(stationId);
  }

  function stationsOf(nodeId: string): StationId[] {
    return [...holders].flatMap(([stationId, holder]) => (holder.nodeId === nodeId ? [stationId] : []));
  }

  function beat(from: string, { stations }: GatewayBeat): void {
    beatAtMs.set(from, performance.now());
    if (lostGateways.delete(from)) bus.tell(from, TOPICS.announce, { token });
    const isMiscounted = stationsOf(from).length > stations;
    const beats = isMiscounted ? (miscounted.get(from) ?? 0) + 1 : 0;
    miscounted.set(from, beats % BEATS_MISCOUNTED);
    if (beats === BEATS_MISCOUNTED) void dropUnheld(from);
  }

  /** The word of a station that went may be lost with the link between the nodes. */
  async function dropUnheld(from: string): Promise<void> {
    const known = new Map(stationsOf(from).map((stationId) => [stationId, holders.get(stationId)]));
    try {
      const held = new Set((await bus.ask(from, TOPICS.held, {}, HELD_LIMIT_MS)) as StationId[]);
      const gone = [...known].filter(([stationId, holder]) => {
        return !held.has(stationId) && holders.get(stationId) === holder;
      });
      for (const [stationId] of gone) lose(stationId);
    } catch (error) {
      logger.warn({ err: error, gateway: from }, 'a gateway does not say which stations it holds');
    }
  }

  function take(from: string, stationId: StationId, sinceMs: number): void {
    const before = holders.get(stationId);
    if (before !== undefined && before.nodeId !== from) {
      if (before.sinceMs > sinceMs) {
        drop(from, stationId, 'Connected to another gateway since');
        throw new EbbflowError('STATION_OFFLINE', `${stationId} is connected to another gateway since`);
      }
      drop(before.nodeId, stationId, 'Connected to another gateway');
    }
    beatAtMs.set(from, performance.now());
    holders.set(stationId, { nodeId: from, sinceMs });
  }

  function assertTerm(): void {
    if (!parts.isHeld()) throw new EbbflowError('NODE_UNREACHABLE', 'This node plans no more');
  }

  bus.onAsk(TOPICS.station, async (from, body) => {
    const { stationId, method, args } = body as StationAsk;
    assertTerm();
    if (method === 'connected') {
      const [protocol, sinceMs] = args as [StationProtocol, number];
      take(from, stationId, sinceMs);
      return events.connected(stationId, protocol);
    }
    if (method !== 'admit' && holders.get(stationId)?.nodeId !== from) {
      drop(from, stationId, 'Not connected here');
      throw new EbbflowError('STATION_OFFLINE', `${stationId} is not connected to this gateway`);
    }
    const call = events[method] as (...values: unknown[]) => unknown;
    return call(stationId, ...args);
  });
  bus.onTell(TOPICS.stationNews, (from, body) => {
    const { stationId, method, args } = body as StationAsk;
    if (!parts.isHeld() || holders.get(stationId)?.nodeId !== from) return;
    if (method === 'disconnected') lose(stationId);
    else (events[method] as (...values: unknown[]) => unknown)(stationId, ...args);
  });
  bus.onTell(TOPICS.gatewayBeat, (from, body) => beat(from, body as GatewayBeat));
  const watch = setInterval(() => {
    const overdueMs = performance.now() - SILENT_MS;
    for (const [nodeId, atMs] of beatAtMs) if (atMs < overdueMs) loseGateway(nodeId);
  }, SILENT_MS / 5);

  async function ask(stationId: StationId, method: LinkMethod, args: unknown[]): Promise<unknown> {
    assertTerm();
    const holder = holders.get(stationId);
    if (holder === undefined) throw new EbbflowError('STATION_OFFLINE', `${stationId} is not connected`);
    try {
      const body: LinkAsk = { token, method, args: withoutTail(args) };
      return await bus.ask(holder.nodeId, TOPICS.link, body, ANSWER_LIMIT_MS);
    } catch (error) {
      if (!(error instanceof EbbflowError) || error.code !== 'NODE_UNREACHABLE') throw error;
      throw new EbbflowError('STATION_OFFLINE', `${stationId}: its gateway cannot be reached`, {
        cause: error,
      });
    }
  }

  /** The station is the first argument, or part of it. */
  const byStation = (method: LinkMethod) =>
    ((stationId: StationId, ...args: unknown[]) => ask(stationId, method, [stationId, ...args])) as never;
  const byEvse = (method: LinkMethod) =>
    ((evseId: EvseId, ...args: unknown[]) => ask(stationOf(evseId), method, [evseId, ...args])) as never;
  const byProfile = (method: LinkMethod) =>
    ((profile: { evseId: EvseId }, ...args: unknown[]) =>
      ask(stationOf(profile.evseId), method, [profile, ...args])) as never;

  return {
    link: {
      isOnline: (stationId) => holders.has(stationId),
      onlineCount: () => holders.size,
      disconnect(stationId, reason) {
        const holder = holders.get(stationId);
        if (holder !== undefined) drop(holder.nodeId, stationId, reason);
      },
      applyProfile: byProfile('applyProfile'),
      stopSteering: byProfile('stopSteering'),
      readBack: byEvse('readBack'),
      compositeSchedule: byEvse('compositeSchedule'),
      clearProfile: byEvse('clearProfile'),
      installDefault: byEvse('installDefault'),
      installStationMax: byStation('installStationMax'),
      transactionStatus: byStation('transactionStatus'),
      command: byStation('command'),
      requestInventory: byStation('requestInventory'),
      readVariables: byStation('readVariables'),
      writeVariables: byStation('writeVariables'),
    },
    stop: () => clearInterval(watch),
  };
}
