import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Child, type ProcessUsage, startChild } from './ocpp/child.js';
import { type Counts, complaintsOf, type FuzzResult, type Siege } from './ocpp/siege.js';
import { HonestStations, type Latency } from './ocpp/stations.js';

/**
 * Hostile stations against the product's engine, store and gateway, honest ones meanwhile:
 *   tsx benchmarks/ocpp-fuzz.ts [--frames 200000] [--connections 1000] [--seconds 30] [--only frames|connections]
 * First every fuzzed frame is read (the limits that shut a fuzzer out are off), then the hostile connections
 * meet the product's limits. Exit code 1 when the server died, an honest station lost its connection, a handler
 * failed, the heap grew beyond its bound, or honest stations were held up under the product's limits
 * (`complaintsOf`). With `--only` the other part of the saved result stays.
 */
const argument = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const frames = Number(argument('frames') ?? 200_000);
const connections = Number(argument('connections') ?? 1_000);
const seconds = Number(argument('seconds') ?? 30);
const only = argument('only');
const HONEST = 20;
const BEAT_PAUSE_MS = 50;
const saved = fileURLToPath(new URL('./results/ocpp-fuzz.json', import.meta.url));

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Attack {
  readonly hasLimits: boolean;
  readonly size: number;
  readonly hostileStations: number;
  readonly mode: 'frames' | 'connections';
  readonly run: (attacker: Child) => Promise<{ sent: number; opened: number }>;
}

async function underAttack({ hasLimits, size, hostileStations, mode, run }: Attack): Promise<Siege> {
  const of = { date: new Date().toISOString(), node: process.version, loadAtStart: loadavg()[0] ?? 0 };
  const { child: server, said: port } = await startChild<number>('./engine-server.ts', [
    ...[hasLimits ? 'product' : 'every-frame', String(HONEST), String(hostileStations)],
  ]);
  const honest = new HonestStations(BEAT_PAUSE_MS);
  try {
    const names = Array.from({ length: HONEST }, (_, index) => `honest-${index}`);
    await honest.connect(port, names);
    await wait(3_000);
    const quiet = await honest.measureUntil(wait(10_000));
    const before = await server.ask<ProcessUsage>('usage');
    const { child: attacker } = await startChild<string>('./attacker.ts', [mode, String(port), String(size)]);
    const startedMs = performance.now();
    const attacked = run(attacker);
    const meanwhile = await honest.measureUntil(attacked);
    const took = Math.round((performance.now() - startedMs) / 1000);
    const result = await attacked;
    await attacker.stop();
    await wait(3_000);
    const after = await server.ask<ProcessUsage>('usage');
    const counts = await server.ask<Counts>('counts');
    const died = server.exitCode() !== null || !honest.isAllOnline();
    return {
      ...{ ...of, size, seconds: took, hasLimits, quiet, meanwhile, before, after },
      ...{ counts, attacker: result, died },
    };
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

function tell(title: string, siege: Siege): void {
  const { quiet, meanwhile, before, after, counts, attacker } = siege;
  const words = [
    `${title}, ${siege.seconds} s`,
    `  sent ${attacker.sent} frames over ${attacker.opened} connections`,
    `  heap ${before.heapMb.toFixed(1)} → ${after.heapMb.toFixed(1)} MB, resident ${before.residentMb.toFixed(0)} → ${after.residentMb.toFixed(0)} MB, peak ${after.peakMb.toFixed(0)} MB`,
    `  honest stations, quiet:     ${line(quiet)}`,
    `  honest stations, meanwhile: ${line(meanwhile)}`,
    `  ${counts.logLines} log lines; faults: ${faultsOf(counts)}`,
    ...complaintsOf(siege).map((complaint) => `  NOT GOOD: ${complaint}`),
  ];
  process.stdout.write(`${words.join('\n')}\n`);
}

const sieges: Siege[] = [];
let result: FuzzResult = existsSync(saved) ? JSON.parse(readFileSync(saved, 'utf8')) : {};
if (only !== 'connections') {
  const fuzzed = await underAttack({
    ...{ hasLimits: false, size: frames, hostileStations: 100, mode: 'frames' },
    run: (attacker) => attacker.ask('frames'),
  });
  tell(`${frames} fuzzed frames, each one read`, fuzzed);
  result = { ...result, fuzzed };
  sieges.push(fuzzed);
}
if (only !== 'frames') {
  const besieged = await underAttack({
    ...{ hasLimits: true, size: connections, hostileStations: connections, mode: 'connections' },
    async run(attacker) {
      await wait(seconds * 1000);
      return attacker.ask('stop');
    },
  });
  tell(`${connections} hostile connections`, besieged);
  result = { ...result, besieged };
  sieges.push(besieged);
}
mkdirSync(new URL('./results/', import.meta.url), { recursive: true });
writeFileSync(saved, `${JSON.stringify(result)}\n`);
process.exitCode = sieges.every((siege) => complaintsOf(siege).length === 0) ? 0 : 1;
