import type { Bid, BidState } from '../domain/bid.js';
import type { CompositeAnswer } from '../domain/composite-schedule.js';
import type { DeadLetter, DispatchProgress } from '../domain/dead-letter.js';
import type {
  BaselineComparison,
  BaselineRules,
  DeliveryBaseline,
  DeliveryReport,
} from '../domain/delivery.js';
import type { DispatchOrder, DispatchShare, OrderConflict } from '../domain/dispatch.js';
import type { DriverDefaults } from '../domain/ev-defaults.js';
import type { DeliveryState, EvseRecord, ReadBackProof } from '../domain/evse-record.js';
import type { BidId, DispatchId, EvseId, SiteId, StationId, TransactionId } from '../domain/ids.js';
import type { LedgerEntry } from '../domain/ledger.js';
import type { MarketProduct } from '../domain/market-product.js';
import type { Plan, PlanCause, PlanReason } from '../domain/plan.js';
import type { PriceKind, PriceSeries } from '../domain/price.js';
import type { AcknowledgedProfile, DesiredProfile } from '../domain/profile.js';
import type { ProofKind, ProofLink } from '../domain/proof.js';
import type { ApiKeyRecord, Role } from '../domain/role.js';
import type { OverrideChange, Session } from '../domain/session.js';
import type { SignedValue } from '../domain/signed-value.js';
import type {
  ConnectorStatus,
  DialectSetting,
  DialectStanding,
  EvseCapability,
  Site,
  Station,
} from '../domain/station.js';
import type { CommandOutcome, StationCommand } from '../domain/station-command.js';
import type { DriverContract, Tariff } from '../domain/tariff.js';
import type { EngineEvent } from './engine-events.js';
import type { ProfileReadBack } from './station-link.js';

/** The fleet at one instant. Powers ≥ 0 but `netKw`; totals are metered energy since the first record, never netted. */
export interface FleetSnapshot {
  readonly atMs: number;
  readonly stationsOnline: number;
  readonly stationsKnown: number;
  readonly sessionsActive: number;
  readonly importKw: number;
  readonly exportKw: number;
  readonly netKw: number;
  readonly importKwhTotal: number;
  readonly exportKwhTotal: number;
  /** Energy in the connected batteries above their floors, estimated from needs and meters. */
  readonly storedKwh: number;
  /** How far net power could go down (more export: flexUp) and up (more import: flexDown) now, kW ≥ 0. */
  readonly flexUpKw: number;
  readonly flexDownKw: number;
  /** What the plan in force says for this instant. */
  readonly plannedNetKw: number | null;
  readonly importPerKwh: number | null;
  readonly exportPerKwh: number | null;
  readonly currency: string | null;
  /** Per site and per EVSE, same signs. */
  readonly sites: readonly {
    readonly siteId: SiteId;
    readonly importKw: number;
    readonly exportKw: number;
  }[];
  readonly evses: readonly {
    readonly evseId: EvseId;
    readonly importKw: number;
    readonly exportKw: number;
  }[];
}

/** One step of the fleet's history: metered energy of the step as mean power, planned beside it. */
export interface HistoryStep {
  readonly startMs: number;
  readonly importKw: number;
  readonly exportKw: number;
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly plannedNetKw: number | null;
  readonly importPerKwh: number | null;
  readonly exportPerKwh: number | null;
}

export interface HistoryQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepS: number;
  readonly siteId?: SiteId;
  readonly evseId?: EvseId;
}

/** Bounds on the fleet's net power per slot, and on the energy it can have drawn by the slot's end. */
export interface EnvelopeStep {
  readonly startMs: number;
  readonly minNetKw: number;
  readonly maxNetKw: number;
  readonly minEnergyKwh: number;
  readonly maxEnergyKwh: number;
}

/** How an EVSE does what its profile in force asks, by the meter. */
export interface DeliveryView {
  readonly state: DeliveryState;
  readonly sinceMs: number;
  readonly reason: string;
  /** What the car was seen to take or give at most when it was asked for more, kW ≥ 0; planned with for a while. */
  readonly limits: readonly {
    readonly direction: 'charge' | 'discharge';
    readonly kw: number;
    readonly untilMs: number;
  }[];
}

export interface StationView {
  readonly station: Station;
  readonly online: boolean;
  readonly evses: readonly {
    readonly evseId: EvseId;
    readonly capability: EvseCapability;
    readonly connectorStatus: ConnectorStatus | null;
    readonly transactionId: TransactionId | null;
    /** Best first. */
    readonly dialects: readonly DialectStanding[];
    /** What experience says of it. */
    readonly record: EvseRecord;
    /** Null when no session runs on it. */
    readonly delivery: DeliveryView | null;
  }[];
}

