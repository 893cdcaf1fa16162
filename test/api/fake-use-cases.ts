import type { DeadLetter, DispatchProgress } from '../../src/domain/dead-letter.js';
import type { BaselineRules } from '../../src/domain/delivery.js';
import { EbbflowError } from '../../src/domain/errors.js';
import type { DriverDefaults } from '../../src/domain/ev-defaults.js';
import {
  asEvseId,
  asStationId,
  asTransactionId,
  type BidId,
  type DispatchId,
  type EvseId,
} from '../../src/domain/ids.js';
import type { Plan } from '../../src/domain/plan.js';
import type { PriceSeries } from '../../src/domain/price.js';
import type { Role } from '../../src/domain/role.js';
import { type OverrideChange, overrideAfter } from '../../src/domain/session.js';
import type { SignedValue } from '../../src/domain/signed-value.js';
import type { Site } from '../../src/domain/station.js';
import type { DriverContract, Tariff } from '../../src/domain/tariff.js';
import type { EngineEvent } from '../../src/ports/engine-events.js';
import type {
  BidRequest,
  BidView,
  Caller,
  DeliveryQuestion,
  DispatchRequest,
  DispatchView,
  FleetSnapshot,
  PriceCoverage,
  PriceFault,
  PriceQuery,
  Readiness,
  SessionView,
  SettlementLine,
  StationProbe,
  UseCases,
} from '../../src/ports/use-cases.js';
import { SIGNED_VALUE } from '../support/store-samples.js';
import { bidView } from './fake-bids.js';
import { fakeBaselines, fakeDeliveryReport, fakeReportLink } from './fake-delivery.js';
import {
  dispatchView,
  fleetSnapshot,
  historySteps,
  NOW_MS,
  plan,
  sessionView,
  settlementLine,
  site,
  stationView,
} from './fake-fleet.js';
import { fakeLedgerEntries } from './fake-ledger.js';

/** API keys of the fake: the role's name after `key-`. */
export const keyOf = (role: Role): string => `key-${role}`;

/** An engine of a few fixed answers that remembers what it was asked. */
export class FakeUseCases implements UseCases {
  snapshot!: FleetSnapshot;
  views!: SessionView[];
  signed: SignedValue[] = [SIGNED_VALUE];
  sitesKnown!: Site[];
  orders!: DispatchView[];
  letters!: DeadLetter[];
  bidViews!: BidView[];
  lines!: SettlementLine[];
  tariffsKnown!: Tariff[];
  contractsKnown!: DriverContract[];
  planInForce!: Plan | undefined;
  pricesKnown!: PriceSeries | undefined;
  state!: Readiness;
  /** The next call of any use case fails with this. */
  failure: unknown;
  asked!: { readonly name: string; readonly with: unknown }[];
  #ordersByKey!: Map<string, { request: string; view: DispatchView }>;
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  constructor() {
    this.reset();
  }

  /** Back to the first answers; listeners stay. */
  reset(): void {
    this.snapshot = fleetSnapshot();
    this.views = [sessionView(1), sessionView(2), sessionView(3)];
    this.sitesKnown = [site()];
    this.orders = [];
    this.letters = [fakeDeadLetter()];
    this.bidViews = [bidView()];
    this.lines = [settlementLine()];
    this.tariffsKnown = [];
    this.contractsKnown = [];
    this.planInForce = plan();
    this.pricesKnown = undefined;
    this.state = {
      ready: true,
      checks: [
        { name: 'store', ok: true, detail: 'answers' },
        { name: 'queue', ok: true, detail: 'answers' },
        { name: 'planner', ok: true, detail: 'planned 2 minutes ago' },
      ],
    };
    this.failure = undefined;
    this.asked = [];
    this.#ordersByKey = new Map();
  }

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async authenticate(apiKey: string): Promise<Caller | undefined> {
    const role = (['viewer', 'trader', 'operator', 'admin'] as const).find(
      (known) => keyOf(known) === apiKey,
    );
    return role && { keyId: `id-${role}`, role };
  }

