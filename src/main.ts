import path from 'node:path';
import { type Logger as PinoLogger, pino } from 'pino';
import { createApi } from './api/create-api.js';
import { createMetricsRegistry } from './api/metrics-registry.js';
import { createSystemClock } from './clock/system-clock.js';
import { type Config, NODE_ROLES } from './config.js';
import { invalidInput } from './domain/errors.js';
import { createEngine } from './engine/engine.js';
import { DEFAULT_SETTINGS, type EngineSettings } from './engine/settings.js';
import { verifyProofs } from './engine/settlement/verify-proofs.js';
import { readFeeds } from './market/feeds/known-feeds.js';
import { runPriceFeeds } from './market/feeds/run-price-feeds.js';
import { loadMarketProducts } from './market/market-products.js';
import { parsePriceFile } from './market/price-file.js';
import { createGateway } from './ocpp/gateway/create-gateway.js';
import type { Clock } from './ports/clock.js';
import type { Logger } from './ports/logger.js';
import type { Metrics, TimingName } from './ports/metrics.js';
import type { Store } from './ports/store.js';
import type { ProofVerdict, UseCases } from './ports/use-cases.js';
import { projectRoot } from './project-root.js';
import { openQueue } from './queue/open-queue.js';
import { createSecrets } from './secrets.js';
import { openStore } from './store/open-store.js';

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

/** A serving node. */
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
 * Composition root: opens the edges, hands them to the engine, serves.
 * What was opened is closed again when a later part fails to open.
 */
export async function start(config: Config, options: StartOptions = {}): Promise<RunningNode> {
  if (config.roles.length < NODE_ROLES.length) {
    throw invalidInput('EBBFLOW_ROLES', 'this version runs all roles in one node; leave it unset');
  }
  const feeds = readFeeds({ feeds: config.priceFeeds ?? '', ...pick(config, 'entsoeToken') });
  const logger = options.logger ?? createLogger(config.logLevel);
  const clock = options.clock ?? createSystemClock(config.clockSpeed);
  const registry = createMetricsRegistry();
  const metrics: Metrics = {
    count: (name, labels, by) => registry.count(name, labels, by),
    observeSeconds(name, seconds) {
      registry.observeSeconds(name, seconds);
      options.onTiming?.(name, seconds);
    },
  };
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
    const engine = await createEngine({
      clock,
      store,
      queue,
      metrics,
      logger,
      secrets: createSecrets(),
      products: await loadMarketProducts({
        schemaFile: path.join(projectRoot(), 'schemas', 'market-product.schema.json'),
        folders: [path.join(projectRoot(), 'products'), path.join(config.dataDir, 'products')],
      }),
      settings: settingsFrom(config, options.settings),
      stopwatchMs: () => performance.now(),
      ...pick(config, 'adminKey'),
    });
    const gateway = await onPort('EBBFLOW_OCPP_PORT', config.ocppPort, () =>
      createGateway({
        host: config.host,
        port: config.ocppPort,
        auth: config.stationAuth,
        ...pick(config, 'plainWs'),
        ...(config.stationTls === undefined ? {} : { tls: config.stationTls }),
        events: engine.stationEvents,
        clock,
        metrics,
        logger,
      }),
    );
    closers.push(() => gateway.close());
    closers.push(() => engine.stop());
    await engine.start(gateway.link);
    registry.attachFleet(() => engine.useCases.fleet());
    const api = await onPort('EBBFLOW_HTTP_PORT', config.httpPort, () =>
      createApi({
        useCases: engine.useCases,
        parsePriceFile: (contentType, text, options) => parsePriceFile({ contentType, text, ...options }),
        metrics: registry,
        logger,
        host: config.host,
        port: config.httpPort,
        dashboardDir: path.join(projectRoot(), 'dist', 'dashboard'),
      }),
    );
    const priceFeeds = runPriceFeeds({
      feeds,
      clock,
      logger,
      deliver: (series) => engine.useCases.putPrices(series),
      tell: (fault) => engine.useCases.tellPriceFault(fault),
    });
    closers.push(() => priceFeeds.stop());
    closers.push(() => api.close());
    const { scheme, host, port } = gateway.address;
    const ocppAddress = `${scheme}://${host}:${port}`;
    logger.info({ event: 'ready', http: api.address, ocpp: ocppAddress }, 'serving');
    let stopping: Promise<void> | undefined;
    return {
      httpAddress: api.address,
      ocppAddress,
      useCases: engine.useCases,
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

/** Says which setting named the port that cannot be had. */
async function onPort<T>(setting: string, port: number, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw invalidInput(setting, `port ${port} is taken by another program`);
    if (code === 'EACCES') throw invalidInput(setting, `port ${port} needs a privilege that is not there`);
    if (code === 'EADDRNOTAVAIL') throw invalidInput('EBBFLOW_HOST', 'is not an address of this machine');
    throw error;
  }
}

/** Verifies the chain of proofs in a store that no engine uses. */
export function verifyChain(store: Store, options: { expectedHead?: string } = {}): Promise<ProofVerdict> {
  return verifyProofs(store, createSecrets().digest, options);
}

/** JSON lines on standard output. */
export function createLogger(level: string): PinoLogger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

function settingsFrom(config: Config, overrides: Partial<EngineSettings> = {}): EngineSettings {
  const { planIntervalS, meterIntervalS, deadManS, wearPerKwh, priceKind, dispatchNoticeS, stationAuth } =
    config;
  return {
    ...DEFAULT_SETTINGS,
    planIntervalS,
    meterIntervalS,
    deadManS,
    wearPerKwh,
    priceKind,
    dispatchNoticeS,
    ...pick(config, 'priceZone'),
    registerUnknownStations: stationAuth === 'open',
    ...overrides,
  };
}

function pick<T extends object, K extends keyof T>(
  source: T,
  key: K,
): { [P in K]?: Exclude<T[P], undefined> } {
  return source[key] === undefined ? {} : ({ [key]: source[key] } as { [P in K]?: Exclude<T[P], undefined> });
}
