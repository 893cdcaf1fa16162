// The import directions of docs/architecture.md. `npm run check:imports` applies them; test/architecture/
// proves that each rule catches its violation and that no source file is overlooked.

const EDGES = 'ocpp|queue|store|market|api|clock|cluster';

/** Files of the solver that start threads, load WASM or read a schema; every other file there is pure. */
const SOLVER_HOSTS = '^solver/.*(worker|thread|serve-jobs|pool|wasm|schema-file|parse-problem)[^/]*\\.ts$';
/** Modules of Node that hash or compare values: no I/O, no clock. */
const PURE_BUILTINS = '^(node:)?(assert|crypto|util)(/|$)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'solver-imports-nothing-of-ours',
      comment: 'The solver is a library of its own.',
      severity: 'error',
      from: { path: '^solver/' },
      to: { path: '^(src|test|benchmarks|scripts)/' },
    },
    {
      name: 'domain-imports-only-itself',
      comment: 'Words and laws of the field: no package, no port, no edge.',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: { pathNot: '^src/domain/' },
    },
    {
      name: 'ports-import-only-the-domain',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { pathNot: '^src/(domain|ports)/' },
    },
    {
      name: 'engine-imports-domain-ports-and-the-solver-index',
      severity: 'error',
      from: { path: '^src/engine/' },
      to: { path: '^(src|solver)/', pathNot: ['^src/(engine|domain|ports)/', '^solver/index\\.ts$'] },
    },
    {
      name: 'edge-imports-only-domain-ports-and-itself',
      comment: 'An edge never imports another edge, the engine or the solver; main.ts joins them.',
      severity: 'error',
      from: { path: `^src/(${EDGES})/` },
      to: { path: '^(src|solver)/', pathNot: ['^src/$1/', '^src/(domain|ports)/'] },
    },
    {
      name: 'simulator-shares-only-the-wire',
      comment: 'Stations of the simulator meet the gateway on a socket; both speak ocpp/wire.',
      severity: 'error',
      from: { path: '^src/simulator/' },
      to: { path: '^(src|solver)/', pathNot: '^src/(simulator|domain|ports|ocpp/wire)/' },
    },
    {
      name: 'dashboard-knows-only-the-contract',
      comment: 'The browser client imports its own files and, as types, the contract of the API.',
      severity: 'error',
      from: { path: '^src/dashboard/' },
      to: { path: '^(src|solver)/', pathNot: ['^src/dashboard/', '^src/api/documents/'] },
    },
    {
      name: 'dashboard-takes-types-alone-from-the-api',
      severity: 'error',
      from: { path: '^src/dashboard/' },
      to: { path: '^src/api/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nobody-imports-the-dashboard',
      severity: 'error',
      from: { pathNot: '^(src/dashboard|test)/' },
      to: { path: '^src/dashboard/' },
    },
    {
      name: 'main-is-imported-by-cli-alone',
      severity: 'error',
      from: { pathNot: '^(src/cli|test|benchmarks)/' },
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'parts-of-the-root-are-for-main-and-cli',
      comment: 'config.ts, secrets.ts …: the composition root and what it is made of.',
      severity: 'error',
      from: { pathNot: '^(src/[^/]+\\.ts$|src/cli/|test/|benchmarks/)' },
      to: { path: '^src/[^/]+\\.ts$', pathNot: '^src/main\\.ts$' },
    },
    {
      name: 'parts-of-the-root-import-domain-and-ports',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$', pathNot: '^src/(main|split-node|node-parts)\\.ts$' },
      to: { path: '^(src|solver)/', pathNot: '^src/(domain/|ports/|[^/]+\\.ts$)' },
    },
    {
      name: 'cli-starts-the-engine-through-main',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/(engine|dashboard)/' },
    },
    {
      name: 'nobody-imports-the-cli',
      severity: 'error',
      from: { pathNot: '^(src/cli|test|benchmarks)/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'product-imports-no-test',
      severity: 'error',
      from: { path: '^(src|solver)/' },
      to: { path: '^(test|benchmarks|scripts)/' },
    },
    {
      name: 'pure-core-does-no-io',
      comment: 'Time, sockets, files and threads come in through ports.',
      severity: 'error',
      from: { path: '^(src/engine|src/ports|solver)/', pathNot: SOLVER_HOSTS },
      to: { dependencyTypes: ['core'], pathNot: PURE_BUILTINS },
    },
    {
      name: 'no-cycle',
      comment: 'Of imports that exist at run time; two type files may name each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-package-of-the-workshop',
      comment: 'What runs in production is a dependency, not a devDependency. The dashboard is bundled.',
      severity: 'error',
      from: { path: '^(src|solver)/', pathNot: '^src/dashboard/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'every-import-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json', '.css'],
    },
  },
};