  async createApiKey(request: { role: Role; name: string }) {
    this.#note('createApiKey', request);
    return { keyId: 'id-new', apiKey: 'ebb_secret' };
  }

  async apiKeys() {
    return [{ keyId: 'id-desk', role: 'trader', name: 'Desk', createdAtMs: NOW_MS }] as const;
  }

  async revokeApiKey(keyId: string) {
    this.#note('revokeApiKey', keyId);
    if (keyId !== 'id-desk') throw new EbbflowError('NOT_FOUND', `There is no API key ${keyId}`);
  }

  async readiness() {
    return this.state;
  }

  nowMs() {
    return this.fleet().atMs;
  }

  fleet() {
    if (this.failure !== undefined) throw this.failure;
    return this.snapshot;
  }

  async history(query: { fromMs: number; toMs: number; stepS: number }) {
    this.#note('history', query);
    return historySteps(query);
  }

  envelope() {
    return [{ startMs: NOW_MS, minNetKw: -110, maxNetKw: 140, minEnergyKwh: -27.5, maxEnergyKwh: 35 }];
  }

  stations() {
    return [stationView()];
  }

  async registerStation(request: Parameters<UseCases['registerStation']>[0]) {
    this.#note('registerStation', request);
    return stationView();
  }

  station(stationId: string) {
    return stationId === 'CS-001' ? stationView() : undefined;
  }

  async probeStation(stationId: string): Promise<StationProbe> {
    this.#note('probeStation', { stationId });
    const view = stationView();
    const [evse] = view.evses;
    return {
      atMs: NOW_MS,
      view,
      telemetry: { measurands: ['SoC'], intervalS: 60, variablesAsked: 15, variablesTold: 9 },
      evses: [
        {
          evseId: evse!.evseId,
          composite: {
            kind: 'told',
            schedule: { durationS: 3600, periods: [{ afterS: 0, powerKw: -10.5 }] },
          },
          match: { outcome: 'agrees', withDischarge: true, detail: '' },
          held: { kind: 'found', transactionId: evse!.transactionId!, revision: 7, isDynamic: false },
        },
      ],
    };
  }

  async commandStation(stationId: string, command: unknown) {
    this.#note('commandStation', { stationId, command });
    return { status: 'Rejected' as const, reason: 'TxInProgress' };
  }

  async sessions(query: Parameters<UseCases['sessions']>[0]) {
    this.#note('sessions', query);
    return this.views;
  }

  async session(transactionId: string) {
    return this.views.find(({ session }) => session.transactionId === transactionId);
  }

  async signedValues(transactionId: string) {
    if (!(await this.session(transactionId)))
      throw new EbbflowError('NOT_FOUND', `There is no session ${transactionId}`);
    return this.signed;
  }

  async overrideSession(transactionId: string, change: OverrideChange) {
    this.#note('overrideSession', { transactionId, change });
    const view = await this.session(transactionId);
    if (!view) throw new EbbflowError('NOT_FOUND', `There is no session ${transactionId}`);
    const { override: before, ...session } = view.session;
    const override = overrideAfter(before, change);
    return { ...view, session: override === undefined ? session : { ...session, override } };
  }

  sites() {
    return this.sitesKnown;
  }

  async saveSite(saved: Site) {
    this.#note('saveSite', saved);
    return saved;
  }

  async saveDrivers(siteId: string, drivers: readonly DriverDefaults[]) {
    this.#note('saveDrivers', { siteId, drivers });
    return drivers;
  }

  async putPrices(series: PriceSeries) {
    this.#note('putPrices', series);
    this.pricesKnown = series;
    return { slots: series.importPerKwh.length, changedSlots: series.importPerKwh.length };
  }

