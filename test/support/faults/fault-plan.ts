import type { Random } from '../../../src/simulator/seeded-random.js';

/** What networks do to the connections of one kind. */
const LINK_FAULTS = ['drop', 'delay', 'stall', 'half-open', 'reset', 'duplicate'] as const;
export type LinkFault = (typeof LINK_FAULTS)[number];
const LINKS = ['station', 'redis', 'postgres'] as const;
export type FaultyLink = (typeof LINKS)[number];

/**
 * Nodes: `kill` is SIGKILL, `stop` SIGTERM (a rolling restart), `sleep` SIGSTOP. Servers: `full` is Redis out of
 * memory, `flush` FLUSHALL, `pause` the queue paused by hand, `restart` a crash, `cut` every session terminated.
 * Links: `duplicate` loses the answers, so that what was sent is sent again; `half-open` loses one end for good.
 */
export const FAULT_KINDS = [
  'kill-planner',
  'kill-gateway',
  'stop-planner',
  'stop-gateway',
  'sleep-planner',
  'sleep-gateway',
  'redis-restart',
  'redis-flush',
  'redis-full',
  'queue-pause',
  'postgres-restart',
  'postgres-cut',
  ...LINKS.flatMap((link) => LINK_FAULTS.map((fault) => `${link}:${fault}` as const)),
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface PlannedFault {
  readonly kind: FaultKind;
  /** From the beginning of the run. */
  readonly atMs: number;
  readonly durationMs: number;
  /** In [0, 1): chooses among the targets that are there when it strikes. */
  readonly choice: number;
}

/** Faults begin within this time. */
const WINDOW_MS = 6_000;
const MIN_FAULTS = 3;
const MAX_FAULTS = 6;
const LONGEST_MS = 4_000;
/** Longer than a lease (5 s): another planner has taken over before the sleeper wakes. */
const SLEEP_MS = 7_000;

/** The faults of one run, in the order in which they begin; several may hold at once. */
export function planFaults(random: Random): PlannedFault[] {
  const count = MIN_FAULTS + Math.floor(random() * (MAX_FAULTS - MIN_FAULTS + 1));
  const faults = Array.from({ length: count }, (): PlannedFault => {
    const kind = FAULT_KINDS[Math.floor(random() * FAULT_KINDS.length)] ?? 'kill-planner';
    return {
      kind,
      atMs: Math.floor(random() * WINDOW_MS),
      durationMs: kind.startsWith('sleep') ? SLEEP_MS : 200 + Math.floor(random() * LONGEST_MS),
      choice: random(),
    };
  });
  return faults.sort((one, other) => one.atMs - other.atMs);
}

/** Everything of ours is dead for longer than the dead-man time, while cars export. */
export function planSilence(deadManMs: number): PlannedFault[] {
  return (['kill-planner', 'kill-planner', 'kill-gateway', 'kill-gateway'] as const).map((kind, index) => ({
    kind,
    atMs: 100 * index,
    durationMs: deadManMs + 10_000,
    choice: 0,
  }));
}
