import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { BENCHMARK_CASES, type BenchmarkCase, type Phase } from './cases.js';
import { renderClaims } from './claims.js';
import type { BenchmarkResult, Measurement } from './measurement.js';
import { renderFigure, renderPage, renderTable } from './report.js';
import { hasRival } from './rivals.js';

/** A solver that takes longer than this for one measurement is out of the race at that size. */
const TIMEOUT_MS = 100_000;
const MEMORY_MB = 8192;
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

function measureApart(test: BenchmarkCase, solver: string, phase: Phase): Measurement {
  const run = spawnSync(
    process.execPath,
    [`--max-old-space-size=${MEMORY_MB}`, '--import', 'tsx', path('./measure.ts'), test.name, solver, phase],
    { encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: 1e8 },
  );
  if (run.status === 0) return JSON.parse(run.stdout) as Measurement;
  const late = (run.error as NodeJS.ErrnoException | undefined)?.code === 'ETIMEDOUT';
  const none = { firstMs: 0, times: [], objective: 0, gap: 0, peakMb: 0 };
  const base = { case: test.name, solver, phase, ...none, failed: late ? 'out of time' : 'failed' };
  return late ? { ...base, overMs: TIMEOUT_MS } : base;
}

/** `--smoke`: a minute, saved nowhere. `--render`: the page and the figure again from the saved result. */
function main(args: readonly string[]): void {
  const saved = path('./results/latest.json');
  if (!args.includes('--render')) {
    const smoke = args.includes('--smoke');
    const cases = BENCHMARK_CASES.filter((test) => !smoke || test.smoke);
    const [processor] = cpus();
    const measurements: Measurement[] = [];
    const head = {
      date: new Date().toISOString(),
      node: process.version,
      processor: processor?.model ?? 'unknown processor',
      processors: cpus().length,
      loadAtStart: loadavg()[0] ?? 0,
    };
    for (const test of cases) {
      const pairs: [string, Phase][] = test.phases.map((phase) => ['fleet', phase]);
      for (const rival of test.rivals) if (hasRival(rival)) pairs.push([rival, 'cold']);
      for (const [solver, phase] of pairs) {
        process.stderr.write(`${test.name} · ${solver} · ${phase}\n`);
        measurements.push(measureApart(test, solver, phase));
      }
    }
    const result: BenchmarkResult = { ...head, measurements };
    process.stdout.write(`${renderTable(result)}\n\n${renderClaims(result)}\n`);
    if (smoke) {
      process.exitCode = measurements.some(({ solver, failed }) => solver === 'fleet' && failed !== undefined)
        ? 1
        : 0;
      return;
    }
    mkdirSync(path('./results'), { recursive: true });
    writeFileSync(saved, `${JSON.stringify(result)}\n`);
  }
  const result: BenchmarkResult = JSON.parse(readFileSync(saved, 'utf8'));
  writeFileSync(path('../docs/benchmarks.md'), renderPage(result));
  writeFileSync(path('../docs/benchmarks.svg'), renderFigure(result));
}

main(process.argv.slice(2));
