import { assert } from '../domain/assert.js';
import { EbbflowError, type FieldFault, invalidInput } from '../domain/errors.js';
import type { StationId, TransactionId } from '../domain/ids.js';
import type { MarketProduct } from '../domain/market-product.js';
import { MS_PER_HOUR } from '../domain/power.js';
import { type OverrideChange, overrideAfter, type Session } from '../domain/session.js';
import type { Station } from '../domain/station.js';
import { tariffFaults, validityFaults } from '../domain/tariff.js';
import type { DispatchQueue } from '../ports/dispatch-queue.js';
import type { UseCases } from '../ports/use-cases.js';
import { createAccess } from './access/access.js';
import { envelopeOf } from './aggregates/envelope.js';
import { fleetSnapshot } from './aggregates/fleet-snapshot.js';
import { historyOf } from './aggregates/history.js';
import { sessionView } from './aggregates/session-view.js';
import type { Bids } from './bidding/bids.js';
import type { LinkedContext } from './context.js';
import type { DeadLetters } from './dispatch/dead-letters.js';
import type { Orders } from './dispatch/orders.js';
import { previewDispatch } from './dispatch/preview.js';
import type { Planner } from './planning/planner.js';
import { horizonFor } from './planning/problem.js';
import type { Prices } from './prices/prices.js';
import type { Estimates } from './sessions/estimates.js';
import type { Sites } from './sessions/sites.js';
import { stationView } from './sessions/station-view.js';
import type { Stations } from './sessions/stations.js';
import type { Transactions } from './sessions/transactions.js';
import type { Deliveries } from './settlement/deliveries.js';
import type { Proofs } from './settlement/proofs.js';
import { SETTLEMENT_MINUTES, settlementLines } from './settlement/settlement-lines.js';
import type { SettlementRuns } from './settlement/settlement-runs.js';
import { verifyProofs } from './settlement/verify-proofs.js';
import { capabilityOf, evsesOfSite } from './state.js';
import type { EvseRecords } from './verification/evse-records.js';
import { probeStation } from './verification/probe-station.js';

/** Fleet events are announced at most this often, engine time. */
const FLEET_EVENT_MS = 1000;

export interface EngineUseCases extends UseCases {
  /** Tells subscribers that a session changed, and soon the fleet's new sums. */
  announceSession(session: Session): void;
  stop(): void;
}

export interface UseCaseParts {
  readonly planner: Planner;
  readonly orders: Orders;
  readonly bids: Bids;
  readonly deliveries: Deliveries;
  readonly proofs: Proofs;
  readonly settlementRuns: SettlementRuns;
  readonly products: readonly MarketProduct[];
  readonly transactions: Transactions;
  readonly stations: Stations;
  readonly sites: Sites;
  readonly estimates: Estimates;
  readonly prices: Prices;
  /** What these stations may draw at most has changed. */
  readonly limitsChanged: (stationIds: Iterable<StationId>) => void;
  readonly queue: DispatchQueue;
  readonly records: EvseRecords;
  readonly deadLetters: DeadLetters;
}

