import { EbbflowError } from '../domain/errors.js';
import type { StationId } from '../domain/ids.js';
import type { StationProtocol } from '../domain/station.js';
import type { Logger } from '../ports/logger.js';
import type { StationEvents } from '../ports/station-events.js';
import type { StationLink } from '../ports/station-link.js';
import type { NodeBus } from './node-bus.js';
import type { PlannerTerm, PlannerWatch } from './planner-term.js';
import { type GatewayBeat, type LinkAsk, type StationAsk, TOPICS, withoutTail } from './topics.js';

/** A message of a station waits so long for a planner, then is refused, and the station sends it again. */
const HOLD_MS = 20_000;
/** How often the planner hears that this gateway is there. */
const BEAT_MS = 1_000;
/** Stations that are told to a new planner at the same time. */
const ANNOUNCED_AT_ONCE = 100;
/** `heard` is passed on at most this often per station. */
const HEARD_EVERY_MS = 60_000;

/** No planner's term. */
const NOBODY = 0;

interface HeldStation {
  readonly protocol: StationProtocol;
  /** Of several gateways that hold a station the one that took it last is right. */
  readonly sinceMs: number;
  /** The term whose planner knows that we hold it. */
  knownTo: number;
  announcing: Promise<{ registered: boolean }> | undefined;
  heardAtMs: number;
}

/** The gateway's end of the way between gateways and planner. */
export interface GatewayAgent {
  /** What the OCPP edge of this node calls. */
  readonly events: StationEvents;
  /** Takes the planner's asks once the gateway is open. */
  serve(link: StationLink): void;
  stop(): void;
}

/**
 * Passes what stations say to the planner and what the planner asks to stations. Nothing is acknowledged to a
 * station before the planner has made it durable. A new planner is told every station first.
 */
