import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EbbflowError } from '../../domain/errors.js';
import { type LivenessSocket, openLivenessSocket, probeLivenessSocket } from './liveness-socket.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './process-identity.js';

/** A take-over takes milliseconds; one that is older was left behind by a crash. */
const TAKE_OVER_LIMIT_MS = 10_000;
const ATTEMPTS = 3;

export interface FolderLock {
  release(): Promise<void>;
}

interface Holder extends ProcessIdentity {
  readonly token: string;
  readonly socket?: string;
}

/**
 * Makes this process the only user of a data directory: the embedded database does not notice a second one
 * and loses its writes. The lock of a dead process is taken over.
 * @throws EbbflowError DATA_DIR_LOCKED that names the folder and the process that holds it
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const lockPath = join(folder, 'store.lock');
  const socket = await openLivenessSocket(folder);
  const own: Holder = {
    ...ownIdentity(),
    token: randomBytes(12).toString('hex'),
    ...(socket === undefined ? {} : { socket: socket.name }),
  };
  try {
    await acquire(folder, lockPath, own);
  } catch (error) {
    await socket?.close();
    throw error;
  }
  return { release: () => release(lockPath, own, socket) };
}

async function acquire(folder: string, lockPath: string, own: Holder): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await createWhole(lockPath, own)) return;
    const holder = await readHolder(lockPath);
    if (holder !== undefined && (await isAlive(folder, holder))) throw locked(folder, holder);
    await removeDead(folder, lockPath, holder);
  }
  throw locked(folder, await readHolder(lockPath));
}

/** link(2) is atomic and fails when the name exists: the lock is never seen half written. */
async function createWhole(lockPath: string, own: Holder): Promise<boolean> {
  const draft = `${lockPath}.${own.token}`;
  await writeFile(draft, JSON.stringify(own));
  try {
    await link(draft, lockPath);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Undefined when there is none, or when a power cut left it empty. */
async function readHolder(lockPath: string): Promise<Holder | undefined> {
  try {
    const holder: Holder = JSON.parse(await readFile(lockPath, 'utf8'));
    return Number.isInteger(holder.pid) && typeof holder.token === 'string' ? holder : undefined;
  } catch {
    return undefined;
  }
}

async function isAlive(folder: string, holder: Holder): Promise<boolean> {
  const answer =
    holder.socket === undefined ? 'unknown' : await probeLivenessSocket(join(folder, holder.socket));
  if (answer === 'alive') return true;
  return isRunning(holder) ?? answer !== 'refused';
}

/** Removes a dead holder's lock. Only one process at a time may, or it could remove the next holder's. */
async function removeDead(folder: string, lockPath: string, dead: Holder | undefined): Promise<void> {
  const guardPath = `${lockPath}.takeover`;
  try {
    await (await open(guardPath, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!(await isOlderThan(guardPath, TAKE_OVER_LIMIT_MS))) throw locked(folder, dead);
    await rm(guardPath, { force: true });
    return;
  }
  try {
    const current = await readHolder(lockPath);
    if (current?.token !== dead?.token) return;
    await rm(lockPath, { force: true });
    if (dead?.socket !== undefined) await rm(join(folder, dead.socket), { force: true });
  } finally {
    await rm(guardPath, { force: true });
  }
}

async function isOlderThan(path: string, limitMs: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > limitMs;
  } catch {
    return true;
  }
}

async function release(lockPath: string, own: Holder, socket: LivenessSocket | undefined): Promise<void> {
  if ((await readHolder(lockPath))?.token === own.token) await rm(lockPath, { force: true });
  await socket?.close();
}

function locked(folder: string, holder: Holder | undefined): EbbflowError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid}`;
  return new EbbflowError('DATA_DIR_LOCKED', `The data directory ${folder} is in use by ${who}`);
}
