import type { EngineCluster } from './engine-cluster.js';
import type { EngineNode } from './engine-node.js';
import type { FaultyLink, LinkFault, PlannedFault } from './fault-plan.js';
import type { FaultProxy } from './fault-proxy.js';
import type { FaultServers } from './fault-servers.js';

/** Each chunk takes so much longer on a delayed link. */
const DELAY_MS = 400;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Does one fault and mends it after its time; resolves with what it hit when it is over. */
export async function strike(
  fault: PlannedFault,
  cluster: EngineCluster,
  servers: FaultServers,
  stationIds: readonly string[],
): Promise<string> {
  const { kind, durationMs, choice } = fault;
  const pick = <T>(among: readonly T[]): T | undefined => among[Math.floor(choice * among.length)];
  const [what, how = ''] = kind.split(':');
  if (kind.includes(':')) {
    const label = pick(stationIds) ?? '';
    // Half of the time one station, else all of them.
    const isOne = (choice * 1_000) % 1 < 0.5;
    const node = pick(what === 'postgres' ? await cluster.planners() : cluster.nodes);
    const proxy =
      what === 'station' ? cluster.stationLinks : node?.links[what as Exclude<FaultyLink, 'station'>];
    if (proxy === undefined) return 'nobody';
    const which = what === 'station' && isOne ? (name: string) => name === label : () => true;
    await strikeLink(proxy, how as LinkFault, what as FaultyLink, which, durationMs);
    return what === 'station' ? (isOne ? label : 'all stations') : `${node?.name}`;
  }
  switch (kind) {
    case 'kill-planner':
    case 'stop-planner':
    case 'sleep-planner':
      return strikeNode(
        (await cluster.planners()).find(({ isAlive }) => isAlive),
        kind,
        durationMs,
      );
    case 'kill-gateway':
    case 'stop-gateway':
    case 'sleep-gateway':
      return strikeNode(pick(cluster.gateways().filter(({ isAlive }) => isAlive)), kind, durationMs);
    case 'redis-restart':
      await servers.redis.shutDown();
      await pause(durationMs);
      await servers.redis.start();
      break;
    case 'redis-flush':
      await servers.flushRedis();
      break;
    case 'redis-full':
      await servers.setRedisFull(true);
      await pause(durationMs);
      await servers.setRedisFull(false);
      break;
    case 'queue-pause':
      await servers.pauseQueue(true);
      await pause(durationMs);
      await servers.pauseQueue(false);
      break;
    case 'postgres-restart':
      await servers.postgres.crashAndRestart();
      break;
    case 'postgres-cut':
      await servers.cutDatabaseSessions();
      break;
  }
  return 'server';
}

async function strikeNode(
  node: EngineNode | undefined,
  kind: PlannedFault['kind'],
  durationMs: number,
): Promise<string> {
  if (node === undefined) return 'nobody';
  if (kind.startsWith('sleep')) {
    node.sleep();
    await pause(durationMs);
    node.wakeUp();
    return node.name;
  }
  await (kind.startsWith('kill') ? node.kill() : node.stop());
  await pause(durationMs);
  await node.start();
  return node.name;
}

async function strikeLink(
  proxy: FaultProxy,
  how: LinkFault,
  link: FaultyLink,
  which: (label: string) => boolean,
  durationMs: number,
): Promise<void> {
  switch (how) {
    case 'reset':
      proxy.reset(which);
      return;
    case 'half-open':
      // Stations leave without a word; a server that vanishes is never heard of again on that connection.
      if (link === 'station') proxy.loseNearEnd(which);
      else proxy.loseFarEnd(which);
      return;
    case 'drop':
      proxy.drop(which);
      break;
    case 'delay':
      proxy.delay(DELAY_MS);
      break;
    case 'stall':
      proxy.stall(which);
      break;
    case 'duplicate':
      proxy.loseAnswers(which);
      await pause(durationMs);
      proxy.reset(which);
      return;
  }
  await pause(durationMs);
  proxy.mend();
}
