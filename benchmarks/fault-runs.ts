import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type FaultRun, runFaults } from '../test/support/faults/fault-run.js';
import { startFaultServers } from '../test/support/faults/fault-servers.js';

/*
 * The long form of the fault runs (docs/faults.md): built nodes as processes, real Redis and PostgreSQL, simulated
 * stations, and faults between all of them, one run per seed.
 *
 *   npx tsx benchmarks/fault-runs.ts --seeds 200            seeds 1 to 200
 *   npx tsx benchmarks/fault-runs.ts --from 41 --seeds 1    one of them; the log of its nodes is kept
 */
const { values: flags } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    /** Runs at the same time, each on servers of its own: a run mostly waits. */
    lanes: { type: 'string', default: '4' },
    out: { type: 'string', default: 'benchmarks/results/faults.json' },
    logs: { type: 'string', default: 'benchmarks/results/fault-logs' },
  },
});
const first = Number(flags.from);
const seeds = Array.from({ length: Number(flags.seeds) }, (_, index) => first + index);
const runs: FaultRun[] = [];

async function lane(): Promise<void> {
  const servers = await startFaultServers();
  try {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const run = await runFaults(seed, servers);
      runs.push(run);
      tell(run);
    }
  } finally {
    await servers.stop();
  }
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
