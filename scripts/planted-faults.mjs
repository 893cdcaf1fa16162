// Plants one fault after another in a copy of the solver and shows that its tests notice each: `npm run check:faults`.
// `-- --only TEXT` takes only the faults whose name holds the text. Prints a table; fails when a fault goes unnoticed.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SOLVER_FAULTS } from './solver-faults.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const COPIED = [
  'solver',
  'schemas',
  'benchmarks',
  'test/solver',
  'test/support/tally-reporter.ts',
  'package.json',
  'vitest.config.ts',
];
/** A fault may make a search run for ever; that is noticed too. */
const MOST_MS = 240_000;

/** What the tests say of the copy: the first that failed, or undefined when all pass. */
function firstFailure(folder, tests) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const files = tests.map((name) => `test/solver/${name}.test.ts`);
  const args = [
    vitest,
    'run',
    '--root',
    folder,
    '--bail',
    '1',
    '--reporter',
    'json',
    '--outputFile',
    report,
    ...files,
  ];
  const run = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: MOST_MS,
    maxBuffer: 1e8,
  });
  if (run.error?.code === 'ETIMEDOUT') return 'no end';
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const broken = testResults.find(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  if (broken !== undefined) throw new Error(`${broken.name} cannot be loaded: ${broken.message}`);
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .find(({ status }) => status === 'failed')?.fullName;
}

function plant(source, { name, from, to }) {
  if (source.split(from).length !== 2)
    throw new Error(`${name}: the text to replace must occur once: ${from}`);
  return source.replace(from, () => to);
}

const onlyAt = process.argv.indexOf('--only');
const only = onlyAt < 0 ? '' : (process.argv[onlyAt + 1] ?? '');
const faults = SOLVER_FAULTS.filter(({ name }) => name.includes(only));
const folder = mkdtempSync(join(tmpdir(), 'planted-faults-'));
try {
  for (const part of COPIED) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const tests = [...new Set(faults.flatMap((fault) => fault.tests))];
  const failing = firstFailure(folder, tests);
  if (failing !== undefined) throw new Error(`without any fault this test fails: ${failing}`);
  process.stdout.write('| fault | file | noticed by |\n| --- | --- | --- |\n');
  let unnoticed = 0;
  for (const fault of faults) {
    const file = join(folder, 'solver', fault.file);
    const source = readFileSync(file, 'utf8');
    writeFileSync(file, plant(source, fault));
    const notice = firstFailure(folder, fault.tests);
    writeFileSync(file, source);
    if (notice === undefined) unnoticed += 1;
    process.stdout.write(`| ${fault.name} | ${fault.file} | ${notice ?? '**nothing**'} |\n`);
  }
  process.stdout.write(`\n${faults.length - unnoticed} of ${faults.length} faults noticed\n`);
  process.exitCode = unnoticed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
