import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFolder } from '../../src/store/embedded/folder-lock.js';
import { ownIdentity } from '../../src/store/embedded/process-identity.js';
import { openStore } from '../../src/store/open-store.js';
import { runScript } from '../support/child-script.js';
import { quietLogger } from '../support/store-samples.js';
import { temporaryFolder } from './temporary-folder.js';

/** No Linux system has a process of this number: the kernel's limit is 2^22. */
const NO_PID = 2 ** 22 + 1;

async function folderLockedBy(holder: object): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'store.lock'), JSON.stringify({ token: 'old', ...holder }));
  return folder;
}

describe('the lock of a data directory', () => {
  it('is given again after its release', async () => {
    const folder = await temporaryFolder();
    await (await lockFolder(folder)).release();
    await (await lockFolder(folder)).release();
  });

  it('is taken over from a process that was killed', async () => {
    const folder = await temporaryFolder();
    const holder = runScript(new URL('./lock-holder.ts', import.meta.url), [folder]);
    expect(await holder.line(1)).toBe('locked');
    await expect(lockFolder(folder)).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
      message: expect.stringContaining(`process ${holder.child.pid}`),
    });
    await holder.kill();
    await (await lockFolder(folder)).release();
  });

  it('is taken over when another process has the pid of the dead one by now', async () => {
    const folder = await folderLockedBy({ ...ownIdentity(), startTicks: '1' });
    await (await lockFolder(folder)).release();
  });

  it('is taken over when the machine has booted since', async () => {
    const folder = await folderLockedBy({ ...ownIdentity(), bootId: 'an earlier boot' });
    await (await lockFolder(folder)).release();
  });

  it('is taken over when it was cut short by a power failure', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'store.lock'), '');
    await (await lockFolder(folder)).release();
  });

  it('of a process in another container holds as long as its socket answers', async () => {
    const folder = await folderLockedBy({
      ...ownIdentity(),
      pid: NO_PID,
      pidNamespace: 'pid:[1]',
      socket: 'other.sock',
    });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(folder, 'other.sock'), resolve));
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
    await new Promise((resolve) => server.close(resolve));
  });

  it('of a process in another container that left no socket to ask holds', async () => {
    const folder = await folderLockedBy({ ...ownIdentity(), pid: NO_PID, pidNamespace: 'pid:[1]' });
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'DATA_DIR_LOCKED' });
  });

  it('is taken over by one only, of many that try at once', async () => {
    const folder = await folderLockedBy({ ...ownIdentity(), pid: NO_PID });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
    const winners = outcomes.filter(({ status }) => status === 'fulfilled');
    expect(winners).toHaveLength(1);
    const lock = JSON.parse(await readFile(join(folder, 'store.lock'), 'utf8'));
    expect(lock.pid).toBe(process.pid);
  });

  it('is not asked for where there can be no folder: the error names the path', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    await expect(openStore({ dataDir: file, logger: quietLogger })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(file),
    });
  });
});
