// System programs that the tests start: which are missing, and how Debian installs them.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import process from 'node:process';

const DEBIAN_POSTGRESQL = '/usr/lib/postgresql';

const SYSTEM_PACKAGES = [
  { debianName: 'redis-server', isPresent: () => isOnPath('redis-server') },
  { debianName: 'openssl', isPresent: () => isOnPath('openssl') },
  { debianName: 'postgresql', isPresent: () => isOnPath('initdb') || hasDebianPostgresql() },
  {
    debianName: 'chromium',
    isPresent: () => ['chromium', 'chromium-browser', 'google-chrome'].some(isOnPath),
  },
];

/** Names of the Debian packages whose programs are nowhere to be found. */
export function missingSystemPackages() {
  return SYSTEM_PACKAGES.filter(({ isPresent }) => !isPresent()).map(({ debianName }) => debianName);
}

/** Whether this process may install with apt-get: Debian or a child of it, as root. */
export function canInstallSystemPackages() {
  return process.getuid?.() === 0 && isDebian() && isOnPath('apt-get');
}

/** Installs by apt-get; whether it worked. apt's own output goes to stderr only when it fails. */
export function installSystemPackages(names) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const steps = [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...names],
  ];
  for (const args of steps) {
    const { status, stdout, stderr } = spawnSync('apt-get', args, {
      env,
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (status === 0) continue;
    process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
    return false;
  }
  return true;
}

function isDebian() {
  if (!existsSync('/etc/os-release')) return false;
  return /^(ID|ID_LIKE)=.*\bdebian\b/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function isOnPath(program) {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/usr/local/bin');
  return folders.some((folder) => isExecutable(`${folder}/${program}`));
}

/** Debian keeps PostgreSQL's server programs off the PATH, in one folder per version. */
function hasDebianPostgresql() {
  if (!existsSync(DEBIAN_POSTGRESQL)) return false;
  return readdirSync(DEBIAN_POSTGRESQL).some((version) =>
    isExecutable(`${DEBIAN_POSTGRESQL}/${version}/bin/initdb`),
  );
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