export function createGatewayAgent(bus: NodeBus, planner: PlannerWatch, logger: Logger): GatewayAgent {
  const held = new Map<StationId, HeldStation>();
  const timers = new Set<NodeJS.Timeout>();
  let link: StationLink | undefined;

  const askPlanner = (stationId: StationId, method: StationAsk['method'], args: unknown[]) =>
    planner.withPlanner(async (term, leftMs) => {
      const station = held.get(stationId);
      if (station !== undefined) await announced(stationId, station, term);
      const body: StationAsk = { stationId, method, args: withoutTail(args) };
      return bus.ask(term.nodeId, TOPICS.station, body, leftMs);
    }, HOLD_MS);

  function announced(
    stationId: StationId,
    station: HeldStation,
    term: PlannerTerm,
  ): Promise<{ registered: boolean }> {
    if (station.knownTo === term.token && station.announcing !== undefined) return station.announcing;
    const { protocol, sinceMs } = station;
    const body: StationAsk = { stationId, method: 'connected', args: [protocol, sinceMs] };
    station.knownTo = term.token;
    const announcing = bus.ask(term.nodeId, TOPICS.station, body, HOLD_MS) as Promise<{
      registered: boolean;
    }>;
    station.announcing = announcing;
    announcing.catch(() => {
      if (station.announcing === announcing) station.announcing = undefined;
    });
    return announcing;
  }

  /** Tells the planner of every station, again and again until it has taken them all or is replaced. */
  async function announceAll(term: PlannerTerm, stations: [StationId, HeldStation][]): Promise<void> {
    const failed: [StationId, HeldStation][] = [];
    const worker = async () => {
      for (let next = stations.pop(); next !== undefined; next = stations.pop()) {
        const [stationId, station] = next;
        if (planner.highestToken() !== term.token || held.get(stationId) !== station) continue;
        await announced(stationId, station, term).catch((error: unknown) => {
          logger.warn({ err: error, stationId }, 'station not announced to the planner');
          failed.push([stationId, station]);
        });
      }
    };
    await Promise.all(Array.from({ length: ANNOUNCED_AT_ONCE }, worker));
    if (failed.length === 0) return;
    const again = setTimeout(() => {
      timers.delete(again);
      void announceAll(term, failed);
    }, BEAT_MS);
    timers.add(again);
  }

  planner.onTerm((term) => void announceAll(term, [...held]));
  bus.onTell(TOPICS.announce, (from, body) => {
    const term: PlannerTerm = { nodeId: from, token: (body as { token: number }).token };
    if (term.token < planner.highestToken()) return;
    for (const station of held.values()) station.knownTo = NOBODY;
    void announceAll(term, [...held]);
  });
  bus.onAsk(TOPICS.held, async () => [...held.keys()]);

  const beat = setInterval(() => {
    planner.term(0).then(
      (term) => bus.tell(term.nodeId, TOPICS.gatewayBeat, { stations: held.size } satisfies GatewayBeat),
      () => undefined,
    );
  }, BEAT_MS);

  const tellPlanner = (stationId: StationId, method: StationAsk['method'], args: unknown[]): void => {
    planner.term(0).then(
      (term) => bus.tell(term.nodeId, TOPICS.stationNews, { stationId, method, args } satisfies StationAsk),
      () => logger.warn({ stationId, method }, 'no planner to tell'),
    );
  };

  const forward =
    <Method extends StationAsk['method']>(method: Method) =>
    (stationId: StationId, ...args: unknown[]) =>
      askPlanner(stationId, method, args) as never;

  const events: StationEvents = {
    admit: forward('admit'),
    async connected(stationId, protocol) {
      const station: HeldStation = {
        protocol,
        sinceMs: Date.now(),
        knownTo: NOBODY,
        announcing: undefined,
        heardAtMs: 0,
      };
      held.set(stationId, station);
      return planner.withPlanner((term) => announced(stationId, station, term), HOLD_MS);
    },
    disconnected(stationId) {
      held.delete(stationId);
      tellPlanner(stationId, 'disconnected', []);
    },
    nonConformant: (stationId, what) => tellPlanner(stationId, 'nonConformant', [what]),
    heard(stationId) {
      const station = held.get(stationId);
      if (station === undefined || Date.now() - station.heardAtMs < HEARD_EVERY_MS) return;
      station.heardAtMs = Date.now();
      tellPlanner(stationId, 'heard', []);
    },
    booted: forward('booted'),
    connectorStatus: forward('connectorStatus'),
    deviceModelReported: forward('deviceModelReported'),
    authorize: forward('authorize'),
    transactionEvent: forward('transactionEvent'),
    meterValues: forward('meterValues'),
    chargingNeeds: forward('chargingNeeds'),
    evSchedule: forward('evSchedule'),
    notice: forward('notice'),
    telemetry: forward('telemetry'),
    externalLimit: forward('externalLimit'),
    externalLimitCleared: forward('externalLimitCleared'),
    priorityCharging: forward('priorityCharging'),
    activeTransaction: forward('activeTransaction'),
    profileInForce: forward('profileInForce'),
  };

  bus.onAsk(TOPICS.link, async (_from, body) => {
    const { token, method, args } = body as LinkAsk;
    if (token < planner.highestToken()) {
      throw new EbbflowError('NODE_UNREACHABLE', 'Another planner has taken over');
    }
    if (link === undefined) throw new EbbflowError('STATION_OFFLINE', 'The gateway is not open yet');
    const call = link[method] as (...values: unknown[]) => Promise<unknown>;
    return call(...args);
  });
  bus.onTell(TOPICS.drop, (_from, body) => {
    const { stationId, reason, token } = body as { stationId: StationId; reason: string; token: number };
    if (token < planner.highestToken()) return;
    held.delete(stationId);
    link?.disconnect(stationId, reason);
  });

  return {
    events,
    serve(openLink) {
      link = openLink;
    },
    stop() {
      clearInterval(beat);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
