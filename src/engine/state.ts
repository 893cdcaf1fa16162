import type { Bid } from '../domain/bid.js';
import type { DispatchOrder } from '../domain/dispatch.js';
import type { EvseRecord } from '../domain/evse-record.js';
import {
  type BidId,
  type DispatchId,
  type EvseId,
  evseIdOf,
  type SiteId,
  type StationId,
  stationOf,
  type TransactionId,
} from '../domain/ids.js';
import type { Plan } from '../domain/plan.js';
import { MS_PER_HOUR } from '../domain/power.js';
import type { AcknowledgedProfile, DesiredProfile } from '../domain/profile.js';
import type { Session } from '../domain/session.js';
import type { ConnectorStatus, DeviceVariable, EvseCapability, Site, Station } from '../domain/station.js';
import type { Tariff } from '../domain/tariff.js';
import type { PriceSlot, Store } from '../ports/store.js';
import { readCapabilities } from './sessions/capability.js';
import { withDialect } from './sessions/dialect-choice.js';
import { withExternalLimits } from './sessions/external-limits.js';
import { isStopped, type StationClock, skewMsAt } from './sessions/station-clock.js';
import type { Delivery } from './verification/delivery.js';

/** How far back prices and orders are kept in memory. */
export const MEMORY_MS = 26 * MS_PER_HOUR;
/** Later than anything on record, and still a date. */
export const FAR_FUTURE_MS = Date.UTC(9999, 0);

export interface StationState {
  station: Station;
  /** Rows of an inventory that is still arriving. */
  arriving: DeviceVariable[];
  capabilities: Map<EvseId, EvseCapability>;
  connectors: Map<EvseId, ConnectorStatus>;
  /** Absent until the station has told a time. */
  clock?: StationClock;
  /** It took AlignedDataCtrlr: its meters are read at the edges of the interval books. Absent = not known. */
  readsAligned?: boolean;
}

/**
 * The engine's working memory: a copy of what the store holds, changed only after the store has it.
 * Entries are immutable values; a change replaces the entry.
 */
export interface EngineState {
  readonly stations: Map<StationId, StationState>;
  readonly sites: Map<SiteId, Site>;
  /** Active sessions only. */
  readonly sessions: Map<TransactionId, Session>;
  readonly transactionByEvse: Map<EvseId, TransactionId>;
  /** All active sessions of an EVSE: one, or more when a station lost the end of an earlier one. */
  readonly sessionsByEvse: Map<EvseId, Set<TransactionId>>;
  /** EVSEs of a station that carried a session or were given a profile. */
  readonly usedEvses: Map<StationId, Set<EvseId>>;
  readonly desired: Map<EvseId, DesiredProfile>;
  /** The station's newest word per EVSE, and the newest profile that it took. */
  readonly acknowledged: Map<EvseId, AcknowledgedProfile>;
  readonly inForce: Map<EvseId, DesiredProfile>;
  /** What experience says of EVSEs. */
  readonly evseRecords: Map<EvseId, EvseRecord>;
  /** How EVSEs with a session do what they are told. */
  readonly deliveries: Map<EvseId, Delivery>;
  /** Stations that carry a session and are out of reach, since when. */
  readonly awaySinceMs: Map<StationId, number>;
  /** EVSEs whose station would not take the charging-only default: nothing would end a discharge there without us. */
  readonly unguarded: Set<EvseId>;
  readonly orders: Map<DispatchId, DispatchOrder>;
  /** Bids whose block is not over. */
  readonly bids: Map<BidId, Bid>;
  /** What plans are made with (see prices/price-book.ts), in the zone that counts where a site names none. */
  prices: readonly PriceSlot[];
  priceZone: string | undefined;
  pricesByZone: ReadonlyMap<string, readonly PriceSlot[]>;
  /** Tariffs as data, by id; plans and books use the one that holds at a site. */
  tariffs: readonly Tariff[];
  plan: Plan | undefined;
  /** Metered energy of all sessions ever, Wh, apart. */
  importWhTotal: number;
  exportWhTotal: number;
}

