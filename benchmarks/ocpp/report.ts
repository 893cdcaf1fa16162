import type { ProcessUsage } from './child.js';
import type { Latency } from './stations.js';

export interface ThroughputResult {
  readonly date: string;
  readonly node: string;
  readonly processor: string;
  readonly processors: number;
  readonly loadAtStart: number;
  readonly stations: number;
  readonly rounds: number;
  /** Of one request. */
  readonly bytes: number;
  readonly contenders: readonly {
    readonly name: string;
    readonly roundsPerSecond: number;
    readonly cpuMicrosecondsPerRound: number;
  }[];
}

export interface Siege {
  readonly quiet: Latency;
  readonly meanwhile: Latency;
  readonly before: ProcessUsage;
  readonly after: ProcessUsage;
  readonly counts: { readonly logLines: number; readonly counts: Readonly<Record<string, number>> };
  readonly attacker: { readonly sent: number; readonly opened: number };
  readonly died: boolean;
}

export interface FuzzResult {
  readonly date: string;
  readonly node: string;
  readonly loadAtStart: number;
  readonly frames: number;
  readonly connections: number;
  readonly seconds: number;
  readonly fuzzed: Siege;
  readonly besieged: Siege;
}

/** The page of docs, rendered from saved results and nothing else. */
export function renderOcppPage(throughput: ThroughputResult, fuzz: FuzzResult): string {
  const echo = throughput.contenders[0]?.cpuMicrosecondsPerRound ?? Number.NaN;
  const rows = throughput.contenders.map(
    ({ name, roundsPerSecond, cpuMicrosecondsPerRound: cpu }) =>
      `| ${name} | ${Math.round(roundsPerSecond).toLocaleString('en')} | ${cpu.toFixed(1)} | ${(cpu / echo).toFixed(2)} |`,
  );
  const { date, node, processors, processor, loadAtStart, stations, rounds, bytes } = throughput;
  return `# Benchmarks of the OCPP end point

Rendered by \`tsx benchmarks/ocpp-throughput.ts\` from \`benchmarks/results/ocpp-throughput.json\` and \`benchmarks/results/ocpp-fuzz.json\`; do not edit.

## Throughput

${rounds.toLocaleString('en')} rounds of a TransactionEvent with five samples (${bytes} bytes) and its answer over ${stations} sockets, one request in flight each, every server in a process of its own, in turns. Run on ${date.slice(0, 10)}, Node ${node}, ${processors} × ${processor}, load average ${loadAtStart.toFixed(1)} at the start: with other work on the same cores rounds per second say little; compare the CPU time of the server per round. The gateway validates request and answer, maps the samples and keeps its limits; the engine behind it does nothing.

| server | rounds/s | server CPU µs per round | against the echo |
| --- | --- | --- | --- |
${rows.join('\n')}

## Hostile stations

Run by \`tsx benchmarks/ocpp-fuzz.ts\` on ${fuzz.date.slice(0, 10)}, Node ${fuzz.node}, load average ${fuzz.loadAtStart.toFixed(1)} at the start: the attacker runs on the same cores as the server. The server is the product's engine with its embedded store; twenty honest stations beat their hearts meanwhile.

| | ${fuzz.frames.toLocaleString('en')} fuzzed frames, each one read | ${fuzz.connections.toLocaleString('en')} hostile connections for ${fuzz.seconds} s |
| --- | --- | --- |
${siegeRows(fuzz.fuzzed, fuzz.besieged).join('\n')}

In the first column the limits that shut a fuzzer out are off, so that every frame reaches the parser and the engine; in the second all limits are the product's.
`;
}

function siegeRows(...sieges: readonly Siege[]): string[] {
  const row = (name: string, cell: (siege: Siege) => string): string =>
    `| ${[name, ...sieges.map(cell)].join(' | ')} |`;
  const ms = ({ p50Ms, p95Ms, p99Ms }: Latency): string =>
    `${p50Ms.toFixed(1)} / ${p95Ms.toFixed(1)} / ${p99Ms.toFixed(1)} ms`;
  return [
    row('server', ({ died }) => (died ? 'died or lost an honest station' : 'alive, no honest station lost')),
    row('frames sent, connections opened', ({ attacker }) => `${attacker.sent}, ${attacker.opened}`),
    row('handlers that failed', ({ counts }) =>
      String(counts.counts['ocpp_faults_total handler-failed'] ?? 0),
    ),
    row(
      'heap before → after',
      ({ before, after }) => `${before.heapMb.toFixed(0)} → ${after.heapMb.toFixed(0)} MB`,
    ),
    row(
      'resident before → after',
      ({ before, after }) => `${before.residentMb.toFixed(0)} → ${after.residentMb.toFixed(0)} MB`,
    ),
    row('honest latency when quiet, p50 / p95 / p99', ({ quiet }) => ms(quiet)),
    row('honest latency meanwhile', ({ meanwhile }) => ms(meanwhile)),
    row('log lines', ({ counts }) => String(counts.logLines)),
  ];
}
