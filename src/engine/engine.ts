import { assert } from '../domain/assert.js';
import type { HolidayCalendar } from '../domain/holidays.js';
import type { StationId } from '../domain/ids.js';
import type { MarketProduct } from '../domain/market-product.js';
import type { Session } from '../domain/session.js';
import type { DeviceVariable, Site } from '../domain/station.js';
import { type Clock, holding } from '../ports/clock.js';
import type { DispatchQueue } from '../ports/dispatch-queue.js';
import type { Logger } from '../ports/logger.js';
import type { Metrics } from '../ports/metrics.js';
import type { Secrets } from '../ports/secrets.js';
import type { StationEvents } from '../ports/station-events.js';
import type { StationLink } from '../ports/station-link.js';
import type { Store } from '../ports/store.js';
import type { UseCases } from '../ports/use-cases.js';
import { createAnnouncer } from './announcer.js';
import { createBids } from './bidding/bids.js';
import type { LinkedContext } from './context.js';
import { createDeadLetters } from './dispatch/dead-letters.js';
import { createDialectLadder, type DialectLadder } from './dispatch/dialect-ladder.js';
import { createDispatcher, type Dispatcher } from './dispatch/dispatcher.js';
import { askEdgeReadings } from './dispatch/edge-readings.js';
import { createOrders, type Orders } from './dispatch/orders.js';
import { createClosing } from './metering/closing.js';
import { createPlanner, type Planner } from './planning/planner.js';
import { reloadPrices } from './prices/price-book.js';
import { createPrices } from './prices/prices.js';
import { createCommissioning } from './sessions/commissioning.js';
import { createEstimates } from './sessions/estimates.js';
import { createInbound } from './sessions/inbound.js';
import { createNeedsIntake } from './sessions/needs-intake.js';
import { createSites } from './sessions/sites.js';
import { createStations } from './sessions/stations.js';
import { createTransactions } from './sessions/transactions.js';
import type { EngineSettings } from './settings.js';
import { createDeliveries } from './settlement/deliveries.js';
import { createPriceRevisions } from './settlement/price-revisions.js';
import { createProofs } from './settlement/proofs.js';
import { createSettlementRuns } from './settlement/settlement-runs.js';
import { capabilityOf, createState, evsesOf, loadState, setDeviceModel } from './state.js';
import { createStoppableClock } from './stoppable-clock.js';
import { createUseCases } from './use-cases.js';
import { createEvseRecords } from './verification/evse-records.js';
import { createPresence } from './verification/presence.js';
import { createProbe } from './verification/probe.js';
import { createVerification } from './verification/verification.js';

export interface EngineParts {
  readonly clock: Clock;
  readonly store: Store;
  readonly queue: DispatchQueue;
  readonly secrets: Secrets;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly settings: EngineSettings;
  readonly stopwatchMs: () => number;
  /** What bids may be made for; absent: nothing. */
  readonly products?: readonly MarketProduct[];
  /** Holidays of the days that bids rest on, by the id that products name; absent: none. */
  readonly calendars?: ReadonlyMap<string, HolidayCalendar>;
  /** Plain text of the bootstrap admin key, if the operator set one. */
  readonly adminKey?: string;
}

/** The whole engine, without its edges. */
export interface Engine {
  /** What the OCPP edge calls. */
  readonly stationEvents: StationEvents;
  /** What the API calls. */
  readonly useCases: UseCases;
  /** Takes the link once the gateway is open, starts consuming the queue and planning. */
  start(link: StationLink): Promise<void>;
  /** Stops planning; what is in flight is finished by the edges' own close. */
  stop(): Promise<void>;
}

