import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** Folder that holds Debian's (or PATH's) initdb and postgres, the newest version first. */
export function postgresBinFolder(): string {
  const folder = [...debianFolders(), ...pathFolders()].find(
    (candidate) => isExecutable(join(candidate, 'initdb')) && isExecutable(join(candidate, 'postgres')),
  );
  if (folder !== undefined) return folder;
  throw new Error(
    'PostgreSQL is missing: install it with "apt-get install postgresql" (or put initdb and postgres on the PATH)',
  );
}

export function redisServerPath(): string {
  const path = pathFolders()
    .map((folder) => join(folder, 'redis-server'))
    .find(isExecutable);
  if (path !== undefined) return path;
  throw new Error(
    'Redis is missing: install it with "apt-get install redis-server" (or put redis-server on the PATH)',
  );
}

function debianFolders(): string[] {
  try {
    return readdirSync(DEBIAN_POSTGRES)
      .sort((one, other) => Number(other) - Number(one))
      .map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
  } catch {
    return [];
  }
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
