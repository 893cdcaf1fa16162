import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names one run of one process. The pid alone does not: it is used again, in a container even at once.
 * Fields that the system does not tell are absent (only Linux has /proc).
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start of the process, clock ticks since boot. */
  readonly startTicks?: string;
  readonly bootId?: string;
  /** Pids of another namespace (container) cannot be looked up. */
  readonly pidNamespace?: string;
}

export function ownIdentity(): ProcessIdentity {
  const startTicks = startTicksOf(process.pid);
  const bootId = readText('/proc/sys/kernel/random/boot_id');
  const pidNamespace = readPidNamespace();
  return {
    pid: process.pid,
    ...(startTicks === undefined ? {} : { startTicks }),
    ...(bootId === undefined ? {} : { bootId }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
  };
}

/** Whether that very process still runs; undefined when it cannot be known from here. */
export function isRunning(identity: ProcessIdentity): boolean | undefined {
  const own = ownIdentity();
  if (identity.bootId !== own.bootId) return false;
  if (identity.pidNamespace !== own.pidNamespace) return undefined;
  if (!existsPid(identity.pid)) return false;
  const startTicks = startTicksOf(identity.pid);
  if (identity.startTicks === undefined || startTicks === undefined) return undefined;
  return identity.startTicks === startTicks;
}

function existsPid(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** proc(5): field 22 of /proc/PID/stat. Field 2, the command, is in brackets and may hold anything. */
function startTicksOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function readPidNamespace(): string | undefined {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return undefined;
  }
}
