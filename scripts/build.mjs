// Builds dist/ (server by tsc, dashboard by vite) and links the command `ebbflow` for npx.
//
// Usage: node scripts/build.mjs            builds, or fails
//        node scripts/build.mjs --prepare  the same, but leaves a tree without build tools alone:
//                                          `npm ci --omit=dev` runs npm's prepare step too
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import process from 'node:process';
import { BUILD_STAMP, CLI_ENTRY, ROOT } from './tree.mjs';

const TSC = `${ROOT}/node_modules/typescript/bin/tsc`;
const VITE = `${ROOT}/node_modules/vite/bin/vite.js`;
const LOCAL_COMMAND = `${ROOT}/node_modules/.bin/ebbflow`;

if (process.argv.includes('--prepare') && !(existsSync(TSC) && existsSync(VITE))) {
  const left = existsSync(CLI_ENTRY) ? 'dist/ stays as it is' : 'there is no dist/ yet: build it with npm ci';
  console.error(`ebbflow: build tools are not installed, ${left}`);
  if (existsSync(CLI_ENTRY)) linkCommand();
  process.exit(0);
}

// A source that changes while the build runs is newer than the stamp and causes the next build.
const startedAt = new Date();
rmSync(BUILD_STAMP, { force: true });
run(TSC, ['-p', 'tsconfig.build.json']);
run(VITE, ['build', '--logLevel', 'warn']);
chmodSync(CLI_ENTRY, 0o755);
linkCommand();
writeFileSync(BUILD_STAMP, `${startedAt.toISOString()}\n`);
utimesSync(BUILD_STAMP, startedAt, startedAt);

function run(script, args) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** npm links the commands of dependencies, not the project's own; npx looks in this folder first. */
function linkCommand() {
  if (process.platform === 'win32') return; // npx on Windows resolves the bin field by itself
  mkdirSync(dirname(LOCAL_COMMAND), { recursive: true });
  rmSync(LOCAL_COMMAND, { force: true });
  symlinkSync(relative(dirname(LOCAL_COMMAND), CLI_ENTRY), LOCAL_COMMAND);
}
