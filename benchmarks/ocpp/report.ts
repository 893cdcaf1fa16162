import {
  complaintsOf,
  type FuzzResult,
  failedHandlers,
  MAX_HEAP_GROWTH_MB,
  MAX_P99_MS,
  type Siege,
} from './siege.js';
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

/** The page of docs, rendered from saved results and nothing else. */
export function renderOcppPage(throughput: ThroughputResult, fuzz: FuzzResult): string {
  const sieges = [fuzz.fuzzed, fuzz.besieged].filter((siege) => siege !== undefined);
  const echo = throughput.contenders[0]?.cpuMicrosecondsPerRound ?? Number.NaN;
  const rows = throughput.contenders.map(
    ({ name, roundsPerSecond, cpuMicrosecondsPerRound: cpu }) =>
      `| ${name} | ${Math.round(roundsPerSecond).toLocaleString('en')} | ${cpu.toFixed(1)} | ${(cpu / echo).toFixed(2)} |`,
  );
  const { date, node, processors, processor, loadAtStart, stations, rounds, bytes } = throughput;
  return `# Benchmarks of the OCPP end point

Rendered by \`tsx benchmarks/ocpp-throughput.ts\` from \`benchmarks/results/ocpp-throughput.json\` and \`benchmarks/results/ocpp-fuzz.json\`; do not edit.

## Throughput

${rounds.toLocaleString('en')} rounds of a TransactionEvent with five samples (${bytes} bytes) and its answer over ${stations} sockets, one request in flight each, every server in a process of its own, in turns. Run on ${date.slice(0, 10)}, Node ${node}, ${processors} × ${processor}, load average ${loadAtStart.toFixed(1)} at the start: with other work on the same cores rounds per second say little; compare the CPU time of the server per round. The connection validates request and answer and keeps its limits, with a handler that does nothing, as in \`ocpp-rpc\`; the gateway also takes turns among stations, looks who is registered, counts, and maps the samples; the engine behind it does nothing.

| server | rounds/s | server CPU µs per round | against the echo |
| --- | --- | --- | --- |
${rows.join('\n')}

## Hostile stations

Run by \`tsx benchmarks/ocpp-fuzz.ts\`; the server is the product's engine with its embedded store, twenty honest stations beat their hearts meanwhile. The attacker runs on the same cores as the server, at the lowest priority. What is kept of what it sends is bounded: the heap may grow by ${MAX_HEAP_GROWTH_MB} MB. Under the product's limits 99 of 100 honest heartbeats are answered within ${MAX_P99_MS} ms, or twice what it takes in calm. The script fails when one of these does not hold.

| ${['', ...sieges.map(titleOf)].join(' | ')} |
| --- |${sieges.map(() => ' --- |').join('')}
${siegeRows(sieges).join('\n')}

Where every frame is read, the limits that shut a fuzzer out are off, so that each reaches the parser and the engine; with hostile connections all limits are the product's.
`;
}

const titleOf = ({ hasLimits, size }: Siege): string =>
  `${size.toLocaleString('en')} ${hasLimits ? 'hostile connections' : 'fuzzed frames, each one read'}`;

function siegeRows(sieges: readonly Siege[]): string[] {
  const row = (name: string, cell: (siege: Siege) => string): string =>
    `| ${[name, ...sieges.map(cell)].join(' | ')} |`;
  const ms = ({ p50Ms, p95Ms, p99Ms }: Latency): string =>
    `${p50Ms.toFixed(1)} / ${p95Ms.toFixed(1)} / ${p99Ms.toFixed(1)} ms`;
  return [
    row('run on', ({ date, node }) => `${date.slice(0, 10)}, Node ${node}`),
    row('load average at the start', ({ loadAtStart }) => loadAtStart.toFixed(1)),
    row('for', ({ seconds }) => `${seconds} s`),
    row('verdict', (siege) => complaintsOf(siege).join('; ') || 'all bounds hold, no honest station lost'),
    row('frames sent, connections opened', ({ attacker }) => `${attacker.sent}, ${attacker.opened}`),
    row('handlers that failed', (siege) => String(failedHandlers(siege))),
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
