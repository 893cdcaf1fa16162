import type { AwardShortage, Bid } from '../domain/bid.js';
import type { DispatchOrder } from '../domain/dispatch.js';
import type { EvseRecord } from '../domain/evse-record.js';
import type { BidId, DispatchId, EvseId, PlanId, StationId, TransactionId } from '../domain/ids.js';
import type { LedgerEntry } from '../domain/ledger.js';
import type { Plan } from '../domain/plan.js';
import type { PriceKind, PriceSeries } from '../domain/price.js';
import type { AcknowledgedProfile, DesiredProfile } from '../domain/profile.js';
import type { ProofKind, ProofLink } from '../domain/proof.js';
import type { IntervalEnergy, Reading } from '../domain/reading.js';
import type { ApiKeyRecord } from '../domain/role.js';
import type { Session } from '../domain/session.js';
import type { SignedValue } from '../domain/signed-value.js';
import type { DeviceVariable, Site, Station } from '../domain/station.js';
import type { DriverContract, Tariff } from '../domain/tariff.js';
import type { TransactionEvent } from '../domain/transaction-event.js';

export interface StationStore {
  list(): Promise<Station[]>;
  get(stationId: StationId): Promise<Station | undefined>;
  /** Inserts or replaces all but the credential. */
  save(station: Station): Promise<void>;
  /** scrypt hash of the Basic password; undefined when the station is unknown, null when it has none. */
  passwordHash(stationId: StationId): Promise<string | null | undefined>;
  setPasswordHash(stationId: StationId, hash: string | null): Promise<void>;
  /** Replaces the station's whole device model. */
  saveDeviceModel(stationId: StationId, rows: readonly DeviceVariable[]): Promise<void>;
  deviceModel(stationId: StationId): Promise<DeviceVariable[]>;
  /** All stations' device models, for the start. */
  deviceModels(): Promise<Map<StationId, DeviceVariable[]>>;
  /** Replaces what experience says of these EVSEs; all or none. */
  saveEvseRecords(records: readonly EvseRecord[]): Promise<void>;
  /** Of all EVSEs, for the start. */
  evseRecords(): Promise<EvseRecord[]>;
}

export interface SiteStore {
  list(): Promise<Site[]>;
  save(site: Site): Promise<void>;
}

/** What one inbound transaction event changes. Written in one transaction or not at all. */
export interface EventRecord {
  readonly session: Session;
  readonly event: TransactionEvent;
  /** Instant of receipt. */
  readonly receivedAtMs: number;
  /** Additions to the interval books (may be negative only when `replaceIntervals` is set elsewhere). */
  readonly intervals: readonly IntervalEnergy[];
  /** True: `intervals` replaces all intervals of the session (late or out-of-order readings). */
  readonly replaceIntervals: boolean;
}

export interface SessionStore {
  /** Durable when it resolves. A repeated (transactionId, seqNo) changes nothing: `duplicate`. */
  recordEvent(record: EventRecord): Promise<{ duplicate: boolean }>;
  /** Needs, overrides, flags: everything that no transaction event brings. */
  save(session: Session): Promise<void>;
  get(transactionId: TransactionId): Promise<Session | undefined>;
  active(): Promise<Session[]>;
  /** Sessions that overlap [fromMs, toMs), newest start first. */
  list(query: {
    fromMs?: number;
    toMs?: number;
    state?: 'active' | 'ended';
    limit: number;
  }): Promise<Session[]>;
  /** Readings of one session in time order. */
  readings(transactionId: TransactionId): Promise<Reading[]>;
  /** Numbers of the events on record, ascending. */
  eventNumbers(transactionId: TransactionId): Promise<number[]>;
  /** What the meter signed in one session, in the order of its events. */
  signedValues(transactionId: TransactionId): Promise<SignedValue[]>;
  /** Readings without a transaction. */
  recordIdleReadings(evseId: EvseId, readings: readonly Reading[]): Promise<void>;
  /** Interval books with startMs in [fromMs, toMs), by time, then transaction. */
  intervals(query: {
    fromMs: number;
    toMs: number;
    transactionId?: TransactionId;
  }): Promise<IntervalEnergy[]>;
  /**
   * Interval books with startMs in [fromMs, toMs) added up over all sessions, or those at `evseIds`, ascending;
   * times without any are missing.
   */
  poolBooks(query: { fromMs: number; toMs: number; evseIds?: readonly EvseId[] }): Promise<PoolEnergy[]>;
  /** Which transactions have a register reading at most `withinMs` from which of the instants. */
  readingsAt(query: { instants: readonly number[]; withinMs: number }): Promise<ReadingAt[]>;
  /**
   * Stretches of [fromMs − longestGapMs, toMs + longestGapMs] in which the register readings of a transaction
   * are at most `longestGapMs` apart, by transaction, then time.
   */
  coverage(query: { fromMs: number; toMs: number; longestGapMs: number }): Promise<MeterCoverage[]>;
  /**
   * Readings of transactions taken in [fromMs, toMs], with the instant at which their event came: by
   * transaction, then time, then event number.
   */
  receivedReadings(query: { fromMs: number; toMs: number }): Promise<ReceivedReading[]>;
  /** Sum of all interval books ever recorded, Wh, import and export apart. */
  totals(): Promise<{ importWh: number; exportWh: number }>;
}

