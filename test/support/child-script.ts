import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface ChildScript {
  readonly child: ChildProcess;
  /** Lines of its standard output, in order. */
  readonly lines: readonly string[];
  /** Resolves with the line that makes `count` lines, rejects when the child ends before. */
  line(count: number): Promise<string>;
  /** Ends it as the kernel would: no handler runs. */
  kill(): Promise<void>;
  readonly exited: Promise<number | null>;
}

/** Runs a TypeScript file beside the tests in a process of its own. */
export function runScript(file: URL, args: readonly string[]): ChildScript {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(file), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const watcher of watchers) watcher();
  });
  return {
    child,
    lines,
    exited,
    line(count) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const line = lines[count - 1];
          if (line === undefined) return;
          watchers.delete(look);
          resolve(line);
        };
        watchers.add(look);
        void exited.then((code) => reject(new Error(`ended with ${code} after ${lines.length} lines`)));
        look();
      });
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