export function createUseCases(
  context: LinkedContext & { readonly adminKey?: string },
  parts: UseCaseParts,
): EngineUseCases {
  const { clock, store, state, announcer, secrets, settings, logger } = context;
  const { planner, orders, bids, prices, transactions, stations, sites, estimates, queue } = parts;
  const access = createAccess(store, secrets, clock, context.adminKey);
  let cancelFleetEvent: (() => void) | undefined;

  const fleet = () =>
    fleetSnapshot(state, planner.goals(clock.nowMs()), clock.nowMs(), context.link().onlineCount());
  const viewOf = (session: Session) =>
    sessionView(
      state,
      session,
      session.state === 'active' ? planner.goal(session, clock.nowMs()) : undefined,
      settings,
      clock.nowMs(),
    );

  function announceFleetSoon(): void {
    if (cancelFleetEvent !== undefined) return;
    cancelFleetEvent = clock.after(FLEET_EVENT_MS, () => {
      cancelFleetEvent = undefined;
      if (announcer.isHeard()) announcer.publish({ kind: 'fleet', fleet: fleet() });
    });
  }

  const viewOfStation = (station: Station) =>
    stationView(state, station, context.link().isOnline(station.stationId), settings, clock.nowMs());

  return {
    nowMs: () => clock.nowMs(),
    authenticate: access.authenticate,
    createApiKey: access.createApiKey,
    apiKeys: access.apiKeys,
    revokeApiKey: access.revokeApiKey,
    fleet,
    announceSession(session) {
      if (!announcer.isHeard()) return;
      announcer.publish({ kind: 'session', session: viewOf(session) });
      announceFleetSoon();
    },
    stop() {
      cancelFleetEvent?.();
      cancelFleetEvent = undefined;
    },

    async readiness() {
      const check = async (name: 'store' | 'queue', ping: () => Promise<void>) => {
        try {
          await ping();
          return { name, ok: true, detail: 'answers' };
        } catch (error) {
          logger.warn({ err: error, check: name }, 'not ready');
          return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
        }
      };
      const checks = [
        await check('store', () => store.ping()),
        await check('queue', () => queue.ping()),
        { name: 'planner' as const, ...planner.health() },
      ];
      return { ready: checks.every((entry) => entry.ok), checks };
    },

    async history({ fromMs, toMs, stepS, siteId, evseId }) {
      const evseIds = siteId === undefined ? evseId && [evseId] : evsesOfSite(state, siteId);
      const wanted = evseIds === undefined ? undefined : new Set(evseIds);
      const all = await store.sessions.intervals({ fromMs: fromMs - MS_PER_HOUR, toMs });
      const intervals = wanted === undefined ? all : all.filter((interval) => wanted.has(interval.evseId));
      const planned =
        evseIds === undefined
          ? await store.plans.plannedNetKw(fromMs, toMs)
          : await store.plans.plannedKwOf(evseIds, fromMs, toMs);
      const known = await prices.slots({ fromMs, toMs });
      return historyOf({ fromMs, toMs, stepMs: stepS * 1000, intervals, planned, prices: known });
    },

    envelope() {
      const nowMs = clock.nowMs();
      const goals = planner.goals(nowMs);
      return envelopeOf(goals, horizonFor(goals, [], nowMs, settings), settings);
    },

    stations: () =>
      [...state.stations.values()]
        .map((entry) => viewOfStation(entry.station))
        .sort((a, b) => (a.station.stationId < b.station.stationId ? -1 : 1)),

    station(stationId) {
      const entry = state.stations.get(stationId);
      return entry === undefined ? undefined : viewOfStation(entry.station);
    },

    probeStation: (stationId) =>
      probeStation(context, parts.records, stationId, () => {
        const { station } = state.stations.get(stationId) ?? {};
        assert(station !== undefined, 'a station that was probed is known');
        return viewOfStation(station);
      }),

    async registerStation({ stationId, siteId, password, dialectSetting }) {
      if (siteId !== undefined && !state.sites.has(siteId)) throw invalidInput('siteId', 'no such site');
      const known = await stations.change(stationId, ({ dialectSetting: before, ...current }) => {
        const setting = dialectSetting === undefined ? before : (dialectSetting ?? undefined);
        return { ...current, ...(setting === undefined ? {} : { dialectSetting: setting }) };
      });
      if (dialectSetting !== undefined) planner.request('station');
      if (siteId !== undefined) {
        await sites.join(stationId, siteId);
        parts.limitsChanged(state.sites.get(siteId)?.stationIds ?? []);
        planner.request('site');
      }
      if (password !== undefined) {
        await store.stations.setPasswordHash(
          stationId,
          password === null ? null : await secrets.hashPassword(password),
        );
        context.link().disconnect(stationId, 'credentials changed');
      }
      const station = state.stations.get(stationId)?.station ?? known;
      return viewOfStation(station);
    },

    async commandStation(stationId, command) {
      if (!state.stations.has(stationId)) throw new EbbflowError('NOT_FOUND', `station ${stationId}`);
      if ('transactionId' in command) {
        const session = state.sessions.get(command.transactionId);
        if (session?.stationId !== stationId) {
          throw invalidInput('transactionId', 'is no running session of this station');
        }
        const inForce = state.inForce.get(session.evseId);
        if (command.kind === 'stop-transaction' && inForce !== undefined) {
          const capability = capabilityOf(state, stationId, session.evseId, clock.nowMs());
          await context.link().stopSteering(inForce, capability);
        }
      }
      return context.link().command(stationId, command);
    },

    async sessions(query) {
      const goals = new Map(planner.goals(clock.nowMs()).map((goal) => [goal.session.transactionId, goal]));
      const found =
        query.state === 'active' && query.fromMs === undefined && query.toMs === undefined
          ? [...state.sessions.values()].sort((a, b) => b.startedAtMs - a.startedAtMs).slice(0, query.limit)
          : await store.sessions.list(query);
      return found.map((session) =>
        sessionView(state, session, goals.get(session.transactionId), settings, clock.nowMs()),
      );
    },

    async session(transactionId) {
      const session = state.sessions.get(transactionId) ?? (await store.sessions.get(transactionId));
      return session === undefined ? undefined : viewOf(session);
    },

    async signedValues(transactionId) {
      if (
        state.sessions.get(transactionId) === undefined &&
        (await store.sessions.get(transactionId)) === undefined
      )
        throw new EbbflowError('NOT_FOUND', `session ${transactionId}`);
      return store.sessions.signedValues(transactionId);
    },

    async overrideSession(transactionId, change) {
      checkOverride(change, clock.nowMs());
      const changed = await transactions.change(transactionId, (session) => {
        if (session.state === 'ended')
          throw new EbbflowError('CONFLICT', `session ${transactionId} has ended`);
        const { override: before, ...rest } = session;
        const override = overrideAfter(before, change);
        return override === undefined ? rest : { ...rest, override };
      });
      if (changed === undefined) throw new EbbflowError('NOT_FOUND', `session ${transactionId}`);
      await estimates.review(transactionId);
      planner.request('override');
      const view = viewOf(state.sessions.get(transactionId) ?? changed);
      announcer.publish({ kind: 'session', session: view });
      return view;
    },

    sites: () => [...state.sites.values()],

    async saveSite(site) {
      const before = state.sites.get(site.siteId);
      const { drivers = before?.drivers, ...rest } = site;
      const saved = await sites.save(drivers === undefined ? rest : { ...rest, drivers });
      await estimates.reviewSite(site.siteId);
      parts.limitsChanged(new Set([...(before?.stationIds ?? []), ...saved.stationIds]));
      planner.request('site');
      return saved;
    },

    async saveDrivers(siteId, drivers) {
      const site = state.sites.get(siteId);
      if (site === undefined) throw new EbbflowError('NOT_FOUND', `site ${siteId}`);
      const saved = await sites.save({ ...site, drivers });
      await estimates.reviewSite(siteId);
      planner.request('site');
      return saved.drivers ?? [];
    },

    putPrices: (series) => prices.put(series),
    prices: (query) => prices.series(query),
    priceCoverage: (query) => prices.coverage(query),
    tellPriceFault: (fault) => prices.tellFault(fault),

    latestPlan: () => state.plan,

    marketProducts: () => parts.products,
    createBid: (request, caller) => bids.create(request, caller),
    bids: (query) => bids.list(query),
    bid: (bidId) => bids.get(bidId),
    withdrawBid: (bidId) => bids.withdraw(bidId),
    awardBid: (bidId, award, caller) => bids.award(bidId, award, caller),
    releaseBid: (bidId, kw, caller) => bids.release(bidId, kw, caller),

    createDispatch: (request, idempotencyKey, caller) => orders.create(request, idempotencyKey, caller),
    cancelDispatch: (dispatchId) => orders.cancel(dispatchId),
    previewDispatch: (request) => previewDispatch(request, { orders, planner, state }),
    async dispatches(query) {
      const found = await store.dispatches.list(query);
      return Promise.all(found.map((order) => orders.view(state.orders.get(order.dispatchId) ?? order)));
    },
    async dispatch(dispatchId) {
      const order = await orders.get(dispatchId);
      return order === undefined ? undefined : orders.view(order);
    },

    deadLetters: () => parts.deadLetters.list(),
    replayDeadLetters: (evseId) => parts.deadLetters.replay(evseId),
    dismissDeadLetter: (evseId) => parts.deadLetters.dismiss(evseId),
    dispatchProgress: () => parts.deadLetters.progress(),

    deliveryReport: (dispatchId, question) => parts.deliveries.report(dispatchId, question),
    deliveryBaselines: (dispatchId, rules) => parts.deliveries.baselines(dispatchId, rules),

    sealDelivery: (dispatchId, question) => parts.proofs.seal(dispatchId, question),
    sealedDeliveries: (dispatchId) => parts.proofs.sealed(dispatchId),
    verifyProofs: (options) => verifyProofs(store, secrets.digest, options),

    tariffs: () => store.ledger.documents('tariff'),
    async saveTariff(tariff) {
      refuse(tariffFaults(tariff));
      await store.ledger.saveDocument('tariff', tariff, clock.nowMs());
      state.tariffs = await store.ledger.documents('tariff');
      planner.request('price');
      return tariff;
    },
    contracts: () => store.ledger.documents('contract'),
    async saveContract(contract) {
      refuse(validityFaults(contract));
      await store.ledger.saveDocument('contract', contract, clock.nowMs());
      return contract;
    },
    runSettlement: (span) => parts.settlementRuns.run(span),
    ledger: (query) => store.ledger.entries(query),

    async settlements({ fromMs, toMs }) {
      // Whole lines only, each in the span that holds its begin: neighbouring spans bill nothing twice.
      const lineMs = SETTLEMENT_MINUTES * 60_000;
      const span = {
        fromMs: Math.ceil(fromMs / lineMs) * lineMs,
        toMs: Math.ceil(toMs / lineMs) * lineMs,
      };
      const intervals = await store.sessions.intervals(span);
      const sessions = new Map<TransactionId, Session>();
      for (const { transactionId } of intervals) {
        if (sessions.has(transactionId)) continue;
        const session = state.sessions.get(transactionId) ?? (await store.sessions.get(transactionId));
        if (session !== undefined) sessions.set(transactionId, session);
      }
      return settlementLines(intervals, sessions, await prices.rates(span));
    },

    subscribe: (listener) => announcer.subscribe(listener),
  };
}

function refuse(faults: readonly FieldFault[]): void {
  if (faults.length === 0) return;
  const detail = faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new EbbflowError('INVALID_INPUT', detail, { faults });
}

function checkOverride({ departureMs, targetEnergyKwh }: OverrideChange, nowMs: number): void {
  if (typeof departureMs === 'number' && departureMs <= nowMs) {
    throw invalidInput('departure', 'must be in the future');
  }
  if (typeof targetEnergyKwh === 'number' && !(targetEnergyKwh >= 0)) {
    throw invalidInput('targetEnergyKwh', 'must be a number ≥ 0');
  }
}