/** What an EVSE answered when it was asked by hand. */
export interface EvseProbe {
  readonly evseId: EvseId;
  readonly composite: CompositeAnswer;
  /** Against the profile in force; null when there is none or nothing was told. */
  readonly match: Pick<ReadBackProof, 'outcome' | 'withDischarge' | 'detail'> | null;
  /** What it holds of our transaction profile; null when no session runs there. */
  readonly held: ProfileReadBack | null;
}

export interface StationProbe {
  readonly atMs: number;
  readonly view: StationView;
  readonly telemetry: {
    /** Sent while a session runs. */
    readonly measurands: readonly string[];
    readonly intervalS: number | null;
    readonly variablesAsked: number;
    readonly variablesTold: number;
  };
  readonly evses: readonly EvseProbe[];
}

export interface SessionView {
  readonly session: Session;
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly importKw: number;
  readonly exportKw: number;
  readonly storedKwh: number | null;
  /** Departure and target after overrides and assumptions. */
  readonly departureMs: number | null;
  readonly targetEnergyKwh: number | null;
  /** True until the books are closed by the transaction's end. */
  readonly provisional: boolean;
  readonly plan: {
    readonly startMs: number;
    readonly slotMinutes: number;
    readonly netKw: readonly number[];
    readonly shortfallKwh: number;
    readonly because: readonly PlanReason[];
  } | null;
  readonly delivery: DeliveryView | null;
  readonly desired: DesiredProfile | null;
  readonly acknowledged: AcknowledgedProfile | null;
}

export interface PlanSummary {
  readonly planId: string;
  readonly createdAtMs: number;
  readonly causes: readonly PlanCause[];
  readonly status: Plan['status'];
  readonly objective: number;
  readonly lowerBound: number;
  readonly gap: number;
  readonly backend: string;
  readonly solveMilliseconds: number;
  readonly sessions: number;
  readonly shortfallKwh: number;
}

/** Prices of [fromMs, toMs). */
export interface PriceQuery {
  readonly fromMs: number;
  readonly toMs: number;
  /** Absent: the zone that plans use. */
  readonly zone?: string;
  /** Absent: the market that plans use. */
  readonly kind?: PriceKind;
  /** As known at this instant; absent: as known now. */
  readonly asOfMs?: number;
}

export interface PriceCoverage {
  /** Null while no price is known. */
  readonly zone: string | null;
  readonly kind: PriceKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly missing: readonly { readonly fromMs: number; readonly toMs: number }[];
  readonly sources: readonly {
    readonly source: string;
    readonly slots: number;
    readonly newestKnownAtMs: number;
  }[];
}

export interface PriceFault {
  readonly code: 'price-feed-failed' | 'price-feed-refused';
  readonly text: string;
}

export interface DispatchRequest {
  readonly startMs: number;
  readonly endMs: number;
  /** At most one of the two; absent = the whole fleet. */
  readonly siteId?: SiteId;
  readonly pool?: string;
  /** Exactly one of target, delta, cap (one or both) and release. */
  readonly targetNetKw?: number;
  readonly deltaKw?: number;
  readonly importCapKw?: number;
  readonly exportCapKw?: number;
  readonly release?: true;
  readonly reason: string;
}

export interface BidRequest {
  /** Id of a market product. */
  readonly product: string;
  readonly startMs: number;
  /** Checked against the product's block where it is given. */
  readonly endMs?: number;
  /** Absent: the product's own. Never below it. */
  readonly reliability?: number;
  readonly method?: 'quantile' | 'cvar';
  /** Offers no more than this. */
  readonly maxKw?: number;
  /** At most one of the two; absent = the whole fleet. */
  readonly siteId?: SiteId;
  readonly pool?: string;
}

export interface BidView {
  readonly bid: Bid;
  readonly state: BidState;
}

export interface DispatchView {
  readonly order: DispatchOrder;
  readonly askedKwh: number;
  readonly acknowledgedKwh: number;
  readonly meteredKwh: number;
  readonly shares: readonly DispatchShare[];
}

/** What an order would do, computed without doing it. */
export interface DispatchPreview {
  readonly askedNetKw: readonly { readonly startMs: number; readonly netKw: number }[];
  readonly plannedNetKw: readonly { readonly startMs: number; readonly netKw: number }[];
  /** Extra cost against the plan without the order, deviation penalties excluded; currency. */
  readonly costDelta: number;
  readonly currency: string;
  /** Largest |planned − asked| over the order, kW; of a cap, what the plan is beyond it. */
  readonly worstDeviationKw: number;
  /** Orders that stand in the same time and place, and which counts (docs/dispatch-orders.md). */
  readonly conflicts: readonly { readonly dispatchId: DispatchId; readonly effect: OrderConflict }[];
  /** Awards of which less would be held than without the order, kW over their weakest stretch. */
  readonly awardsShort: readonly {
    readonly bidId: BidId;
    readonly awardedKw: number;
    readonly heldKw: number;
  }[];
  readonly evsesTouched: readonly EvseId[];
  /** Sessions whose shortfall grows, kWh. */
  readonly endangered: readonly {
    readonly transactionId: TransactionId;
    readonly extraShortfallKwh: number;
  }[];
}

