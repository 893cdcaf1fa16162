// Paths of the checkout, and whether what is derived from its sources is up to date.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '');
export const CLI_ENTRY = `${ROOT}/dist/src/cli/main.js`;
export const BUILD_STAMP = `${ROOT}/dist/.built`;
const BUILD_INPUTS = [
  'src',
  'solver',
  'schemas',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.config.ts',
];

/** Whether dist/ was built from the sources as they are now. */
export function isBuilt() {
  const builtMs = modifiedMs(BUILD_STAMP);
  if (builtMs === undefined || modifiedMs(CLI_ENTRY) === undefined) return false;
  return BUILD_INPUTS.every((input) => newestMs(`${ROOT}/${input}`) <= builtMs);
}

/**
 * Whether node_modules holds what package-lock.json asks for. Compares contents, not file times: a clone, a
 * branch change or npm itself may touch either file. Optional packages are for some platform or other.
 */
export function isInstalled() {
  const installed = readJson(`${ROOT}/node_modules/.package-lock.json`)?.packages;
  if (installed === undefined) return false;
  const wanted = readJson(`${ROOT}/package-lock.json`).packages;
  return Object.entries(wanted).every(
    ([location, { version, integrity, optional }]) =>
      location === '' ||
      optional ||
      (installed[location]?.version === version && installed[location]?.integrity === integrity),
  );
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

/** Newest change at or below a path; a folder's own time tells of removed files. 0 when absent. */
function newestMs(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce(
    (newest, name) => Math.max(newest, newestMs(`${path}/${name}`)),
    stat.mtimeMs,
  );
}
