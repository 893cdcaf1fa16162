import type { ProcessUsage } from './child.js';
import type { Latency } from './stations.js';

/** What is kept of sessions and stations that a fuzzer invents, after a collection. */
export const MAX_HEAP_GROWTH_MB = 64;
/** 99 of 100 heartbeats of honest stations are answered in this time, or in twice what it takes in calm. */
export const MAX_P99_MS = 50;

/** What a server went through, and how the honest stations fared meanwhile. */
export interface Siege {
  readonly date: string;
  readonly node: string;
  readonly loadAtStart: number;
  /** Fuzzed frames, or hostile connections. */
  readonly size: number;
  readonly seconds: number;
  /** Whether the product's limits held; without them every frame is read. */
  readonly hasLimits: boolean;
  readonly quiet: Latency;
  readonly meanwhile: Latency;
  readonly before: ProcessUsage;
  readonly after: ProcessUsage;
  readonly counts: Counts;
  readonly attacker: { readonly sent: number; readonly opened: number };
  readonly died: boolean;
}

export interface Counts {
  readonly logLines: number;
  /** The first handlers that failed, in their own words. */
  readonly failures: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

export interface FuzzResult {
  readonly fuzzed?: Siege;
  readonly besieged?: Siege;
}

export const failedHandlers = ({ counts: { counts } }: Siege): number =>
  (counts['ocpp_faults_total handler-failed'] ?? 0) + (counts['ocpp_faults_total invalid-answer'] ?? 0);

/** What must not be, in words; empty = all is well. */
export function complaintsOf(siege: Siege): string[] {
  const { quiet, meanwhile, before, after, counts, died, hasLimits } = siege;
  const failed = failedHandlers(siege);
  const boundMs = Math.max(MAX_P99_MS, 2 * quiet.p99Ms);
  return [
    ...(died ? ['the server died or lost an honest station'] : []),
    ...(failed > 0 ? [`${failed} handlers failed`] : []),
    ...counts.failures,
    ...(after.heapMb - before.heapMb > MAX_HEAP_GROWTH_MB
      ? [`the heap grew by more than ${MAX_HEAP_GROWTH_MB} MB`]
      : []),
    ...(hasLimits && meanwhile.p99Ms > boundMs
      ? [`honest stations waited ${meanwhile.p99Ms.toFixed(0)} ms (p99), more than ${boundMs.toFixed(0)} ms`]
      : []),
  ];
}