/** How the baseline of a delivery report is found; what is absent is as usual. */
export interface DeliveryQuestion {
  readonly baseline?: DeliveryBaseline;
  readonly rules?: Partial<BaselineRules>;
}

/** What came of verifying the chain of proofs. */
export interface ProofVerdict {
  /** Links that hold, from the first on. */
  readonly links: number;
  /** Hash of the last of them. */
  readonly head: string | null;
  /** The first that does not hold; kind and subject are null where a link is missing at the end. */
  readonly broken: {
    readonly seq: number;
    readonly kind: ProofKind | null;
    readonly subject: string | null;
    /** One line that names the field or the evidence. */
    readonly fault: string;
  } | null;
}

/** What a settlement run booked. */
export interface SettlementRun {
  readonly runId: string;
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Sessions whose books are closed; those that are not are left to a later run. */
  readonly sessions: number;
  readonly openSessions: number;
  readonly entries: readonly LedgerEntry[];
  /** Lines without a known price or of another currency: not booked, not guessed. */
  readonly unpriced: readonly {
    readonly transactionId: TransactionId;
    readonly startMs: number;
    readonly importWh: number;
    readonly exportWh: number;
  }[];
}

/** One session in one interval. Import and export, cost and credit are apart; money in `currency`. */
export interface SettlementLine {
  readonly transactionId: TransactionId;
  readonly evseId: EvseId;
  readonly siteId: SiteId | null;
  readonly startMs: number;
  readonly intervalMinutes: number;
  readonly importKwh: number;
  readonly exportKwh: number;
  /** importKwh × import price; null when no price is known for the interval. */
  readonly cost: number | null;
  /** exportKwh × export price. */
  readonly credit: number | null;
  readonly currency: string | null;
  readonly provisional: boolean;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly {
    readonly name: 'store' | 'queue' | 'planner';
    readonly ok: boolean;
    readonly detail: string;
  }[];
}

export interface Caller {
  readonly keyId: string;
  readonly role: Role;
}

/** What the world may ask of the engine; the HTTP API is one caller. Bad input throws INVALID_INPUT with its field. */
export interface UseCases {
  /** The engine's time, epoch ms. */
  nowMs(): number;
  /** undefined = no such key. */
  authenticate(apiKey: string): Promise<Caller | undefined>;
  /** Returns the key's plain text: the only time it is seen. */
  createApiKey(request: { role: Role; name: string }): Promise<{ keyId: string; apiKey: string }>;
  /** Oldest first, without the keys themselves. */
  apiKeys(): Promise<readonly ApiKeyRecord[]>;
  /** The key is refused from now on, on other nodes within a minute. @throws EbbflowError NOT_FOUND */
  revokeApiKey(keyId: string): Promise<void>;

  readiness(): Promise<Readiness>;
  fleet(): FleetSnapshot;
  /** Of the fleet, or of one site or EVSE. */
  history(query: HistoryQuery): Promise<HistoryStep[]>;
  envelope(): EnvelopeStep[];

  stations(): StationView[];
  station(stationId: StationId): StationView | undefined;
  /** Asks a station now what it can do, means to do and holds; changes nothing there. */
  probeStation(stationId: StationId): Promise<StationProbe>;
  /** Registers a station or changes its site or password. `password` undefined keeps, null removes it. */
  registerStation(request: {
    stationId: StationId;
    siteId?: SiteId;
    password?: string | null;
    /** How its EVSEs are told their power; null = chosen by capability again, undefined keeps. */
    dialectSetting?: DialectSetting | null;
  }): Promise<StationView>;

  /** Asks a station something by hand. A session that is to stop is brought to 0 first. */
  commandStation(stationId: StationId, command: StationCommand): Promise<CommandOutcome>;

  sessions(query: {
    state?: 'active' | 'ended';
    fromMs?: number;
    toMs?: number;
    limit: number;
  }): Promise<SessionView[]>;
  session(transactionId: TransactionId): Promise<SessionView | undefined>;
  /** What the meter signed in a session, as it was sent. Throws NOT_FOUND. */
  signedValues(transactionId: TransactionId): Promise<readonly SignedValue[]>;
  overrideSession(transactionId: TransactionId, change: OverrideChange): Promise<SessionView>;

  sites(): Site[];
  /** Takes the site as it is written; the drivers it knows stay when it names none. */
  saveSite(site: Site): Promise<Site>;
  /** Replaces what is known of the drivers at a site. Throws NOT_FOUND. */
  saveDrivers(siteId: SiteId, drivers: readonly DriverDefaults[]): Promise<readonly DriverDefaults[]>;

