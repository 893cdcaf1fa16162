import { FAULT_KINDS, type FaultKind } from '../../test/support/faults/fault-plan.js';
import type { FaultRun } from '../../test/support/faults/fault-run.js';

/** What is saved of a run. */
export type SavedRun = Omit<FaultRun, 'logs'> & { readonly date: string };

export interface FaultResults {
  readonly node: string;
  readonly processors: number;
  readonly processor: string;
  /** One per seed, ascending; a seed that was run again replaces its earlier run. */
  readonly runs: readonly SavedRun[];
}

/** The page of docs, rendered from saved results and nothing else. */
export function renderFaultPage({ node, processors, processor, runs }: FaultResults): string {
  const violations = runs.flatMap(({ seed, violations: found }) => found.map((one) => ({ seed, ...one })));
  const converged = runs.flatMap(({ convergedMs }) => convergedMs ?? []).sort((one, other) => one - other);
  const at = (share: number) =>
    ((converged[Math.floor(share * (converged.length - 1))] ?? 0) / 1000).toFixed(1);
  const dates = runs.map(({ date }) => date.slice(0, 10)).sort();
  const sum = (of: (run: SavedRun) => number) =>
    runs.reduce((total, run) => total + of(run), 0).toLocaleString('en');
  const split = runs.filter(({ shape }) => shape === 'split').length;
  const found =
    violations.length === 0
      ? 'None.'
      : violations.map(({ seed, invariant, text }) => `- seed ${seed}, ${invariant}: ${text}`).join('\n');
  return `# Fault runs

Rendered by \`npm run bench:faults\` from \`benchmarks/results/faults.json\`; do not edit.

Each seed is a run of its own: built nodes as processes (two planners and two gateways with API, or one node of all roles), real Redis 7
and PostgreSQL 15, six simulated stations with cars of which two are replaced on the way, plans every 20 s and new prices every 2.5 s, a
dead-man time of 60 s. A TCP proxy stands on every link: between stations and gateways, and between each node and each server. Faults
strike while cars export, several at once. Then, from the stations' own logs and the tables of the store:

| invariant | checked |
| --- | --- |
| order | no EVSE ever applies an older revision after a newer one |
| convergence | within two plan intervals (40 s) of the last fault's end (a killed node serves again) each station is connected, holds the newest revision of a plan made since, does what the new price asks by its own meter, and has no event left to tell |
| expiry | no export outside the validity of a profile that the station had taken, nor longer than the dead-man time after it was told (5 s for reaction and ramp); one seed in 25 kills every node for 70 s |
| events | no acknowledged TransactionEvent is missing in the store, no station had to give one up |
| energy | import and export of each session are the meter's, to the Wh, in its books and in its intervals |
| process | no node ends by itself or hangs at its end |

A violation keeps the log of all nodes: \`npx tsx benchmarks/fault-runs.ts --from SEED --seeds 1\` runs it again (faults and their times are
the seed's; the order of messages is the machine's). A short form runs with \`npm test\` (\`test/faults/\`).

## Result

${runs.length} seeds (${split} with split roles) on ${[...new Set(dates)].join(', ')}, Node ${node}, ${processors} × ${processor}, shared with other work:
**${violations.length} violations**. ${sum(({ faults }) => faults.length)} faults, ${sum(({ profilesAccepted }) => profilesAccepted)} profiles taken, ${sum(({ eventsAcknowledged }) => eventsAcknowledged)} events acknowledged.
Time from the end of the last fault until all held the newest plan: median ${at(0.5)} s, p90 ${at(0.9)} s, longest ${at(1)} s.

## Faults injected

| fault | times | what it is |
| --- | --- | --- |
${FAULT_KINDS.map((kind) => `| \`${kind}\` | ${timesOf(kind, runs)} | ${meaningOf(kind)} |`).join('\n')}

## Violations

${found}
`;
}

function timesOf(kind: FaultKind, runs: readonly SavedRun[]): number {
  return runs.reduce(
    (sum, { faults }) => sum + faults.filter((fault) => fault.kind === kind && fault.hit !== 'nobody').length,
    0,
  );
}

const MEANINGS: Readonly<Record<string, string>> = {
  'kill-planner': 'SIGKILL to the planner, started again after up to 4 s',
  'kill-gateway': 'SIGKILL to a gateway, started again after up to 4 s',
  'stop-planner': 'SIGTERM to the planner: rolling restart',
  'stop-gateway': 'SIGTERM to a gateway: rolling restart',
  'sleep-planner': 'SIGSTOP to the planner for 7 s: it wakes up after it was replaced',
  'sleep-gateway': 'SIGSTOP to a gateway for 7 s',
  'redis-restart': 'Redis away for up to 4 s',
  'redis-flush': 'FLUSHALL',
  'redis-full': 'Redis out of memory for up to 4 s',
  'queue-pause': 'the queue paused by hand for up to 4 s',
  'postgres-restart': 'PostgreSQL ended at once and started again',
  'postgres-cut': 'every session of PostgreSQL terminated',
  drop: 'connections reset, new ones refused for up to 4 s',
  delay: '0.4 s more for each chunk, each way, for up to 4 s',
  stall: 'nothing passes for up to 4 s, nobody is told',
  'half-open': 'one end gone for good, the other is never told',
  reset: 'connections reset',
  duplicate: 'answers lost for up to 4 s, then reset: what was sent is sent again',
};

function meaningOf(kind: FaultKind): string {
  const [link, how] = kind.split(':');
  if (how === undefined) return MEANINGS[kind] ?? '';
  const ends =
    link === 'station' ? 'stations to gateways' : `a node to ${link === 'redis' ? 'Redis' : 'PostgreSQL'}`;
  return `${ends}: ${MEANINGS[how]}`;
}
