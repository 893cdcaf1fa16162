import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesBelow, isTypeScript, ROOT } from './source-files.js';

interface CruiseReport {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

const RULES_FILE = '.dependency-cruiser.cjs';
const rules = createRequire(import.meta.url)(join(ROOT, RULES_FILE)) as {
  forbidden: readonly { name: string }[];
};

const KNOWN_FOLDERS = new Set([
  ...['domain', 'ports', 'engine', 'ocpp', 'queue', 'store', 'market', 'api', 'clock', 'cluster'],
  ...['simulator', 'dashboard', 'cli'],
]);

/** Runs the checker as `npm run check:imports` does, over `folders` of the tree at `root`. */
function cruise(root: string, folders: readonly string[]): CruiseReport {
  const checker = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [checker, '--config', RULES_FILE, '--output-type', 'json', '--no-progress', ...folders];
  return JSON.parse(
    execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 }),
  ) as CruiseReport;
}

describe('the sources', () => {
  let report: CruiseReport;
  beforeAll(() => {
    report = cruise(ROOT, ['src', 'solver']);
  });

  it('import only in the directions of the design', () => {
    const violations = report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
    expect(violations).toEqual([]);
  });

  it('lie in folders that the rules know', () => {
    const folders = new Set(filesBelow(['src'], isTypeScript).map((path) => path.split('/').slice(1, -1)[0]));
    expect([...folders].filter((folder) => folder !== undefined && !KNOWN_FOLDERS.has(folder))).toEqual([]);
  });

  it('are all seen by the checker', () => {
    const seen = report.modules
      .map(({ source }) => source)
      .filter((source) => /^(src|solver)\//.test(source) && isTypeScript(source))
      .sort();
    expect(seen).toEqual(filesBelow(['src', 'solver'], isTypeScript));
    expect(seen.length).toBeGreaterThan(20);
  });
});

/** File → contents of a small tree without a fault. */
const SOUND_TREE: Readonly<Record<string, string>> = {
  'src/domain/energy.ts': 'export const energy = 1;',
  'src/ports/clock.ts': "export type { energy } from '../domain/energy.js';",
  'src/engine/plan.ts': "import { solve } from '../../solver/index.js';\nexport const plan = solve;",
  'src/engine/inner.ts': "import { createHash } from 'node:crypto';\nexport const inner = createHash;",
  'src/ocpp/gateway.ts': "import { frame } from './wire/frame.js';\nexport const gateway = frame;",
  'src/ocpp/wire/frame.ts': "import { energy } from '../../domain/energy.js';\nexport const frame = energy;",
  'src/queue/queue.ts': "import { createServer } from 'node:net';\nexport const queue = createServer;",
  'src/api/documents/fleet.ts': 'export type Fleet = number;',
  'src/simulator/station.ts': "import { frame } from '../ocpp/wire/frame.js';\nexport const station = frame;",
  'src/dashboard/page.ts':
    "import type { Fleet } from '../api/documents/fleet.js';\nexport const page: Fleet = 1;",
  'src/config.ts': "import { energy } from './domain/energy.js';\nexport const config = energy;",
  'src/main.ts':
    "import { plan } from './engine/plan.js';\nimport { config } from './config.js';\nexport const start = [plan, config];",
  'src/cli/main.ts':
    "import { start } from '../main.js';\nimport { station } from '../simulator/station.js';\nvoid [start, station];",
  'solver/index.ts': "import { kernel } from './kernel.js';\nexport const solve = kernel;",
  'solver/kernel.ts': 'export const kernel = 1;',
  'solver/solve-worker.ts': "import { Worker } from 'node:worker_threads';\nexport const start = Worker;",
  'test/plan.ts': 'export const fixture = 1;',
};

/** One violation of each rule: rule → file that breaks it and its contents. */
const VIOLATIONS: readonly (readonly [rule: string, file: string, contents: string])[] = [
  ['solver-imports-nothing-of-ours', 'solver/curious.ts', "import '../src/domain/energy.js';"],
  ['domain-imports-only-itself', 'src/domain/greedy.ts', "import '../ports/clock.js';"],
  ['domain-imports-only-itself', 'src/domain/io.ts', "import 'node:fs';"],
  ['domain-imports-only-itself', 'src/domain/calendar.ts', "import 'a-library';"],
  ['ports-import-only-the-domain', 'src/ports/eager.ts', "import '../engine/plan.js';"],
  [
    'ports-import-only-the-domain',
    'src/ports/eager-type.ts',
    "export type { plan } from '../engine/plan.js';",
  ],
  [
    'engine-imports-domain-ports-and-the-solver-index',
    'src/engine/deep.ts',
    "import '../../solver/kernel.js';",
  ],
  ['engine-imports-domain-ports-and-the-solver-index', 'src/engine/edgy.ts', "import '../queue/queue.js';"],
  ['edge-imports-only-domain-ports-and-itself', 'src/api/routes.ts', "import '../queue/queue.js';"],
  ['edge-imports-only-domain-ports-and-itself', 'src/store/rows.ts', "import '../engine/plan.js';"],
  ['edge-imports-only-domain-ports-and-itself', 'src/market/solve.ts', "import '../../solver/index.js';"],
  ['edge-imports-only-domain-ports-and-itself', 'src/ocpp/lazy.ts', "void import('../queue/queue.js');"],
  ['simulator-shares-only-the-wire', 'src/simulator/spy.ts', "import '../ocpp/gateway.js';"],
  ['dashboard-knows-only-the-contract', 'src/dashboard/knowing.ts', "import '../domain/energy.js';"],
  [
    'dashboard-takes-types-alone-from-the-api',
    'src/dashboard/heavy.ts',
    "import '../api/documents/fleet.js';",
  ],
  ['nobody-imports-the-dashboard', 'src/cli/show.ts', "import '../dashboard/page.js';"],
  ['main-is-imported-by-cli-alone', 'src/simulator/all.ts', "import '../main.js';"],
  ['parts-of-the-root-are-for-main-and-cli', 'src/queue/settings.ts', "import '../config.js';"],
  ['parts-of-the-root-import-domain-and-ports', 'src/secrets.ts', "import './queue/queue.js';"],
  ['cli-starts-the-engine-through-main', 'src/cli/inside.ts', "import '../engine/plan.js';"],
  ['nobody-imports-the-cli', 'src/api/shell.ts', "import '../cli/main.js';"],
  ['product-imports-no-test', 'src/engine/tested.ts', "import '../../test/plan.js';"],
  ['pure-core-does-no-io', 'src/engine/disk.ts', "import 'node:fs/promises';"],
  ['pure-core-does-no-io', 'solver/parallel.ts', "import 'node:worker_threads';"],
  ['no-cycle', 'src/queue/egg.ts', "import './hen.js';"],
  ['no-package-of-the-workshop', 'src/store/tool.ts', "import 'a-tool';"],
  ['every-import-resolves', 'src/store/lost.ts', "import './nowhere.js';"],
];

describe('the import rules', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'ebbflow-imports-'));
    for (const file of [RULES_FILE, 'tsconfig.json']) copyFileSync(join(ROOT, file), join(root, file));
    plant(
      'package.json',
      JSON.stringify({
        type: 'module',
        dependencies: { 'a-library': '1' },
        devDependencies: { 'a-tool': '1' },
      }),
    );
    for (const name of ['a-library', 'a-tool']) {
      plant(
        `node_modules/${name}/package.json`,
        JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
      );
      plant(`node_modules/${name}/index.js`, '');
    }
    for (const [file, contents] of Object.entries(SOUND_TREE)) plant(file, contents);
  });
  afterAll(() => {
    rmSync(root, { recursive: true, force: true });
  });

  function plant(file: string, contents: string): void {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    writeFileSync(join(root, file), `${contents}\n`);
  }

  it('pass a tree that keeps to them and catch each planted violation', () => {
    expect(cruise(root, ['src', 'solver']).summary.violations).toEqual([]);

    plant('src/queue/hen.ts', "import './egg.js';");
    for (const [, file, contents] of VIOLATIONS) plant(file, contents);
    const caught = new Set(
      cruise(root, ['src', 'solver']).summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`),
    );
    const missed = VIOLATIONS.filter(([rule, file]) => !caught.has(`${rule}: ${file}`));
    expect(missed).toEqual([]);
  });

  it('have a planted violation each', () => {
    const planted = new Set(VIOLATIONS.map(([rule]) => rule));
    expect(rules.forbidden.map(({ name }) => name).filter((name) => !planted.has(name))).toEqual([]);
  });
});
