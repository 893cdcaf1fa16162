import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CounterName, Metrics, TimingName } from '../ports/metrics.js';
import type { FleetSnapshot } from '../ports/use-cases.js';

/** The registry as GET /metrics serves it. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface MetricsRegistry extends Metrics, MetricsText {
  /** From now on each scrape reads the fleet's gauges off `fleet`; NaN while there is none. */
  attachFleet(fleet: () => FleetSnapshot | undefined): void;
}

const PREFIX = 'ebbflow_';

const COUNTER_HELP: Readonly<Record<CounterName, string>> = {
  ocpp_messages_total: 'OCPP messages',
  ocpp_faults_total: 'OCPP messages that were refused',
  plans_total: 'Finished plans',
  profiles_total: 'Profiles brought to stations',
  transaction_events_total: 'Transaction events recorded',
  dialect_demotions_total: 'Profile dialects that EVSEs refused or did not follow',
  probes_total: 'First profiles read back from stations',
  delivery_samples_total: 'Meter samples held against the profile in force',
  delivery_changes_total: 'Changes in how EVSEs follow, by the new state',
  alarms_total: 'Alarms raised',
};

const TIMING_HELP: Readonly<Record<TimingName, string>> = {
  solve_seconds: 'Time in the solver per plan',
  needs_to_profile_seconds: "From a session's needs to its acknowledged profile",
  dispatch_seconds: "From a new desired profile to the station's answer",
  store_write_seconds: 'Time per write to the store',
};

/** 1 ms to 60 s: a solve of a few vehicles up to a station's time-out. */
const SECONDS_BUCKETS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 2, 5, 10, 30, 60];

const FLEET_GAUGES: readonly {
  readonly name: string;
  readonly help: string;
  readonly read: (fleet: FleetSnapshot) => number | null;
}[] = [
  { name: 'stations_online', help: 'Stations connected', read: (fleet) => fleet.stationsOnline },
  { name: 'stations_known', help: 'Stations registered', read: (fleet) => fleet.stationsKnown },
  { name: 'sessions_active', help: 'Sessions plugged in', read: (fleet) => fleet.sessionsActive },
  { name: 'fleet_import_kw', help: 'Metered charging power', read: (fleet) => fleet.importKw },
  { name: 'fleet_export_kw', help: 'Metered discharging power', read: (fleet) => fleet.exportKw },
  { name: 'fleet_planned_net_kw', help: 'Planned net power', read: (fleet) => fleet.plannedNetKw },
  { name: 'fleet_stored_kwh', help: 'Energy in connected batteries', read: (fleet) => fleet.storedKwh },
  { name: 'fleet_flex_up_kw', help: 'Possible fall of net power', read: (fleet) => fleet.flexUpKw },
  { name: 'fleet_flex_down_kw', help: 'Possible rise of net power', read: (fleet) => fleet.flexDownKw },
  { name: 'fleet_import_energy_kwh', help: 'Metered import, ever', read: (fleet) => fleet.importKwhTotal },
  { name: 'fleet_export_energy_kwh', help: 'Metered export, ever', read: (fleet) => fleet.exportKwhTotal },
];

/** Counters and timings of the whole process, with Node's own, in one Prometheus registry. */
export function createMetricsRegistry(): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = new Map<CounterName, Counter>();
  const timings = new Map<TimingName, Histogram>();
  for (const name of Object.keys(TIMING_HELP) as TimingName[])
    timings.set(
      name,
      new Histogram({
        name: PREFIX + name,
        help: TIMING_HELP[name],
        buckets: SECONDS_BUCKETS,
        registers: [registry],
      }),
    );
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    count(name, labels = {}, by = 1) {
      let counter = counters.get(name);
      if (!counter) {
        // The first use fixes the labels; a counter whose labels vary would not add up.
        const labelNames = Object.keys(labels);
        counter = new Counter({
          name: PREFIX + name,
          help: COUNTER_HELP[name],
          labelNames,
          registers: [registry],
        });
        counters.set(name, counter);
      }
      counter.inc({ ...labels }, by);
    },
    observeSeconds: (name, seconds) => timings.get(name)?.observe(seconds),
    attachFleet: (fleet) => attachFleetGauges(registry, fleet),
  };
}

function attachFleetGauges(registry: Registry, fleet: () => FleetSnapshot | undefined): void {
  // Metrics are read in the order of their registration: the first one takes the snapshot for all.
  const at: Gauge = new Gauge({
    name: `${PREFIX}fleet_at_seconds`,
    help: "The fleet's own time, epoch seconds",
    registers: [registry],
    collect() {
      const snapshot = fleet();
      at.set(snapshot === undefined ? Number.NaN : snapshot.atMs / 1000);
      for (const { gauge, read } of gauges) {
        gauge.set((snapshot === undefined ? null : read(snapshot)) ?? Number.NaN);
      }
    },
  });
  const gauges = FLEET_GAUGES.map(({ name, help, read }) => ({
    gauge: new Gauge({ name: PREFIX + name, help, registers: [registry] }),
    read,
  }));
}
