import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Child, type ProcessUsage, startChild } from './ocpp/child.js';
import { HonestStations, type Latency } from './ocpp/stations.js';

/**
 * Hostile stations against the product's engine, store and gateway, honest ones meanwhile:
 *   tsx benchmarks/ocpp-fuzz.ts [--frames 200000] [--connections 1000] [--seconds 30]
 * First every fuzzed frame is read (the limits that shut a fuzzer out are off), then the hostile connections
 * meet the product's limits. Exit code 1 when the server died, an honest station lost its connection, a handler
 * failed, the heap grew by more than {@link MAX_HEAP_GROWTH_MB}, or honest stations were held up under the
 * product's limits: 99 of 100 heartbeats are answered within {@link MAX_P99_MS}, or twice what it takes in calm.
 */
const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const [frames, connections, seconds] = [
  option('frames', 200_000),
  option('connections', 1_000),
  option('seconds', 30),
];
/** What is kept of sessions and stations that a fuzzer invents, after a collection. */
const MAX_HEAP_GROWTH_MB = 64;
const MAX_P99_MS = 50;
const HONEST = 20;
const BEAT_PAUSE_MS = 50;

interface Counts {
  readonly logLines: number;
  /** The first handlers that failed, in their own words. */
  readonly failures: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly online: number;
}

interface Attack {
  readonly quiet: Latency;
  readonly meanwhile: Latency;
  readonly before: ProcessUsage;
  readonly after: ProcessUsage;
  readonly counts: Counts;
  readonly attacker: { readonly sent: number; readonly opened: number };
  readonly died: boolean;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function underAttack(
  limits: 'product' | 'every-frame',
  hostile: number,
  args: (port: number) => string[],
  attack: (attacker: Child) => Promise<{ sent: number; opened: number }>,
): Promise<Attack> {
  const { child: server, said: port } = await startChild<number>('./engine-server.ts', [
    ...[limits, String(HONEST), String(hostile)],
  ]);
  const honest = new HonestStations(BEAT_PAUSE_MS);
  try {
    const names = Array.from({ length: HONEST }, (_, index) => `honest-${index}`);
    await honest.connect(port, names);
    await wait(3_000);
    const quiet = await honest.measureUntil(wait(10_000));
    const before = await server.ask<ProcessUsage>('usage');
    const { child: attacker } = await startChild<string>('./attacker.ts', args(port));
    const attacked = attack(attacker);
    const meanwhile = await honest.measureUntil(attacked);
    const result = await attacked;
    await attacker.stop();
    await wait(3_000);
    const after = await server.ask<ProcessUsage>('usage');
    const counts = await server.ask<Counts>('counts');
    const died = server.exitCode() !== null || !honest.isAllOnline();
    return { quiet, meanwhile, before, after, counts, attacker: result, died };
  } finally {
    honest.close();
    await server.stop();
  }
}

const line = ({ rounds, p50Ms, p95Ms, p99Ms, maxMs }: Latency): string =>
  `p50 ${p50Ms.toFixed(1)} ms, p95 ${p95Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, most ${maxMs.toFixed(0)} ms (${rounds} rounds)`;
const faultsOf = ({ counts }: Counts): string =>
  Object.entries(counts)
    .filter(([name]) => name.startsWith('ocpp_faults_total'))
    .map(([name, number]) => `${name.replace('ocpp_faults_total ', '')} ${number}`)
    .join(', ');

/** What must not be, in words; empty = all is well. */
function complaintsOf(
  { quiet, meanwhile, before, after, counts, died }: Attack,
  isProduct: boolean,
): string[] {
  const failed = counts.counts['ocpp_faults_total handler-failed'] ?? 0;
  const invalid = counts.counts['ocpp_faults_total invalid-answer'] ?? 0;
  const boundMs = Math.max(MAX_P99_MS, 2 * quiet.p99Ms);
  return [
    ...(died ? ['the server died or lost an honest station'] : []),
    ...(failed + invalid > 0 ? [`${failed} handlers failed, ${invalid} answers were invalid`] : []),
    ...counts.failures,
    ...(after.heapMb - before.heapMb > MAX_HEAP_GROWTH_MB
      ? [`the heap grew by more than ${MAX_HEAP_GROWTH_MB} MB`]
      : []),
    ...(isProduct && meanwhile.p99Ms > boundMs
      ? [`honest stations waited ${meanwhile.p99Ms.toFixed(0)} ms (p99), more than ${boundMs.toFixed(0)} ms`]
      : []),
  ];
}

function tell(title: string, attack: Attack, isProduct: boolean): boolean {
  const { quiet, meanwhile, before, after, counts, attacker, died } = attack;
  const complaints = complaintsOf(attack, isProduct);
  const words = [
    title,
    `  sent ${attacker.sent} frames over ${attacker.opened} connections; server ${died ? 'died or lost an honest station' : 'alive'}`,
    `  heap ${before.heapMb.toFixed(1)} → ${after.heapMb.toFixed(1)} MB, resident ${before.residentMb.toFixed(0)} → ${after.residentMb.toFixed(0)} MB, peak ${after.peakMb.toFixed(0)} MB`,
    `  honest stations, quiet:     ${line(quiet)}`,
    `  honest stations, meanwhile: ${line(meanwhile)}`,
    `  ${counts.logLines} log lines; faults: ${faultsOf(counts)}`,
    ...complaints.map((complaint) => `  NOT GOOD: ${complaint}`),
  ];
  process.stdout.write(`${words.join('\n')}\n`);
  return complaints.length === 0;
}

const loadAtStart = loadavg()[0] ?? 0;
const fuzzed = await underAttack(
  'every-frame',
  100,
  (port) => ['frames', String(port), String(frames)],
  (attacker) => attacker.ask('frames'),
);
const isFine = tell(`${frames} fuzzed frames, each one read`, fuzzed, false);
const besieged = await underAttack(
  'product',
  connections,
  (port) => ['connections', String(port), String(connections)],
  async (attacker) => {
    await wait(seconds * 1000);
    return attacker.ask('stop');
  },
);
const isFineToo = tell(`${connections} hostile connections for ${seconds} s`, besieged, true);
mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
writeFileSync(
  fileURLToPath(new URL('./results/ocpp-fuzz.json', import.meta.url)),
  `${JSON.stringify({ date: new Date().toISOString(), node: process.version, loadAtStart, frames, connections, seconds, fuzzed, besieged })}\n`,
);
process.exitCode = isFine && isFineToo ? 0 : 1;
