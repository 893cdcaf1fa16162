import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A benchmark's part in a process of its own, asked by messages, one question at a time. */
export interface Child {
  ask<T>(question: string): Promise<T>;
  /** Undefined while it runs. */
  readonly exitCode: () => number | null;
  stop(): Promise<void>;
}

/** Starts a script beside this file; resolves with what it says first. */
export async function startChild<T>(
  script: string,
  args: readonly string[],
): Promise<{ readonly child: Child; readonly said: T }> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const process_: ChildProcess = fork(path, args, { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const [said] = (await once(process_, 'message')) as [T];
  return {
    said,
    child: {
      async ask<Answer>(question: string) {
        const answer = once(process_, 'message') as Promise<[Answer]>;
        process_.send(question);
        return (await answer)[0];
      },
      exitCode: () => process_.exitCode,
      async stop() {
        const ended = process_.exitCode === null ? once(process_, 'exit') : undefined;
        process_.kill();
        await ended;
      },
    },
  };
}

/** In the child: says something, then answers questions. */
export function serveParent(said: unknown, answers: Record<string, () => unknown>): void {
  process.on('message', (question: string) => {
    void Promise.resolve(answers[question]?.()).then((answer) => process.send?.(answer ?? null));
  });
  process.send?.(said);
}

/** What this process has used so far; memory after a collection. */
export function usage(): ProcessUsage {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  return {
    cpuMicroseconds: user + system,
    heapMb: process.memoryUsage().heapUsed / 1e6,
    residentMb: process.memoryUsage().rss / 1e6,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
}

export interface ProcessUsage {
  readonly cpuMicroseconds: number;
  readonly heapMb: number;
  readonly residentMb: number;
  readonly peakMb: number;
}