  /** `changedSlots` are those that say something new. */
  putPrices(series: PriceSeries): Promise<{ slots: number; changedSlots: number }>;
  prices(query: PriceQuery): Promise<PriceSeries | undefined>;
  /** Which prices are there, from whom, and which are missing. */
  priceCoverage(query: PriceQuery): Promise<PriceCoverage>;
  /** A price feed did not bring what it should have: an alarm. */
  tellPriceFault(fault: PriceFault): void;

  latestPlan(): Plan | undefined;

  marketProducts(): readonly MarketProduct[];
  createBid(request: BidRequest, caller: Caller): Promise<BidView>;
  /** Bids whose block overlaps [fromMs, toMs). */
  bids(query: { fromMs: number; toMs: number }): Promise<BidView[]>;
  bid(bidId: BidId): Promise<BidView | undefined>;
  /** Before gate closure only. */
  withdrawBid(bidId: BidId): Promise<BidView>;
  /** Every later plan holds the awarded kW ready. The same award again changes nothing. */
  awardBid(
    bidId: BidId,
    award: { readonly kw: number; readonly pricePerKwPerHour: number },
    caller: Caller,
  ): Promise<BidView>;
  /** Gives `kw` of an award back, where its product allows it and for as long as it does. */
  releaseBid(bidId: BidId, kw: number, caller: Caller): Promise<BidView>;

  createDispatch(
    request: DispatchRequest,
    idempotencyKey: string,
    caller: Caller,
  ): Promise<{ view: DispatchView; existing: boolean }>;
  previewDispatch(request: DispatchRequest): Promise<DispatchPreview>;
  dispatches(query: { fromMs: number; toMs: number }): Promise<DispatchView[]>;
  dispatch(dispatchId: DispatchId): Promise<DispatchView | undefined>;
  cancelDispatch(dispatchId: DispatchId): Promise<DispatchView>;
  /** What EVSEs did not take after all attempts, one per EVSE, newest first. */
  deadLetters(): Promise<DeadLetter[]>;
  /** Plans anew and sends to one EVSE, or to all that still wait; returns them. NOT_FOUND without a letter. */
  replayDeadLetters(evseId?: EvseId): Promise<EvseId[]>;
  /** Puts a letter aside. NOT_FOUND when there is none. */
  dismissDeadLetter(evseId: EvseId): Promise<void>;
  /** How far the newest profiles have come. */
  dispatchProgress(): Promise<DispatchProgress>;
  /** Proof of delivery so far; undefined when there is no such order. */
  deliveryReport(dispatchId: DispatchId, question?: DeliveryQuestion): Promise<DeliveryReport | undefined>;
  /** Every baseline method for an order side by side, each judged on days without an order. */
  deliveryBaselines(
    dispatchId: DispatchId,
    rules?: Partial<BaselineRules>,
  ): Promise<BaselineComparison[] | undefined>;

  /**
   * Seals the delivery report into the chain of proofs; returns its link. CONFLICT while readings may still
   * come; undefined when there is no such order.
   */
  sealDelivery(dispatchId: DispatchId, question?: DeliveryQuestion): Promise<ProofLink | undefined>;
  /** Sealed reports of an order, oldest first. */
  sealedDeliveries(dispatchId: DispatchId): Promise<ProofLink[]>;
  /** Walks the whole chain and holds its evidence against the store. */
  verifyProofs(options: { readonly expectedHead?: string }): Promise<ProofVerdict>;

  /** Tariffs that hold, by id. A document replaces the one of its id; lines booked by the old one stay until a run. */
  tariffs(): Promise<Tariff[]>;
  saveTariff(tariff: Tariff): Promise<Tariff>;
  contracts(): Promise<DriverContract[]>;
  saveContract(contract: DriverContract): Promise<DriverContract>;
  /** Books what is settled in whole quarter-hours; what has changed since the last run becomes a correction. */
  runSettlement(span: { fromMs: number; toMs: number }): Promise<SettlementRun>;
  /** Entries about instants in [fromMs, toMs), in the order of booking. */
  ledger(query: { fromMs: number; toMs: number }): Promise<LedgerEntry[]>;

  settlements(query: { fromMs: number; toMs: number }): Promise<SettlementLine[]>;

  /** Calls `listener` for every event from now on; the result unsubscribes. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
}

/** The same, asked of an engine that may run in another process: each answer may come later. */
export type AskableUseCases = {
  readonly [Name in keyof UseCases]: Name extends 'subscribe' | 'nowMs'
    ? UseCases[Name]
    : (
        ...args: Parameters<UseCases[Name]>
      ) => ReturnType<UseCases[Name]> | Promise<Awaited<ReturnType<UseCases[Name]>>>;
};
