import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TimingName } from '../../ports/metrics.js';
import type { EngineLaunch, FromEngine, ToEngine } from './engine-messages.js';

/** The engine's process went away while something was asked of it. */
export class EngineGone extends Error {}

/** The engine in a process of its own, seen from the demo. */
export interface EngineChild {
  readonly pid: number;
  readonly httpAddress: string;
  readonly ocppAddress: string;
  /** The engine's clock shows the time, and does nothing yet that is due then. Throws {@link EngineGone}. */
  showTime(toMs: number): Promise<void>;
  /** Moves the engine's clock and waits until it has nothing left to do. Throws {@link EngineGone}. */
  advance(toMs: number): Promise<{ nextDueMs: number | undefined; holdsTaken: number }>;
  stop(): Promise<void>;
}

/** Starts the engine's process and waits until it serves. Throws what kept it from starting. */
export async function launchEngine(
  settings: EngineLaunch,
  onTiming: (name: TimingName, seconds: number) => void,
): Promise<EngineChild> {
  // The same form as this file: built or source.
  const entry = fileURLToPath(new URL(`./engine-process${path.extname(import.meta.url)}`, import.meta.url));
  // Standard output is the demo's own: the engine's log goes to standard error.
  const child = fork(entry, { stdio: ['ignore', 2, 2, 'ipc'] });
  const inbox = createInbox(child, onTiming);
  await inbox.next('listening');
  send(child, { kind: 'start', settings });
  const { httpAddress, ocppAddress } = await inbox.next('ready');
  return {
    pid: child.pid ?? 0,
    httpAddress,
    ocppAddress,
    async showTime(toMs) {
      send(child, { kind: 'show-time', toMs });
      await inbox.next('shown');
    },
    async advance(toMs) {
      send(child, { kind: 'advance', toMs });
      const { nextDueMs, holdsTaken } = await inbox.next('settled');
      return { nextDueMs: nextDueMs ?? undefined, holdsTaken };
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      send(child, { kind: 'stop' });
      await gone;
    },
  };
}

function send(child: ChildProcess, message: ToEngine): void {
  if (!child.connected) throw new EngineGone('the engine process has ended');
  child.send(message);
}

type MessageOf<Kind extends FromEngine['kind']> = Extract<FromEngine, { kind: Kind }>;

/** One question at a time: the next message of the wanted kind answers it, the child's end fails it. */
function createInbox(child: ChildProcess, onTiming: (name: TimingName, seconds: number) => void) {
  let waiting:
    | { kind: FromEngine['kind']; resolve: (message: FromEngine) => void; reject: (error: Error) => void }
    | undefined;
  let failure: Error | undefined;
  child.on('message', (message: FromEngine) => {
    if (message.kind === 'timings') {
      for (const { name, seconds } of message.timings) onTiming(name, seconds);
    } else if (message.kind === 'failed') {
      failure = new Error(message.message);
      waiting?.reject(failure);
    } else if (waiting?.kind === message.kind) {
      const { resolve } = waiting;
      waiting = undefined;
      resolve(message);
    }
  });
  child.once('exit', () => {
    failure ??= new EngineGone('the engine process has ended');
    waiting?.reject(failure);
  });
  return {
    next<Kind extends FromEngine['kind']>(kind: Kind): Promise<MessageOf<Kind>> {
      return new Promise((resolve, reject) => {
        if (failure !== undefined) reject(failure);
        else waiting = { kind, resolve: (message) => resolve(message as MessageOf<Kind>), reject };
      });
    },
  };
}
