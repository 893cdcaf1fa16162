import { createSystemClock } from './clock/system-clock.js';
import { type Config, NODE_ROLES } from './config.js';
import { invalidInput } from './domain/errors.js';
import type { EngineSettings } from './engine/settings.js';
import { verifyProofs } from './engine/settlement/verify-proofs.js';
import { readFeeds } from './market/feeds/known-feeds.js';
import { runPriceFeeds } from './market/feeds/run-price-feeds.js';
import { createLogger, createNodeMetrics, openApi, openEngine, openGateway, pick } from './node-parts.js';
import type { Clock } from './ports/clock.js';
import type { Logger } from './ports/logger.js';
import type { TimingName } from './ports/metrics.js';
import type { Store } from './ports/store.js';
import type { ProofVerdict, UseCases } from './ports/use-cases.js';
import { openQueue } from './queue/open-queue.js';
import { createSecrets } from './secrets.js';
import { openStore } from './store/open-store.js';

export { createLogger } from './node-parts.js';
export { startSplitNode } from './split-node.js';

/**
 * Deliveries at once; each waits for its station, over mobile networks for a second and more: 256 carry 10,000
 * stations in 40 s even then. In the store each costs a transaction, and more of them only wait for each other.
 */
const DISPATCH_CONCURRENCY = { redis: 256, store: 64 };

export interface StartOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly settings?: Partial<EngineSettings>;
  /** Hears every duration beside the metrics registry. */
  readonly onTiming?: (name: TimingName, seconds: number) => void;
}

/** A serving node of all roles. */
export interface RunningNode {
  /** e.g. `http://127.0.0.1:8080` and `ws://127.0.0.1:9220`. */
  readonly httpAddress: string;
  readonly ocppAddress: string;
  readonly useCases: UseCases;
  /** Reads the TLS files of the station end point again, for connections from now on. */
  reloadCertificates(): Promise<void>;
  /** Finishes what is in flight and closes everything, once. */
  stop(): Promise<void>;
}

/**
 * Composition root of a node that has all roles and is alone: opens the edges, hands them to the engine, serves.
 * What was opened is closed again when a later part fails to open.
 */
export async function start(config: Config, options: StartOptions = {}): Promise<RunningNode> {
  if (config.roles.length < NODE_ROLES.length) {
    throw invalidInput('EBBFLOW_ROLES', 'a node of some roles is started by startSplitNode');
  }
  const feeds = readFeeds({ feeds: config.priceFeeds ?? '', ...pick(config, 'entsoeToken') });
  const logger = options.logger ?? createLogger(config.logLevel);
  const clock = options.clock ?? createSystemClock(config.clockSpeed);
  const metrics = createNodeMetrics(options.onTiming);
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const { store, pool } = await openStore({
      dataDir: config.dataDir,
      logger,
      ...pick(config, 'databaseUrl'),
    });
    closers.push(() => store.close());
    const queue = await openQueue({
      pool,
      concurrency: config.redisUrl === undefined ? DISPATCH_CONCURRENCY.store : DISPATCH_CONCURRENCY.redis,
      logger,
      ...pick(config, 'redisUrl'),
    });
    closers.push(() => queue.close());
    const engine = await openEngine(config, {
      clock,
      store,
      queue,
      metrics,
      logger,
      ...pick(options, 'settings'),
    });
    const { useCases, stationEvents } = engine;
    const gateway = await openGateway(config, { events: stationEvents, clock, metrics, logger });
    closers.push(() => gateway.close());
    closers.push(() => engine.stop());
    await engine.start(gateway.link);
    metrics.planning(() => useCases.fleet());
    const api = await openApi(config, { useCases, metrics, logger });
    const priceFeeds = runPriceFeeds({
      feeds,
      clock,
      logger,
      deliver: (series) => useCases.putPrices(series),
      tell: (fault) => useCases.tellPriceFault(fault),
    });
    closers.push(() => priceFeeds.stop());
    closers.push(() => api.close());
    logger.info({ event: 'ready', http: api.address, ocpp: gateway.url }, 'serving');
    let stopping: Promise<void> | undefined;
    return {
      httpAddress: api.address,
      ocppAddress: gateway.url,
      useCases,
      reloadCertificates: () => gateway.reloadCertificates(),
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

/** Verifies the chain of proofs in a store that no engine uses. */
export function verifyChain(store: Store, options: { expectedHead?: string } = {}): Promise<ProofVerdict> {
  return verifyProofs(store, createSecrets().digest, options);
}
