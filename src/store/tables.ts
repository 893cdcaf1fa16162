import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Bid } from '../domain/bid.js';
import type { DispatchOrder } from '../domain/dispatch.js';
import type { DriverDefaults, EvDefaults } from '../domain/ev-defaults.js';
import type { EvseRecord } from '../domain/evse-record.js';
import type { ExternalLimit } from '../domain/external-limit.js';
import type { Plan } from '../domain/plan.js';
import type { PriceKind } from '../domain/price.js';
import type { AcknowledgedProfile, DesiredProfile } from '../domain/profile.js';
import type { ProofKind } from '../domain/proof.js';
import type { ReadingRemark } from '../domain/reading.js';
import type {
  BookFlag,
  ChargingNeeds,
  EnergyWindow,
  SessionBooks,
  SessionOverride,
} from '../domain/session.js';
import type {
  DialectDemotion,
  DialectSetting,
  EarlyNeeds,
  StationIdentity,
  StationNotice,
} from '../domain/station.js';
import type { TransactionEvent } from '../domain/transaction-event.js';

/** Read as epoch milliseconds, written as text (instants.ts). */
type Instant = ColumnType<number, string, string>;
type OptionalInstant = ColumnType<number | null, string | null, string | null>;
/** int8 is read as text (value-parsers.ts). */
type Int8 = ColumnType<string, number, number>;
type Json<T extends object> = JSONColumnType<T>;
type OptionalJson<T extends object> = JSONColumnType<T | null, string | null, string | null>;

export interface Tables {
  stations: {
    station_id: string;
    site_id: string | null;
    registration: 'new' | 'accepted';
    protocol: 'ocpp2.1' | 'ocpp2.0.1' | null;
    identity: OptionalJson<StationIdentity>;
    last_seen_at: OptionalInstant;
    non_conformances: Json<string[]>;
    dialect_setting: OptionalJson<DialectSetting>;
    dialect_demotions: OptionalJson<readonly DialectDemotion[]>;
    external_limits: OptionalJson<readonly ExternalLimit[]>;
    notices: OptionalJson<readonly StationNotice[]>;
    early_needs: OptionalJson<readonly EarlyNeeds[]>;
    /** scrypt, as the engine wrote it. */
    password_hash: string | null;
  };
  device_variables: {
    station_id: string;
    /** Place in the report. */
    ordinal: number;
    component: string;
    component_instance: string | null;
    evse_number: number | null;
    variable: string;
    variable_instance: string | null;
    attribute: 'Actual' | 'Target' | 'MinSet' | 'MaxSet';
    value: string | null;
    max_limit: number | null;
    unit: string | null;
  };
  evse_records: {
    evse_id: string;
    record: Json<EvseRecord>;
  };
  sites: {
    site_id: string;
    name: string;
    import_limit_kw: number | null;
    export_limit_kw: number | null;
    pool: string | null;
    price_zone: string | null;
    station_ids: Json<string[]>;
    time_zone: string | null;
    ev_defaults: OptionalJson<EvDefaults>;
    drivers: OptionalJson<readonly DriverDefaults[]>;
  };
  sessions: {
    transaction_id: string;
    station_id: string;
    evse_id: string;
    site_id: string | null;
    started_at: Instant;
    ended_at: OptionalInstant;
    state: 'active' | 'ended';
    stopped_reason: string | null;
    id_token: string | null;
    charging_state: string | null;
    needs: OptionalJson<ChargingNeeds>;
    needs_import_wh: number;
    needs_export_wh: number;
    energy_window: OptionalJson<EnergyWindow>;
    override: OptionalJson<SessionOverride>;
    books: Json<SessionBooks>;
    flags: Json<BookFlag[]>;
    last_seq_no: number;
  };
  transaction_events: {
    transaction_id: string;
    seq_no: number;
    kind: 'started' | 'updated' | 'ended';
    at: Instant;
    received_at: Instant;
    /** The event without its readings; those are rows of `readings` with the same number. */
    event: Json<Omit<TransactionEvent, 'readings'>>;
  };
  /** Partitioned by month of `at`. */
  readings: {
    at: Instant;
    evse_id: string;
    transaction_id: string | null;
    seq_no: number | null;
    context: 'begin' | 'end' | 'periodic' | 'clock' | 'other';
    import_register_wh: number | null;
    export_register_wh: number | null;
    import_kw: number | null;
    export_kw: number | null;
    soc_fraction: number | null;
    remarks: OptionalJson<ReadingRemark[]>;
    import_interval_wh: number | null;
    export_interval_wh: number | null;
  };
  session_intervals: {
    transaction_id: string;
    start_at: Instant;
    evse_id: string;
    import_wh: number;
    export_wh: number;
  };
  plans: {
    plan_id: string;
    /** Order of saving, decides between plans of the same instant. */
    ordinal: Generated<string>;
    created_at: Instant;
    start_at: Instant;
    end_at: Instant;
    slot_minutes: number;
    net_kw: ColumnType<number[], string, string>;
    /** The whole document, of the newest plans only. */
    plan: OptionalJson<Plan>;
  };
  /** What the plan in force said for each EVSE when the slot began or came next. */
  planned_slots: {
    evse_id: string;
    start_at: Instant;
    slot_minutes: number;
    net_kw: number;
  };
  desired_profiles: {
    evse_id: string;
    transaction_id: string;
    revision: Int8;
    valid_to: Instant;
    profile: Json<DesiredProfile>;
  };
  acknowledged_profiles: {
    evse_id: string;
    revision: Int8;
    at: Instant;
    acknowledged: Json<AcknowledgedProfile>;
  };
  prices: PriceTable;
  superseded_prices: PriceTable & { superseded_at: Instant };
  dispatches: {
    dispatch_id: string;
    idempotency_key: string;
    request_hash: string;
    start_at: Instant;
    end_at: Instant;
    state: string;
    dispatch_order: Json<DispatchOrder>;
  };
  bids: {
    bid_id: string;
    product_id: string;
    start_at: Instant;
    end_at: Instant;
    awarded_kw: number | null;
    bid: Json<Bid>;
  };
  award_shortages: {
    bid_id: string;
    start_at: Instant;
    missing_kw: number;
  };
  /** Append-only, held by a trigger. */
  proof_links: {
    seq: Int8;
    kind: ProofKind;
    subject: string;
    at: Instant;
    /** Canonical JSON, byte for byte what was hashed. */
    body: string;
    body_hash: string;
    previous_hash: string;
    hash: string;
  };
  /** Append-only: the stations' words on profiles in the time of orders. */
  proof_profiles: {
    evse_id: string;
    revision: Int8;
    at: Instant;
    valid_to: Instant;
    acknowledged: string;
  };
  /** Append-only, held by a trigger. */
  ledger_entries: {
    seq: Generated<string>;
    run_id: string;
    /** Or the bid, where the entry is about an award. */
    transaction_id: string;
    start_at: Instant;
    entry: string;
  };
  /** Tariffs and contracts; append-only, the newest of an id holds. */
  settlement_documents: {
    seq: Generated<string>;
    kind: string;
    id: string;
    at: Instant;
    document: string;
  };
  api_keys: {
    key_id: string;
    key_hash: string;
    role: 'viewer' | 'trader' | 'operator' | 'admin';
    name: string;
    created_at: Instant;
  };
}

interface PriceTable {
  zone: string;
  start_at: Instant;
  end_at: Instant;
  slot_minutes: number;
  currency: string;
  import_per_kwh: number;
  export_per_kwh: number;
  known_at: Instant;
  kind: PriceKind;
  source: string | null;
  revision: number | null;
}
