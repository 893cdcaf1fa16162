/** Counters and timings that the engine and its edges report; the API renders them (Prometheus text). */
export interface Metrics {
  /** Adds to a counter. `labels` have few values each. */
  count(name: CounterName, labels?: Readonly<Record<string, string>>, by?: number): void;
  /** Records one duration, seconds, real time. */
  observeSeconds(name: TimingName, seconds: number): void;
}

export type CounterName =
  | 'ocpp_messages_total'
  | 'ocpp_faults_total'
  | 'plans_total'
  | 'profiles_total'
  | 'transaction_events_total'
  | 'dialect_demotions_total'
  | 'probes_total'
  | 'delivery_samples_total'
  | 'delivery_changes_total'
  | 'alarms_total';

export type TimingName =
  | 'solve_seconds'
  | 'needs_to_profile_seconds'
  | 'dispatch_seconds'
  | 'store_write_seconds';
