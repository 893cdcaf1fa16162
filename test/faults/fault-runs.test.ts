import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterShape } from '../support/faults/engine-cluster.js';
import type { FaultKind } from '../support/faults/fault-plan.js';
import { runFaults } from '../support/faults/fault-run.js';
import { type FaultServers, startFaultServers } from '../support/faults/fault-servers.js';

/*
 * The short form of benchmarks/fault-runs.ts: chosen faults instead of drawn ones, the same invariants
 * (docs/faults.md). Processes, servers and sockets are real, and so is the time.
 */
interface Case {
  readonly what: string;
  readonly shape: ClusterShape;
  /** Each a second after the one before. */
  readonly kinds: readonly FaultKind[];
}

const CASES: readonly Case[] = [
  {
    what: 'a planner and a gateway killed while a station is half open: another plans, stations move with their work',
    shape: 'split',
    kinds: ['station:half-open', 'kill-planner', 'kill-gateway'],
  },
  {
    what: 'a rolling restart of planners and gateways, with answers lost on the way',
    shape: 'split',
    kinds: ['stop-gateway', 'station:duplicate', 'stop-planner', 'stop-gateway', 'stop-planner'],
  },
  {
    what: 'Redis full, flushed, its queue paused, and gone',
    shape: 'split',
    kinds: ['redis-full', 'redis-flush', 'queue-pause', 'redis-restart'],
  },
  {
    what: 'one node of all roles without Redis, without PostgreSQL, and killed',
    shape: 'single',
    kinds: ['redis:drop', 'postgres-restart', 'postgres:drop', 'kill-planner'],
  },
];
const SECOND_MS = 1_000;

describe('from the stations’ own logs nothing is stale and nothing is lost after', () => {
  let servers: FaultServers;
  beforeAll(async () => {
    servers = await startFaultServers();
  });
  afterAll(() => servers.stop());

  it.each(CASES)(
    '$what',
    async ({ shape, kinds }) => {
      const faults = kinds.map((kind, index) => ({
        kind,
        atMs: index * SECOND_MS,
        durationMs: SECOND_MS,
        choice: index / kinds.length,
      }));
      const { logs, ...run } = await runFaults(7, servers, { shape, faults });
      expect(run.violations, logs).toEqual([]);
      expect(run.eventsAcknowledged).toBeGreaterThan(0);
    },
    180_000,
  );
});