/** Loads what the store holds and puts the engine together. */
export async function createEngine(parts: EngineParts): Promise<Engine> {
  const { store, queue, logger, metrics } = parts;
  const clock = createStoppableClock(parts.clock);
  const state = createState();
  await loadState(state, store, clock.nowMs());
  await reloadPrices(state, store, parts.settings, clock.nowMs());
  const announcer = createAnnouncer(logger, metrics);
  let link: StationLink | undefined;
  const context: LinkedContext = {
    ...parts,
    clock,
    state,
    announcer,
    link: () => {
      assert(link !== undefined, 'the engine talks to stations only after its start');
      return link;
    },
  };

  const stations = createStations(context);
  const ladder = createDialectLadder(context, stations, () => planner.request('station'));
  const records = createEvseRecords(context);
  const probe = createProbe(context, records);
  const verification = createVerification(context, {
    records,
    ladder,
    sendAnew: (evseId) => dispatcher.sendAnew(evseId),
    requestPlan: () => planner.request('station'),
  });
  const presence = createPresence(context, verification);
  /** What a station takes is watched from then on. */
  const watchedLadder: DialectLadder = {
    ...ladder,
    async apply(profile) {
      const applied = await ladder.apply(profile);
      if (applied.outcome.status === 'accepted') {
        verification.taken(profile, applied.capability);
        probe.taken(profile, applied.capability);
      }
      return applied;
    },
  };
  const dispatcher: Dispatcher = createDispatcher(context, queue, {
    ladder: watchedLadder,
    beforeChange: (evseId, after) => orders.accountChange(evseId, after),
    onAnswer: () => {
      orders.answered();
      proofs.noteAnswer();
    },
    requestPlan: () => planner.request('station'),
  });
  const planner: Planner = createPlanner(context, {
    beforeChange: () => orders.account(),
    publish: (contents, causes) => dispatcher.publish(contents, causes),
    planned: (made) => orders.planned(made),
  });
  const orders: Orders = createOrders(context, {
    requestPlan: (cause) => planner.request(cause),
    readAtEdge: (order) => askEdgeReadings(context, order),
    bridge: () => planner.bridge(),
    unanswered: () => dispatcher.unanswered(),
  });
  const products = parts.products ?? [];
  const calendars = parts.calendars ?? new Map<string, HolidayCalendar>();
  const bids = createBids(
    { ...context, products, calendars },
    { requestPlan: (cause) => planner.request(cause) },
  );
  const deliveries = createDeliveries({ ...context, products }, { orders });
  const proofs = createProofs(context, { orders, deliveries });
  const transactions = createTransactions(context);
  const sites = createSites(context, { stations, transactions });
  const sessionChanged = (session: Session): void => useCases.announceSession(session);
  const estimates = createEstimates(context, {
    transactions,
    sessionChanged,
    requestPlan: () => planner.request('needs'),
  });
  const needs = createNeedsIntake(context, {
    stations,
    transactions,
    estimates,
    sessionChanged,
    requestPlan: () => planner.request('needs'),
    needsTaken: (session) => dispatcher.needsTaken(session),
    isPlanningLate: () => planner.isLate(),
  });
  const prices = createPrices(context, {
    requestPlan: (cause) => planner.request(cause),
    changed: (series) => revisions.noteChange(series),
  });
  const settlementRuns = createSettlementRuns(context, { deliveries, prices });
  const revisions = createPriceRevisions(context, { settlementRuns });
  const useCases = createUseCases(context, {
    planner,
    orders,
    bids,
    deliveries,
    prices,
    proofs,
    settlementRuns,
    deadLetters: createDeadLetters(context, queue, {
      sendAnew: (evseId) => dispatcher.sendAnew(evseId),
      requestPlan: () => planner.request('station'),
      unanswered: () => dispatcher.unanswered(),
    }),
    products,
    transactions,
    stations,
    sites,
    estimates,
    queue,
    records,
    limitsChanged: (stationIds) => limitsChanged(stationIds),
  });
  const takeModel = async (stationId: StationId, rows: readonly DeviceVariable[]): Promise<void> => {
    await store.stations.saveDeviceModel(stationId, rows);
    const evses = evsesOf(state, stationId).length;
    setDeviceModel(state, stationId, rows);
    const site = siteOfStation(stationId);
    // More EVSEs behind one grid connection: each has a smaller share of it.
    if (site?.importLimitKw !== undefined && evsesOf(state, stationId).length !== evses) {
      limitsChanged(site.stationIds.filter((other) => other !== stationId));
    }
    planner.request('station');
  };
  const closing = createClosing(context, { transactions, changed: sessionChanged });
  const commissioning = createCommissioning(context, takeModel, () => planner.request('station'));

  function siteOfStation(stationId: StationId): Site | undefined {
    const siteId = state.stations.get(stationId)?.station.siteId;
    return siteId === undefined ? undefined : state.sites.get(siteId);
  }

  function limitsChanged(stationIds: Iterable<StationId>): void {
    for (const stationId of stationIds) commissioning.limitsChanged(stationId);
  }

  const stationEvents = createInbound(context, {
    transactions,
    stations,
    commissioning,
    takeModel,
    requestPlan: (cause) => planner.request(cause),
    async stationBack(stationId, lostProfiles) {
      await dispatcher.stationBack(stationId, lostProfiles);
      if (lostProfiles) planner.request('station');
    },
    needs,
    estimates,
    sessionChanged,
    sessionEnded(session) {
      clearDefault(session);
      closing.begin(session);
      verification.ended(session);
      dispatcher.forget(session);
      planner.request('departed');
    },
    metered: (session, event) => verification.metered(session, event),
    linkChanged: (stationId, isUp) => (isUp ? presence.back(stationId) : presence.away(stationId)),
  });

  /** A TxProfile dies with its transaction; a default profile would steer the next car. */
  function clearDefault({ evseId, stationId, transactionId }: Session): void {
    const { profilePurpose } = capabilityOf(state, stationId, evseId, clock.nowMs());
    if (profilePurpose !== 'TxDefaultProfile') return;
    clock.after(0, () => {
      if (!context.link().isOnline(stationId)) return;
      holding(clock, () => context.link().clearProfile(evseId, transactionId)).catch((error: unknown) =>
        logger.warn({ err: error, evseId }, 'default profile not cleared; it ends at its validTo'),
      );
    });
  }

  return {
    stationEvents,
    useCases,
    async start(openLink) {
      link = openLink;
      await queue.start((evseId) => dispatcher.deliver(evseId));
      dispatcher.start();
      presence.start();
      await closing.resume();
      estimates.resume();
      orders.resume();
      proofs.start();
      planner.start();
    },
    async stop() {
      orders.stop();
      proofs.stop();
      revisions.stop();
      probe.stop();
      await records.flush();
      await planner.stop();
      dispatcher.stop();
      closing.stop();
      estimates.stop();
      needs.stop();
      useCases.stop();
      clock.stop();
    },
  };
}
