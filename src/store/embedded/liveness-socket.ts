import { randomBytes } from 'node:crypto';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';

/** sun_path of a Unix socket address holds 104 (macOS) to 108 (Linux) bytes, the end mark included. */
const MAX_SOCKET_PATH_BYTES = 103;

export interface LivenessSocket {
  /** File name in the folder. */
  readonly name: string;
  close(): Promise<void>;
}

/**
 * Opens a Unix socket in a folder: as long as this process lives, the kernel accepts connections on it, for
 * processes of other containers too. Undefined where the path is too long or the file system has no sockets.
 */
export async function openLivenessSocket(folder: string): Promise<LivenessSocket | undefined> {
  const name = `store-${randomBytes(6).toString('hex')}.sock`;
  const path = join(folder, name);
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) return undefined;
  const server = createServer((socket) => socket.destroy());
  const listening = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(path, () => resolve(true));
  });
  if (!listening) return undefined;
  server.unref();
  return { name, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** `refused` proves that nobody listens any more; `unknown` proves nothing. */
export function probeLivenessSocket(path: string): Promise<'alive' | 'refused' | 'unknown'> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('alive');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'unknown');
    });
  });
}
