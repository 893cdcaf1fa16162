import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { checkSetting } from '../../config.js';
import { invalidInput } from '../../domain/errors.js';
import { ExitCode } from '../exit.js';
import { integerBetween, numberBetween } from '../numbers.js';
import { runDemo } from './run.js';
import { renderSummary } from './summary.js';

export interface DemoFlags {
  readonly hours: number;
  readonly stations: number;
  readonly speed: number;
  readonly prices?: string;
  readonly sessions?: string;
  readonly users?: string;
  readonly day?: string;
  readonly seed: number;
  readonly port: number;
  readonly data?: string;
  readonly redis?: string;
  readonly database?: string;
  readonly exit?: boolean;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .option('--hours <h>', 'simulated hours', numberBetween(0.25, 168), 24)
    .option('--stations <n>', 'charging stations', integerBetween(1, 2000), 50)
    .option('--speed <x>', 'simulated seconds per second, at most', numberBetween(1, 100_000), 600)
    .option('--prices <file>', 'price file (CSV, ENTSO-E A44 XML or Energy-Charts JSON); default: generated')
    .option('--sessions <file>', 'charging sessions (CSV); default: generated')
    .option('--users <file>', 'cars of the sessions file; default: the users file beside it, if there is one')
    .option('--day <date>', 'day of the price file to play; default: the day of median price spread')
    .option('--seed <n>', 'seed of everything random', integerBetween(0, 2 ** 31 - 1), 1)
    .option('--port <n>', 'port of the dashboard and API, 0 takes a free one', integerBetween(0, 65_535), 0)
    .option('--data <folder>', "keep the engine's data here; default: a temporary folder")
    .option('--redis <url>', 'queue on Redis instead of the embedded store')
    .option('--database <url>', 'store on PostgreSQL instead of the embedded one')
    .option(
      '--exit',
      'end when the hours are over, with 0 only if nothing was lost and every reachable target met',
    )
    .option('--json', 'print the summary as JSON on standard output, progress on standard error')
    .action(async (flags: DemoFlags) => {
      if (flags.day !== undefined && !isDate(flags.day)) {
        throw invalidInput('--day', 'must be a date like 2026-01-20');
      }
      if (flags.day !== undefined && flags.prices === undefined)
        throw invalidInput('--day', 'needs --prices');
      if (flags.users !== undefined && flags.sessions === undefined)
        throw invalidInput('--users', 'needs --sessions');
      if (flags.redis !== undefined) checkSetting('EBBFLOW_REDIS_URL', flags.redis, '--redis');
      if (flags.database !== undefined) checkSetting('EBBFLOW_DATABASE_URL', flags.database, '--database');
      const dataDir = flags.data ?? (await mkdtemp(path.join(os.tmpdir(), 'ebbflow-demo-')));
      try {
        const summary = await runDemo(flags, dataDir, (line) =>
          (flags.json ? process.stderr : process.stdout).write(`${line}\n`),
        );
        process.stdout.write(flags.json ? `${JSON.stringify(summary)}\n` : renderSummary(summary));
        if (summary.faults.length > 0) process.exitCode = ExitCode.failed;
      } finally {
        if (flags.data === undefined) await rm(dataDir, { recursive: true, force: true });
      }
    });
}

/** A day of the calendar: 2026-02-30 is none. */
function isDate(text: string): boolean {
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(atMs) && new Date(atMs).toISOString().slice(0, 10) === text;
}