export function createState(): EngineState {
  return {
    stations: new Map(),
    sites: new Map(),
    sessions: new Map(),
    transactionByEvse: new Map(),
    sessionsByEvse: new Map(),
    usedEvses: new Map(),
    desired: new Map(),
    acknowledged: new Map(),
    inForce: new Map(),
    evseRecords: new Map(),
    deliveries: new Map(),
    awaySinceMs: new Map(),
    unguarded: new Set(),
    orders: new Map(),
    bids: new Map(),
    prices: [],
    priceZone: undefined,
    pricesByZone: new Map(),
    tariffs: [],
    plan: undefined,
    importWhTotal: 0,
    exportWhTotal: 0,
  };
}

/** Fills the working memory from the store, as after a start or a crash. */
export async function loadState(state: EngineState, store: Store, nowMs: number): Promise<void> {
  const models = await store.stations.deviceModels();
  for (const station of await store.stations.list()) {
    putStation(state, station);
    const rows = models.get(station.stationId);
    if (rows !== undefined) setDeviceModel(state, station.stationId, rows);
  }
  for (const record of await store.stations.evseRecords()) state.evseRecords.set(record.evseId, record);
  for (const site of await store.sites.list()) state.sites.set(site.siteId, site);
  for (const session of await store.sessions.active()) putSession(state, session);
  for (const profile of await store.profiles.allDesired()) putDesired(state, profile);
  for (const word of await store.profiles.allAcknowledged()) {
    state.acknowledged.set(word.evseId, word);
    const isRunning = state.transactionByEvse.get(word.evseId) === word.profile.transactionId;
    if (word.outcome.status === 'accepted' && isRunning) state.inForce.set(word.evseId, word.profile);
  }
  const fromMs = nowMs - MEMORY_MS;
  for (const order of await store.dispatches.list({ fromMs, toMs: FAR_FUTURE_MS })) {
    state.orders.set(order.dispatchId, order);
  }
  for (const bid of await store.bids.list({ fromMs: nowMs, toMs: FAR_FUTURE_MS }))
    state.bids.set(bid.bidId, bid);
  state.tariffs = await store.ledger.documents('tariff');
  state.plan = await store.plans.latest();
  const totals = await store.sessions.totals();
  state.importWhTotal = totals.importWh;
  state.exportWhTotal = totals.exportWh;
}

export function putStation(state: EngineState, station: Station): StationState {
  const known = state.stations.get(station.stationId);
  if (known !== undefined) {
    known.station = station;
    return known;
  }
  const fresh: StationState = { station, arriving: [], capabilities: new Map(), connectors: new Map() };
  state.stations.set(station.stationId, fresh);
  return fresh;
}

export function setDeviceModel(
  state: EngineState,
  stationId: StationId,
  rows: readonly DeviceVariable[],
): void {
  const entry = state.stations.get(stationId);
  if (entry === undefined) return;
  entry.capabilities = new Map(
    readCapabilities(stationId, rows).map((capability) => [capability.evseId, capability]),
  );
}

/**
 * What is known of an EVSE, with the dialect that it is spoken to in and the limits that others set at `nowMs`; one that the station never
 * described, or that speaks OCPP 2.0.1, charges only, unless the operator knows better.
 */
export function capabilityOf(
  state: EngineState,
  stationId: StationId,
  evseId: EvseId,
  nowMs: number,
): EvseCapability {
  const entry = state.stations.get(stationId);
  const capability = withDialect(
    describedCapabilityOf(state, stationId, evseId),
    entry?.station ?? {},
    nowMs,
  );
  const limits = entry?.station.externalLimits ?? [];
  const limited = withExternalLimits(capability, limits, entry?.capabilities.size ?? 1, nowMs);
  const guarded = state.unguarded.has(evseId)
    ? withoutDischarge(limited, 'the station does not hold the charging-only default')
    : limited;
  return withClock(guarded, entry?.clock, nowMs);
}

function withoutDischarge({ profilePurpose: _, ...rest }: EvseCapability, because: string): EvseCapability {
  return { ...rest, dialect: 'charging-only', dialectBecause: because, canDischarge: false, because };
}

/**
 * The capability with what is known of the station's clock. Where that stands still, neither a period nor
 * `validTo` ever comes: only a Dynamic profile, which ends by a duration, may discharge.
 */
