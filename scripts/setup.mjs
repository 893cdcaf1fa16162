// Makes a checkout ready to run. First command of `npm run demo`, `npm test`, `npm run test:real-data` and
// `npm run bench`; depends on nothing but Node, and says nothing when there is nothing to do.
//
// Usage: node scripts/setup.mjs [--system] [--real-data]
//   --system     also the system programs of the tests: redis-server, postgresql, chromium
//   --real-data  also checks that the real data is there (../shared/data, or EBBFLOW_REAL_DATA)
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import {
  canInstallSystemPackages,
  installSystemPackages,
  missingSystemPackages,
} from './system-packages.mjs';
import { isBuilt, isInstalled, ROOT } from './tree.mjs';

const OLDEST_NODE = [20, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  fail(`ebbflow needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}`);
}
if (process.argv.includes('--real-data')) requireRealData();
if (process.argv.includes('--system')) requireSystemPackages();
if (!isInstalled()) installNpmPackages(); // builds too, by npm's prepare step
if (!isBuilt()) build();

function requireRealData() {
  const folder = resolve(ROOT, process.env.EBBFLOW_REAL_DATA || '../shared/data');
  if (!existsSync(folder)) fail(`no real data at ${folder}: put it there or set EBBFLOW_REAL_DATA`);
}

function requireSystemPackages() {
  const missing = missingSystemPackages();
  if (missing.length === 0) return;
  const names = missing.join(' ');
  if (!canInstallSystemPackages()) {
    fail(`the tests need ${missing.join(', ')}: install them (Debian: sudo apt-get install ${names})`);
  }
  say(`installing ${names} …`);
  if (!installSystemPackages(missing)) fail(`apt-get could not install ${names}`);
}

function installNpmPackages() {
  say('installing npm packages …');
  // npm names itself in the environment of its scripts; started by hand, the shell finds it.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--no-fund', '--no-audit', '--loglevel=error'];
  const { status } =
    npm?.endsWith('.js') && existsSync(npm)
      ? spawnSync(process.execPath, [npm, ...args], { cwd: ROOT, stdio: 'inherit' })
      : spawnSync('npm', args, { cwd: ROOT, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) fail('npm ci failed');
}

function build() {
  say('building …');
  const { status } = spawnSync(process.execPath, [`${ROOT}/scripts/build.mjs`], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) fail('the build failed');
}

function say(text) {
  process.stderr.write(`ebbflow: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}
