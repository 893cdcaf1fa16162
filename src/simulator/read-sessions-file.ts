import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { invalidInput } from '../domain/errors.js';
import type { SessionsFile } from './recorded-session.js';
import { parseSessionsFile } from './sessions-file.js';

/** About a million sessions. */
export const MAX_SESSIONS_FILE_BYTES = 100_000_000;

export interface ReadSessionsOptions {
  /** Users file; absent: the one beside the sessions file whose name says `users` instead of `sessions`. */
  readonly usersPath?: string;
  /** Zone of local times in files that do not state it. */
  readonly timeZone?: string;
}

/** Reads and parses a sessions file, and the users file that belongs to it. @throws EbbflowError INVALID_INPUT */
export function readSessionsFile(path: string, options: ReadSessionsOptions = {}): SessionsFile {
  const beside = join(dirname(path), basename(path).replace('sessions', 'users'));
  const found = beside !== path && existsSync(beside) ? beside : undefined;
  const usersPath = options.usersPath ?? found;
  return parseSessionsFile({
    name: basename(path),
    text: read(path),
    ...(usersPath === undefined ? {} : { users: { name: basename(usersPath), text: read(usersPath) } }),
    ...(options.timeZone === undefined ? {} : { timeZone: options.timeZone }),
  });
}

function read(path: string): string {
  if (!existsSync(path) || !statSync(path).isFile()) throw invalidInput(path, 'there is no such file');
  if (statSync(path).size > MAX_SESSIONS_FILE_BYTES) {
    throw invalidInput(path, `is larger than ${MAX_SESSIONS_FILE_BYTES} bytes`);
  }
  return readFileSync(path, 'utf8');
}
