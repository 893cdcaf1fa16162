import { randomUUID } from 'node:crypto';
import { createSystemClock } from './clock/system-clock.js';
import { createGatewayAgent } from './cluster/gateway-agent.js';
import { type NodeBus, openNodeBus } from './cluster/node-bus.js';
import { announceTerm, watchPlanner } from './cluster/planner-term.js';
import { createRemoteUseCases, serveUseCases } from './cluster/remote-use-cases.js';
import { createStationDirectory } from './cluster/station-directory.js';
import type { Config } from './config.js';
import { invalidInput } from './domain/errors.js';
import { readFeeds } from './market/feeds/known-feeds.js';
import { runPriceFeeds } from './market/feeds/run-price-feeds.js';
import { createNodeMetrics, type NodeMetrics, openApi, openEngine, openGateway, pick } from './node-parts.js';
import type { Clock } from './ports/clock.js';
import type { Logger } from './ports/logger.js';
import { openQueue } from './queue/open-queue.js';
import { migrate } from './store/migrate.js';
import { openStore } from './store/open-store.js';
import { acquirePlannerLease, type PlannerLease } from './store/planner-lease.js';

/** Deliveries at once, as in a node of all roles. */
const DISPATCH_CONCURRENCY = 256;
/** After a term that could not begin. */
const RETRY_MS = 1_000;

/** A node of some roles. */
export interface SplitNode {
  readonly nodeId: string;
  /** With the role api the whole API, else probes and metrics alone. */
  readonly httpAddress: string;
  /** With the role gateway. */
  readonly ocppAddress?: string;
  /** Whether this node plans now. */
  isPlanning(): boolean;
  reloadCertificates(): Promise<void>;
  stop(): Promise<void>;
}

interface PlannerParts {
  readonly config: Config & { readonly databaseUrl: string; readonly redisUrl: string };
  readonly bus: NodeBus;
  readonly clock: Clock;
  readonly metrics: NodeMetrics;
  readonly logger: Logger;
}

/**
 * Starts a node of some of the roles `gateway`, `planner`, `api`, which meet over Redis. The gateway holds
 * sockets, whoever holds the planner's lease runs the engine, the API asks the engine: docs/decisions/0007.
 * @throws EbbflowError INVALID_INPUT when a role lacks its server, STORE_UNAVAILABLE when one does not answer
 */
