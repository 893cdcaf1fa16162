import { type Kysely, type Migration, sql } from 'kysely';

export const firstTables: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};

const STATEMENTS = [
  `create table stations (
    station_id text primary key,
    site_id text,
    registration text not null,
    protocol text,
    identity jsonb,
    last_seen_at timestamptz,
    non_conformances jsonb not null,
    password_hash text
  )`,
  `create table device_variables (
    station_id text not null,
    ordinal integer not null,
    component text not null,
    component_instance text,
    evse_number integer,
    variable text not null,
    variable_instance text,
    attribute text not null,
    value text,
    max_limit double precision,
    unit text,
    primary key (station_id, ordinal)
  )`,
  `create table sites (
    site_id text primary key,
    name text not null,
    import_limit_kw double precision,
    export_limit_kw double precision,
    station_ids jsonb not null
  )`,
  `create table sessions (
    transaction_id text primary key,
    station_id text not null,
    evse_id text not null,
    site_id text,
    started_at timestamptz not null,
    ended_at timestamptz,
    state text not null,
    stopped_reason text,
    id_token text,
    charging_state text,
    needs jsonb,
    needs_import_wh double precision not null,
    needs_export_wh double precision not null,
    energy_window jsonb,
    override jsonb,
    books jsonb not null,
    flags jsonb not null,
    last_seq_no integer not null
  )`,
  `create index sessions_by_start on sessions (started_at)`,
  `create index sessions_active on sessions (evse_id) where state = 'active'`,
  `create table transaction_events (
    transaction_id text not null,
    seq_no integer not null,
    kind text not null,
    at timestamptz not null,
    received_at timestamptz not null,
    event jsonb not null,
    primary key (transaction_id, seq_no)
  )`,
  `create table readings (
    at timestamptz not null,
    evse_id text not null,
    transaction_id text,
    seq_no integer,
    context text not null,
    import_register_wh double precision,
    export_register_wh double precision,
    import_kw double precision,
    export_kw double precision,
    soc_fraction double precision,
    remarks jsonb
  ) partition by range (at)`,
  `create table readings_other partition of readings default`,
  `create index readings_by_time on readings using brin (at)`,
  `create index readings_by_transaction on readings (transaction_id, at) where transaction_id is not null`,
  `create table session_intervals (
    transaction_id text not null,
    start_at timestamptz not null,
    evse_id text not null,
    import_wh double precision not null,
    export_wh double precision not null,
    primary key (transaction_id, start_at)
  )`,
  `create index session_intervals_by_start on session_intervals (start_at)`,
  `create table plans (
    plan_id text primary key,
    ordinal bigint generated always as identity,
    created_at timestamptz not null,
    start_at timestamptz not null,
    end_at timestamptz not null,
    slot_minutes double precision not null,
    net_kw double precision[] not null,
    plan json
  )`,
  // A plan is megabytes, written often and read whole: parsed and compressed, writing took ten times as long.
  `alter table plans alter column plan set storage external`,
  `create index plans_by_age on plans (created_at desc, ordinal desc)`,
  `create index plans_by_end on plans (end_at)`,
  `create table planned_slots (
    evse_id text not null,
    start_at timestamptz not null,
    slot_minutes double precision not null,
    net_kw double precision not null,
    primary key (evse_id, start_at)
  )`,
  `create index planned_slots_by_start on planned_slots (start_at)`,
  `create table desired_profiles (
    evse_id text primary key,
    transaction_id text not null,
    revision bigint not null,
    valid_to timestamptz not null,
    profile jsonb not null
  ) with (fillfactor = 70)`,
  `create table acknowledged_profiles (
    evse_id text primary key,
    revision bigint not null,
    at timestamptz not null,
    acknowledged jsonb not null
  ) with (fillfactor = 70)`,
  `create table prices (
    zone text not null,
    start_at timestamptz not null,
    end_at timestamptz not null,
    slot_minutes double precision not null,
    currency text not null,
    import_per_kwh double precision not null,
    export_per_kwh double precision not null,
    known_at timestamptz not null,
    primary key (zone, start_at)
  )`,
  `create table dispatches (
    dispatch_id text primary key,
    idempotency_key text not null unique,
    request_hash text not null,
    start_at timestamptz not null,
    end_at timestamptz not null,
    state text not null,
    dispatch_order jsonb not null
  )`,
  `create index dispatches_by_end on dispatches (end_at)`,
  `create table api_keys (
    key_id text primary key,
    key_hash text not null unique,
    role text not null,
    name text not null,
    created_at timestamptz not null
  )`,
];
