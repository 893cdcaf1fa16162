import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Child, type ProcessUsage, startChild } from './ocpp/child.js';
import { HonestStations, type Latency } from './ocpp/stations.js';

/**
 * Hostile stations against the product's engine, store and gateway, honest ones meanwhile:
 *   tsx benchmarks/ocpp-fuzz.ts [--frames 200000] [--connections 1000] [--seconds 30]
 * First every fuzzed frame is read (the limits that shut a fuzzer out are off), then the hostile connections
 * meet the product's limits. Exit code 1 when the server died, an honest station lost its connection, or a
 * handler failed.
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
const HONEST = 20;
const BEAT_PAUSE_MS = 50;

interface Counts {
  readonly logLines: number;
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

function tell(title: string, attack: Attack): boolean {
  const { quiet, meanwhile, before, after, counts, attacker, died } = attack;
  const failed = counts.counts['ocpp_faults_total handler-failed'] ?? 0;
  const words = [
    title,
    `  sent ${attacker.sent} frames over ${attacker.opened} connections; server ${died ? 'died or lost an honest station' : 'alive'}, ${failed} handlers failed`,
    `  heap ${before.heapMb.toFixed(1)} → ${after.heapMb.toFixed(1)} MB, resident ${before.residentMb.toFixed(0)} → ${after.residentMb.toFixed(0)} MB, peak ${after.peakMb.toFixed(0)} MB`,
    `  honest stations, quiet:     ${line(quiet)}`,
    `  honest stations, meanwhile: ${line(meanwhile)}`,
    `  ${counts.logLines} log lines; faults: ${faultsOf(counts)}`,
  ];
  process.stdout.write(`${words.join('\n')}\n`);
  return !died && failed === 0;
}

const loadAtStart = loadavg()[0] ?? 0;
const fuzzed = await underAttack(
  'every-frame',
  100,
  (port) => ['frames', String(port), String(frames)],
  (attacker) => attacker.ask('frames'),
);
const isFine = tell(`${frames} fuzzed frames, each one read`, fuzzed);
const besieged = await underAttack(
  'product',
  connections,
  (port) => ['connections', String(port), String(connections)],
  async (attacker) => {
    await wait(seconds * 1000);
    return attacker.ask('stop');
  },
);
const isFineToo = tell(`${connections} hostile connections for ${seconds} s`, besieged);
mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
writeFileSync(
  fileURLToPath(new URL('./results/ocpp-fuzz.json', import.meta.url)),
  `${JSON.stringify({ date: new Date().toISOString(), node: process.version, loadAtStart, frames, connections, seconds, fuzzed, besieged })}\n`,
);
process.exitCode = isFine && isFineToo ? 0 : 1;
