import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { type FaultRun, runFaults } from '../test/support/faults/fault-run.js';
import { startFaultServers } from '../test/support/faults/fault-servers.js';
import { type FaultResults, renderFaultPage, type SavedRun } from './faults/report.js';

/*
 * The long form of the fault runs (docs/faults.md): built nodes as processes, real Redis and PostgreSQL, simulated
 * stations, and faults between all of them, one run per seed.
 *
 *   npm run bench:faults -- --seeds 200                      seeds 1 to 200
 *   npx tsx benchmarks/fault-runs.ts --from 41 --seeds 1    one of them; the log of its nodes is kept
 */
const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    /** Runs at the same time, each on servers of its own: a run mostly waits. */
    lanes: { type: 'string', default: '4' },
    /** Begins the saved results anew. */
    fresh: { type: 'boolean', default: false },
    /** Where the nodes' logs of a violation go. */
    logs: { type: 'string', default: 'fault-logs' },
  },
});
const first = Number(flags.from);
const seeds = Array.from({ length: Number(flags.seeds) }, (_, index) => first + index);
// Each server that runs listens for our end.
process.setMaxListeners(0);
const RESULTS = 'benchmarks/results/faults.json';
const PAGE = 'docs/faults.md';
const saved: FaultResults | undefined =
  flags.fresh || !existsSync(RESULTS)
    ? undefined
    : (JSON.parse(readFileSync(RESULTS, 'utf8')) as FaultResults);
const runs = new Map<number, SavedRun>(saved?.runs.map((run) => [run.seed, run]));
let violated = 0;

async function lane(): Promise<void> {
  const servers = await startFaultServers();
  try {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const run = await runFaults(seed, servers);
      keep(run);
      tell(run);
    }
  } finally {
    await servers.stop();
  }
}

/** Saved after each run: a long series may be cut short and gone on with. */
function keep({ logs: _, ...run }: FaultRun): void {
  violated += Number(run.violations.length > 0);
  runs.set(run.seed, { ...run, date: new Date().toISOString() });
  const results: FaultResults = {
    node: process.versions.node,
    processors: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    runs: [...runs.values()].sort((one, other) => one.seed - other.seed),
  };
  writeFileSync(RESULTS, `${JSON.stringify(results)}\n`);
  writeFileSync(PAGE, renderFaultPage(results));
}

function tell({ seed, shape, faults, violations, convergedMs, wallMs, logs }: FaultRun): void {
  const struck = faults.map(({ kind, hit }) => `${kind} (${hit})`).join(', ');
  const outcome = violations.length === 0 ? `converged in ${convergedMs} ms` : 'VIOLATION';
  console.log(`seed ${seed} ${shape} ${(wallMs / 1000).toFixed(1)} s: ${outcome}: ${struck}`);
  for (const { invariant, text } of violations) console.log(`  ${invariant}: ${text}`);
  if (logs === undefined) return;
  mkdirSync(flags.logs, { recursive: true });
  writeFileSync(`${flags.logs}/seed-${seed}.log`, logs);
}

await Promise.all(Array.from({ length: Math.min(Number(flags.lanes), seeds.length) }, lane));
console.log(`${runs.size} seeds saved in ${RESULTS}, ${violated} of this call with violations`);
if (violated > 0) process.exitCode = 1;
