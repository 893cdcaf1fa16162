import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

const START_LIMIT_MS = 30_000;

/** A server that a test runs as a child process. */
export interface ServerProcess {
  readonly child: ChildProcess;
  /** Sends the signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a server and resolves when its output says that it serves. */
export async function startServer(
  command: string,
  args: readonly string[],
  { ready, ...options }: SpawnOptions & { ready: RegExp },
): Promise<ServerProcess> {
  const child = spawn(command, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stopAtExit = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', stopAtExit);
  void exited.then(() => process.removeListener('exit', stopAtExit));
  await untilReady(command, child, ready);
  return {
    child,
    async stop(signal) {
      child.kill(signal);
      await exited;
    },
  };
}

function untilReady(command: string, child: ChildProcess, ready: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const limit = setTimeout(() => fail(`was not ready in ${START_LIMIT_MS} ms`), START_LIMIT_MS);
    function fail(what: string): void {
      clearTimeout(limit);
      child.kill('SIGKILL');
      reject(new Error(`${command} ${what}:\n${output}`));
    }
    function failAtExit(code: number | null): void {
      fail(`ended with ${code}`);
    }
    function read(chunk: Buffer): void {
      output += chunk.toString();
      if (!ready.test(output)) return;
      clearTimeout(limit);
      child.stdout?.off('data', read).resume();
      child.stderr?.off('data', read).resume();
      child.off('exit', failAtExit);
      resolve();
    }
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(error.message));
    child.once('exit', failAtExit);
  });
}