  async priceCoverage(query: PriceQuery): Promise<PriceCoverage> {
    this.#note('priceCoverage', query);
    const missing = [{ fromMs: query.toMs - 3_600_000, toMs: query.toMs }];
    const sources = [{ source: 'Energy-Charts', slots: 92, newestKnownAtMs: query.fromMs }];
    return { ...query, zone: 'DE-LU', kind: query.kind ?? 'day-ahead', missing, sources };
  }

  tellPriceFault(fault: PriceFault) {
    this.#note('tellPriceFault', fault);
  }

  async prices(query: PriceQuery) {
    this.#note('prices', query);
    return this.pricesKnown;
  }

  latestPlan() {
    return this.planInForce;
  }

  marketProducts() {
    return this.bidViews.map(({ bid }) => bid.product);
  }

  async createBid(request: BidRequest, caller: Caller) {
    this.#note('createBid', { request, caller });
    return bidView();
  }

  async bids(query: { fromMs: number; toMs: number }) {
    this.#note('bids', query);
    return this.bidViews;
  }

  async bid(bidId: BidId) {
    return this.bidViews.find(({ bid }) => bid.bidId === bidId);
  }

  async withdrawBid(bidId: BidId) {
    this.#note('withdrawBid', bidId);
    return bidView({ withdrawnAtMs: bidView().bid.createdAtMs }, 'withdrawn');
  }

  async awardBid(bidId: BidId, award: { kw: number; pricePerKwPerHour: number }, caller: Caller) {
    this.#note('awardBid', { bidId, award, caller });
    const made = { ...award, awardedAtMs: bidView().bid.createdAtMs, awardedBy: caller.keyId };
    return bidView({ award: made }, 'awarded');
  }

  async releaseBid(bidId: BidId, kw: number, caller: Caller) {
    this.#note('releaseBid', { bidId, kw, caller });
    const { createdAtMs } = bidView().bid;
    const releases = [{ kw, releasedAtMs: createdAtMs, releasedBy: caller.keyId }];
    const award = { kw: 200, pricePerKwPerHour: 0.02, awardedAtMs: createdAtMs, awardedBy: caller.keyId };
    return bidView({ award: { ...award, releases } }, kw === 200 ? 'released' : 'awarded');
  }

  async createDispatch(request: DispatchRequest, idempotencyKey: string, caller: Caller) {
    this.#note('createDispatch', { request, idempotencyKey, caller });
    const known = this.#ordersByKey.get(idempotencyKey);
    if (known && known.request !== JSON.stringify(request))
      throw new EbbflowError('IDEMPOTENCY_MISMATCH', 'The key was used for another order');
    if (known) return { view: known.view, existing: true };
    const view = dispatchView({ ...request, createdBy: caller.keyId });
    this.orders.push(view);
    this.#ordersByKey.set(idempotencyKey, { request: JSON.stringify(request), view });
    return { view, existing: false };
  }

  async previewDispatch(request: DispatchRequest) {
    this.#note('previewDispatch', request);
    return {
      askedNetKw: [{ startMs: request.startMs, netKw: -60 }],
      plannedNetKw: [{ startMs: request.startMs, netKw: -58 }],
      costDelta: 1.5,
      currency: 'EUR',
      worstDeviationKw: 2,
      evsesTouched: [sessionView(1).session.evseId],
      conflicts: [],
      awardsShort: [],
      endangered: [{ transactionId: asTransactionId('tx-3'), extraShortfallKwh: 0.5 }],
    };
  }

  async dispatches(query: { fromMs: number; toMs: number }) {
    this.#note('dispatches', query);
    return this.orders;
  }

  async dispatch(dispatchId: DispatchId) {
    return this.orders.find(({ order }) => order.dispatchId === dispatchId);
  }

  async cancelDispatch(dispatchId: DispatchId) {
    const view = await this.dispatch(dispatchId);
    if (!view) throw new EbbflowError('NOT_FOUND', `There is no dispatch ${dispatchId}`);
    if (view.order.state !== 'accepted') throw new EbbflowError('CONFLICT', 'The order is over');
    return dispatchView({ state: 'cancelled', cancelledAtMs: NOW_MS });
  }

