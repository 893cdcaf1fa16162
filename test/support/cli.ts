import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../../src/project-root.js';

const ENTRY = path.join(projectRoot(), 'dist', 'src', 'cli', 'main.js');

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly process: ChildProcess;
  /** Resolves with the first match in what the program has printed or will print; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** What it has printed so far, both streams. */
  output(): string;
  readonly ended: Promise<CliResult>;
}

/** Starts the built program, as a user's `npx ebbflow` does, without any EBBFLOW_ setting of this process. */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCli {
  if (!existsSync(ENTRY)) throw new Error('The program is not built: run "npm run build"');
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('EBBFLOW_')),
  );
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  const onData = () => {
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onData();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onData();
  });
  const ended = new Promise<CliResult>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return {
    process: child,
    ended,
    output: () => stdout + stderr,
    printed(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(stdout) ?? pattern.exec(stderr);
          if (match === null) return;
          watchers.delete(look);
          resolve(match);
        };
        watchers.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without printing ${pattern}:\n${stdout}\n${stderr}`)));
      });
    },
  };
}

/** Runs the built program to its end. */
export function runCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  return startCli(args, env).ended;
}