export async function startSplitNode(config: Config, logger: Logger): Promise<SplitNode> {
  const { redisUrl, databaseUrl, roles } = config;
  if (redisUrl === undefined) throw invalidInput('EBBFLOW_ROLES', 'some roles need EBBFLOW_REDIS_URL');
  if (roles.includes('planner') && databaseUrl === undefined) {
    throw invalidInput('EBBFLOW_ROLES', 'the role planner needs EBBFLOW_DATABASE_URL');
  }
  if (config.clockSpeed !== 1) throw invalidInput('EBBFLOW_CLOCK_SPEED', 'must be 1 where roles are split');
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const nodeId = randomUUID();
    const clock = createSystemClock();
    const metrics = createNodeMetrics();
    const bus = await openNodeBus(redisUrl, nodeId, logger);
    closers.push(() => bus.close());
    const planner = watchPlanner(bus);

    let isPlanning = () => false;
    if (roles.includes('planner') && databaseUrl !== undefined) {
      const candidate = createCandidate({
        config: { ...config, databaseUrl, redisUrl },
        bus,
        clock,
        metrics,
        logger,
      });
      closers.push(() => candidate.stop());
      isPlanning = candidate.isPlanning;
    }

    const remote = createRemoteUseCases(bus, planner, clock);
    closers.push(() => remote.stop());
    let ocppAddress: string | undefined;
    let reloadCertificates = async () => {};
    if (roles.includes('gateway')) {
      const agent = createGatewayAgent(bus, planner, logger);
      closers.push(() => agent.stop());
      const gateway = await openGateway(config, { events: agent.events, clock, metrics, logger });
      closers.push(() => gateway.close());
      agent.serve(gateway.link);
      ocppAddress = gateway.url;
      reloadCertificates = gateway.reloadCertificates;
    }
    const api = await openApi(config, {
      useCases: remote.useCases,
      metrics,
      logger,
      probesOnly: !roles.includes('api'),
    });
    closers.push(() => {
      // The API waits for its questions, and these wait for a planner: for longer than a stop may take.
      remote.stop();
      return api.close();
    });
    logger.info({ event: 'ready', http: api.address, ocpp: ocppAddress, roles, nodeId }, 'serving');
    let stopping: Promise<void> | undefined;
    return {
      nodeId,
      httpAddress: api.address,
      ...(ocppAddress === undefined ? {} : { ocppAddress }),
      isPlanning: () => isPlanning(),
      reloadCertificates,
      stop() {
        stopping ??= closeAll();
        return stopping;
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** standby → (lease) planning → (lease lost) standby …, until it is stopped. */
function createCandidate(parts: PlannerParts): { isPlanning(): boolean; stop(): Promise<void> } {
  const { config, bus, logger } = parts;
  const abort = new AbortController();
  const stopped = new Promise<void>((resolve) => abort.signal.addEventListener('abort', () => resolve()));
  let lease: PlannerLease | undefined;

  async function run(): Promise<void> {
    while (!abort.signal.aborted) {
      try {
        await migrate({ databaseUrl: config.databaseUrl, dataDir: config.dataDir, logger });
        lease = await acquirePlannerLease(config.databaseUrl, bus.nodeId, logger, abort.signal);
        if (lease === undefined) return;
        await plan(parts, lease, stopped);
      } catch (error) {
        logger.error({ err: error }, 'this node could not plan; tried again');
        await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, RETRY_MS))]);
      } finally {
        await lease?.release();
        lease = undefined;
      }
    }
  }

  const running = run();
  return {
    isPlanning: () => lease?.isHeld() ?? false,
    async stop() {
      abort.abort();
      await running;
    },
  };
}

/** One term: the whole engine on what the store holds, until the lease is lost or the node stops. */
async function plan(parts: PlannerParts, lease: PlannerLease, stopped: Promise<void>): Promise<void> {
  const { config, bus, clock, metrics, logger } = parts;
  const { token, isHeld } = lease;
  const closers: (() => Promise<void> | void)[] = [];
  let isOver = false;
  const isActing = () => !isOver && isHeld();
  try {
    const { store, pool } = await openStore({
      databaseUrl: config.databaseUrl,
      dataDir: config.dataDir,
      plannerToken: token,
      logger,
    });
    closers.push(() => store.close());
    const queue = await openQueue({
      pool,
      redisUrl: config.redisUrl,
      concurrency: DISPATCH_CONCURRENCY,
      logger,
    });
    closers.push(() => queue.close());
    const engine = await openEngine(config, { clock, store, queue, metrics, logger });
    const directory = createStationDirectory(bus, {
      token,
      isHeld: isActing,
      events: engine.stationEvents,
      logger,
    });
    closers.push(() => directory.stop());
    await engine.start(directory.link);
    closers.push(() => engine.stop());
    const { useCases } = engine;
    closers.push(serveUseCases(bus, useCases, isActing));
    const priceFeeds = runPriceFeeds({
      feeds: readFeeds({ feeds: config.priceFeeds ?? '', ...pick(config, 'entsoeToken') }),
      clock,
      logger,
      deliver: (series) => useCases.putPrices(series),
      tell: (fault) => useCases.tellPriceFault(fault),
    });
    closers.push(() => priceFeeds.stop());
    metrics.planning(() => (isActing() ? engine.useCases.fleet() : undefined));
    closers.push(announceTerm(bus, token));
    logger.info({ event: 'planning', token }, 'this node plans');
    await Promise.race([lease.lost, stopped]);
  } finally {
    // From here on gateways wait for the next planner.
    isOver = true;
    metrics.planning(() => undefined);
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  }
}