/** An interval book of all sessions together, Wh ≥ 0. */
export interface PoolEnergy {
  readonly startMs: number;
  readonly importWh: number;
  readonly exportWh: number;
  /** What sessions fed in, each net of its own import in the same book. */
  readonly dischargeWh: number;
}

/** A register was read at an instant, or as good as at it. */
export interface ReadingAt {
  readonly transactionId: TransactionId;
  readonly instantMs: number;
}

export interface ReceivedReading {
  readonly transactionId: TransactionId;
  readonly seqNo: number;
  readonly receivedAtMs: number;
  readonly reading: Reading;
}

/** A stretch in which a transaction's meter spoke. */
export interface MeterCoverage {
  readonly transactionId: TransactionId;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PlanStore {
  save(plan: Plan): Promise<void>;
  latest(): Promise<Plan | undefined>;
  /** Planned net power of the fleet as it stood when each slot began: the newest plan made before the slot's end wins. */
  plannedNetKw(
    fromMs: number,
    toMs: number,
  ): Promise<{ startMs: number; slotMinutes: number; netKw: number }[]>;

  /**
   * Fleet curves of the plans in force in [fromMs, toMs): the newest made by `fromMs`, and every one made
   * after it before `toMs`; by age.
   */
  curves(query: { fromMs: number; toMs: number }): Promise<PlanCurve[]>;
  /** The same for some EVSEs, their powers added up per slot; slots without a plan for any of them are missing. */
  plannedKwOf(
    evseIds: readonly EvseId[],
    fromMs: number,
    toMs: number,
  ): Promise<{ startMs: number; slotMinutes: number; netKw: number }[]>;
}

/** What is left of every plan: net power of the fleet per slot. */
export interface PlanCurve {
  readonly planId: PlanId;
  readonly createdAtMs: number;
  readonly startMs: number;
  readonly slotMinutes: number;
  readonly netKw: readonly number[];
}

export interface ProfileStore {
  /**
   * Makes these the newest desired profiles; all or none. A revision that is not above the stored one is
   * ignored (the newer stays).
   */
  saveDesired(profiles: readonly DesiredProfile[]): Promise<void>;
  desired(evseId: EvseId): Promise<DesiredProfile | undefined>;
  allDesired(): Promise<DesiredProfile[]>;
  /** Records the station's word; never replaces a higher acknowledged revision. */
  saveAcknowledged(acknowledged: AcknowledgedProfile): Promise<void>;
  acknowledged(evseId: EvseId): Promise<AcknowledgedProfile | undefined>;
  allAcknowledged(): Promise<AcknowledgedProfile[]>;
}

export interface PriceStore {
  /**
   * Later documents replace earlier ones slot by slot, within one kind and zone. Slots that say the same as
   * before stay as they were, with the time they were first known; a lower revision of the same source changes
   * nothing. What is replaced is kept as it was. Returns how many slots are new or different.
   */
  save(series: PriceSeries, knownAtMs: number): Promise<number>;
  /**
   * Slots of the kind (absent = day-ahead) and zone (absent = all) that overlap [fromMs, toMs), ascending;
   * slots may have different lengths. With `asOfMs`, what was known then instead of what is known now.
   */
  slots(query: {
    kind?: PriceKind;
    zone?: string;
    fromMs: number;
    toMs: number;
    asOfMs?: number;
  }): Promise<PriceSlot[]>;
}

export interface PriceSlot {
  readonly kind: PriceKind;
  readonly zone: string;
  readonly currency: string;
  readonly startMs: number;
  readonly slotMinutes: number;
  readonly importPerKwh: number;
  readonly exportPerKwh: number;
  /** When the first document came that says so. */
  readonly knownAtMs: number;
  readonly source?: string;
  readonly revision?: number;
}

export interface DispatchStore {
  /** Inserts, or returns the order made with the same key before. `requestHash` tells the same from another. */
  insert(
    order: DispatchOrder,
    idempotencyKey: string,
    requestHash: string,
  ): Promise<{ order: DispatchOrder; existing: boolean; requestHash: string }>;
  /** The order made with this key, if any. */
  findByKey(idempotencyKey: string): Promise<{ order: DispatchOrder; requestHash: string } | undefined>;
  save(order: DispatchOrder): Promise<void>;
  get(dispatchId: DispatchId): Promise<DispatchOrder | undefined>;
  /** Orders whose time overlaps [fromMs, toMs). */
  list(query: { fromMs: number; toMs: number }): Promise<DispatchOrder[]>;
}

export interface BidStore {
  insert(bid: Bid): Promise<void>;
  /** Throws NOT_FOUND for a bid that is not on record. */
  save(bid: Bid): Promise<void>;
  get(bidId: BidId): Promise<Bid | undefined>;
  /** Bids whose block overlaps [fromMs, toMs), by start, then id. */
  list(query: { fromMs: number; toMs: number }): Promise<Bid[]>;
  /** Keeps, per bid and quarter-hour, the largest shortage noted. */
  noteShortages(shortages: readonly AwardShortage[]): Promise<void>;
  /** Quarter-hours of a bid that a plan spoke of, ascending; without a shortage too, as 0. */
  shortages(bidId: BidId): Promise<AwardShortage[]>;
}

/** The chain of proofs. Nothing in it is ever changed or taken out. */
export interface ProofStore {
  /**
   * Adds the links that `build` makes of the last one (undefined: there is none), all or none. No other link
   * comes in between; `build` may be called again when another writer was in the way.
   */
  append(build: (last: ProofLink | undefined) => readonly ProofLink[]): Promise<readonly ProofLink[]>;
  /** Links with a number above `seq`, ascending. */
  after(seq: number, limit: number): Promise<ProofLink[]>;
  /** Links about `subject`, or about `subject/…`, ascending. */
  of(kind: ProofKind, subject: string): Promise<ProofLink[]>;
  /** Keeps words of stations as evidence; one that is there already is left as it is. */
  noteProfiles(words: readonly AcknowledgedProfile[]): Promise<void>;
  /** Words given before `toMs` on profiles valid beyond `fromMs`, by EVSE, revision, time. */
  notedProfiles(query: { fromMs: number; toMs: number }): Promise<AcknowledgedProfile[]>;
}

/** A kind of document that settlement rests on, and its form. */
export interface SettlementDocuments {
  readonly tariff: Tariff;
  readonly contract: DriverContract;
}

/** The books of money. Nothing in them is ever changed or taken out. */
export interface LedgerStore {
  /**
   * Adds the entries that `build` makes of those known of the transactions and bids, in the order of booking, and
   * with them the link that `seal` makes of them behind the chain's last one: all or nothing; no entries, no link.
   * No other run comes in between; both may be called again.
   */
  book(
    subjectIds: readonly (TransactionId | BidId)[],
    build: (known: readonly LedgerEntry[]) => readonly LedgerEntry[],
    seal: (entries: readonly LedgerEntry[], last: ProofLink | undefined) => ProofLink,
  ): Promise<readonly LedgerEntry[]>;
  /** Runs with entries and without a link of kind `settlement`, oldest first: there should be none. */
  unsealedRuns(): Promise<string[]>;
  /** Entries about instants in [fromMs, toMs), in the order of booking. */
  entries(query: { fromMs: number; toMs: number }): Promise<LedgerEntry[]>;
  ofRun(runId: string): Promise<LedgerEntry[]>;
  /** Keeps a document; the newest of an id holds, the others stay on record. */
  saveDocument<Kind extends keyof SettlementDocuments>(
    kind: Kind,
    document: SettlementDocuments[Kind],
    atMs: number,
  ): Promise<void>;
  /** Documents that hold, by id. */
  documents<Kind extends keyof SettlementDocuments>(kind: Kind): Promise<SettlementDocuments[Kind][]>;
}

export interface ApiKeyStore {
  /** `hash` = SHA-256 of the key, hex. */
  save(record: ApiKeyRecord, hash: string): Promise<void>;
  findByHash(hash: string): Promise<ApiKeyRecord | undefined>;
  /** Oldest first. */
  list(): Promise<readonly ApiKeyRecord[]>;
  /** False when there is no such key. */
  remove(keyId: string): Promise<boolean>;
}

/** All that must survive a crash. Every method throws STORE_UNAVAILABLE when the store does not answer. */
export interface Store {
  readonly stations: StationStore;
  readonly sites: SiteStore;
  readonly sessions: SessionStore;
  readonly plans: PlanStore;
  readonly profiles: ProfileStore;
  readonly prices: PriceStore;
  readonly dispatches: DispatchStore;
  readonly bids: BidStore;
  readonly proofs: ProofStore;
  readonly ledger: LedgerStore;
  readonly apiKeys: ApiKeyStore;
  ping(): Promise<void>;
  close(): Promise<void>;
}