function withClock(
  capability: EvseCapability,
  clock: StationClock | undefined,
  nowMs: number,
): EvseCapability {
  const clockSkewMs = skewMsAt(clock, nowMs);
  const skewed = clockSkewMs === 0 ? capability : { ...capability, clockSkewMs };
  if (!isStopped(clock)) return skewed;
  if (capability.dialect === 'dynamic') return { ...skewed, clockStopped: true };
  return { ...withoutDischarge(skewed, 'the clock of the station stands still'), clockStopped: true };
}

/** What the station says of an EVSE, whatever holds at the moment. */
export function describedCapabilityOf(
  state: EngineState,
  stationId: StationId,
  evseId: EvseId,
): EvseCapability {
  const entry = state.stations.get(stationId);
  const known = entry?.capabilities.get(evseId);
  if (known !== undefined && entry?.station.protocol === 'ocpp2.0.1') {
    return {
      ...known,
      canDischarge: false,
      because: 'the station speaks OCPP 2.0.1, which has no discharge',
    };
  }
  if (known !== undefined) return known;
  const [undescribed] = readCapabilities(stationId, []);
  return { ...(undescribed as EvseCapability), evseId };
}

/**
 * Enters an active session, or takes an ended one out. Of two that claim one EVSE the one that started later
 * has it: what an earlier one tells afterwards is the past.
 */
export function putSession(state: EngineState, session: Session): void {
  const known = state.sessions.get(session.transactionId);
  if (known !== undefined && known.evseId !== session.evseId) {
    takeFromEvse(state, known);
    if (state.transactionByEvse.get(known.evseId) === session.transactionId) {
      state.transactionByEvse.delete(known.evseId);
    }
  }
  if (session.state === 'active') {
    state.sessions.set(session.transactionId, session);
    addTo(state.sessionsByEvse, session.evseId, session.transactionId);
    addTo(state.usedEvses, session.stationId, session.evseId);
    const occupantId = state.transactionByEvse.get(session.evseId);
    const occupant = occupantId === undefined ? undefined : state.sessions.get(occupantId);
    if (occupant !== undefined && occupant.startedAtMs > session.startedAtMs) return;
    state.transactionByEvse.set(session.evseId, session.transactionId);
    return;
  }
  state.sessions.delete(session.transactionId);
  takeFromEvse(state, session);
  if (state.transactionByEvse.get(session.evseId) === session.transactionId) {
    state.transactionByEvse.delete(session.evseId);
  }
}

/** Active sessions, one per EVSE: of two that claim one EVSE it is at the one that started later. */
export function* sessionsAtEvses(state: EngineState): Iterable<Session> {
  for (const session of state.sessions.values()) {
    if (state.transactionByEvse.get(session.evseId) === session.transactionId) yield session;
  }
}

/** Makes a profile the newest desired one of its EVSE. */
export function putDesired(state: EngineState, profile: DesiredProfile): void {
  state.desired.set(profile.evseId, profile);
  addTo(state.usedEvses, stationOf(profile.evseId), profile.evseId);
}

/** EVSEs of a station that carried a session or were given a profile since the store's first record. */
export function usedEvsesOf(state: EngineState, stationId: StationId): Iterable<EvseId> {
  return state.usedEvses.get(stationId) ?? [];
}

function takeFromEvse(state: EngineState, { evseId, transactionId }: Session): void {
  const sessions = state.sessionsByEvse.get(evseId);
  sessions?.delete(transactionId);
  if (sessions?.size === 0) state.sessionsByEvse.delete(evseId);
}

function addTo<Key, Value>(index: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, new Set([value]));
  else values.add(value);
}

/** EVSEs of a station: those it described, those that carried a session, at least number 1. */
export function evsesOf(state: EngineState, stationId: StationId): EvseId[] {
  const entry = state.stations.get(stationId);
  const ids = new Set<EvseId>([...(entry?.capabilities.keys() ?? []), ...(entry?.connectors.keys() ?? [])]);
  if (ids.size === 0) ids.add(evseIdOf(stationId, 1));
  return [...ids].sort();
}

/** EVSEs of the stations at a site. */
export function evsesOfSite(state: EngineState, siteId: SiteId): EvseId[] {
  return [...state.stations.values()]
    .filter((entry) => entry.station.siteId === siteId)
    .flatMap((entry) => evsesOf(state, entry.station.stationId));
}