  async deadLetters(): Promise<DeadLetter[]> {
    return this.letters;
  }

  async replayDeadLetters(evseId?: EvseId): Promise<EvseId[]> {
    this.#note('replayDeadLetters', { evseId });
    return this.letters
      .map((letter) => letter.evseId)
      .filter((one) => evseId === undefined || one === evseId);
  }

  async dismissDeadLetter(evseId: EvseId): Promise<void> {
    this.#note('dismissDeadLetter', { evseId });
    if (!this.letters.some((letter) => letter.evseId === evseId)) {
      throw new EbbflowError('NOT_FOUND', `There is no dead letter of ${evseId}`);
    }
  }

  async dispatchProgress(): Promise<DispatchProgress> {
    const queue = { waiting: 3, active: 2, delayed: 1, failed: 1 };
    return { atMs: NOW_MS, profiles: 12, unanswered: 4, lagS: 1.5, queue };
  }

  async deliveryReport(dispatchId: DispatchId, question?: DeliveryQuestion) {
    this.#note('deliveryReport', { dispatchId, ...question });
    return (await this.dispatch(dispatchId)) === undefined ? undefined : fakeDeliveryReport();
  }

  async deliveryBaselines(dispatchId: DispatchId, rules?: Partial<BaselineRules>) {
    this.#note('deliveryBaselines', { dispatchId, rules });
    return (await this.dispatch(dispatchId)) === undefined ? undefined : fakeBaselines();
  }

  async sealDelivery(dispatchId: DispatchId, question?: DeliveryQuestion) {
    this.#note('sealDelivery', { dispatchId, ...question });
    return (await this.dispatch(dispatchId)) === undefined ? undefined : fakeReportLink();
  }

  async sealedDeliveries(dispatchId: DispatchId) {
    this.#note('sealedDeliveries', dispatchId);
    return (await this.dispatch(dispatchId)) === undefined ? [] : [fakeReportLink()];
  }

  async verifyProofs(options: { expectedHead?: string }) {
    this.#note('verifyProofs', options);
    return { links: 1, head: fakeReportLink().hash, broken: null };
  }

  async tariffs() {
    return this.tariffsKnown;
  }

  async saveTariff(tariff: Tariff) {
    this.#note('saveTariff', tariff);
    this.tariffsKnown.push(tariff);
    return tariff;
  }

  async contracts() {
    return this.contractsKnown;
  }

  async saveContract(contract: DriverContract) {
    this.#note('saveContract', contract);
    this.contractsKnown.push(contract);
    return contract;
  }

  async runSettlement(span: { fromMs: number; toMs: number }) {
    this.#note('runSettlement', span);
    const entries = fakeLedgerEntries();
    return { runId: 'run-1', atMs: NOW_MS, ...span, sessions: 1, openSessions: 2, entries, unpriced: [] };
  }

  async ledger(query: { fromMs: number; toMs: number }) {
    this.#note('ledger', query);
    return fakeLedgerEntries();
  }

  async settlements(query: { fromMs: number; toMs: number }) {
    this.#note('settlements', query);
    return this.lines;
  }

  subscribe(listener: (event: EngineEvent) => void) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #note(name: string, args: unknown): void {
    this.asked.push({ name, with: args });
    if (this.failure !== undefined) throw this.failure;
  }
}

function fakeDeadLetter(): DeadLetter {
  return {
    evseId: asEvseId('CS-001/1'),
    stationId: asStationId('CS-001'),
    reason: 'timeout',
    detail: 'no answer in 30 s',
    attempts: 8,
    announcedAtMs: NOW_MS - 60_000,
    givenUpAtMs: NOW_MS - 30_000,
    profile: { transactionId: asTransactionId('tx-1'), revision: 4 },
    isWanted: true,
  };
}
