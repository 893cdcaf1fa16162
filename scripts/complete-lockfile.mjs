// Adds the entries of other platforms that npm leaves out of package-lock.json.
//
// npm drops an optional binary package from the lock file when its registry does not offer that version at
// the time of locking. `npm ci` then refuses the file ("Missing: … from lock file"). An entry with version,
// os and cpu is enough for it: npm installs the entry where it fits and passes it by elsewhere.
//
// Usage: node scripts/complete-lockfile.mjs          writes package-lock.json
//        node scripts/complete-lockfile.mjs --check  exits 1 and names what is missing
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OS_OF_TOKEN = {
  android: 'android',
  darwin: 'darwin',
  freebsd: 'freebsd',
  linux: 'linux',
  openharmony: 'openharmony',
  win32: 'win32',
};
const CPU_OF_TOKEN = {
  arm: 'arm',
  arm64: 'arm64',
  ia32: 'ia32',
  loong64: 'loong64',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
  x64: 'x64',
};
const LIBC_OF_TOKEN = {
  gnu: 'glibc',
  gnueabihf: 'glibc',
  musl: 'musl',
  musleabihf: 'musl',
};

/** Platform of a binary package, read from its name (`@oxc-parser/binding-linux-x64-musl`). */
export function platformOf(packageName) {
  const tokens = packageName.split('/').at(-1).split('-');
  const pick = (table) => tokens.map((token) => table[token]).find((value) => value !== undefined);
  const os = pick(OS_OF_TOKEN);
  const cpu = pick(CPU_OF_TOKEN);
  const libc = os === 'linux' ? pick(LIBC_OF_TOKEN) : undefined;
  if (os === undefined || cpu === undefined) return undefined;
  return { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) };
}

/** Where Node would find `dependency` from the package at `location`; undefined when nowhere. */
function resolve(packages, location, dependency) {
  for (let base = location; ; base = base.slice(0, Math.max(0, base.lastIndexOf('node_modules/') - 1))) {
    const candidate = `${base === '' ? '' : `${base}/`}node_modules/${dependency}`;
    if (packages[candidate] !== undefined) return candidate;
    if (base === '') return undefined;
  }
}

/** Entries the lock file lacks: { location, entry }[]. Throws when one cannot be made from its name. */
export function missingEntries(lock) {
  const { packages } = lock;
  const missing = [];
  for (const [location, parent] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const found = resolve(packages, location, name);
      // A stub (no integrity) of an older version is replaced; a real entry is npm's business.
      const isOldStub =
        found !== undefined &&
        packages[found].integrity === undefined &&
        packages[found].version !== version &&
        /^\d/.test(version);
      if (found !== undefined && !isOldStub) continue;
      const platform = platformOf(name);
      if (platform === undefined || !/^\d+\.\d+\.\d+/.test(version)) {
        throw new Error(
          `${location || 'package.json'}: cannot complete optional dependency ${name}@${version}`,
        );
      }
      const entry = { version, ...platform, optional: true, ...(parent.dev ? { dev: true } : {}) };
      missing.push({ location: `node_modules/${name}`, entry });
    }
  }
  return missing;
}

/** The lock file with `missing` added, in npm's order. */
export function completed(lock, missing) {
  const packages = { ...lock.packages };
  for (const { location, entry } of missing) packages[location] = entry;
  const sorted = Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(sorted) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingEntries(lock);
  if (missing.length === 0) process.exit(0);
  if (process.argv.includes('--check')) {
    console.error(
      `package-lock.json lacks ${missing.map(({ location }) => location).join(', ')}: run npm run lock:complete`,
    );
    process.exit(1);
  }
  writeFileSync(path, `${JSON.stringify(completed(lock, missing), null, 2)}\n`);
  console.error(`package-lock.json: ${missing.length} entries of other platforms added`);
}
