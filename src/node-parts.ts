import path from 'node:path';
import { type Logger as PinoLogger, pino } from 'pino';
import { type Api, createApi } from './api/create-api.js';
import { createMetricsRegistry, type MetricsRegistry } from './api/metrics-registry.js';
import type { Config } from './config.js';
import { invalidInput } from './domain/errors.js';
import { createEngine, type Engine } from './engine/engine.js';
import { DEFAULT_SETTINGS, type EngineSettings } from './engine/settings.js';
import { assertCalendars, loadHolidayCalendars, loadMarketProducts } from './market/market-products.js';
import { parsePriceFileNative } from './market/price-file.js';
import { createGateway } from './ocpp/gateway/create-gateway.js';
import type { Gateway } from './ocpp/gateway/gateway-options.js';
import type { Clock } from './ports/clock.js';
import type { DispatchQueue } from './ports/dispatch-queue.js';
import type { Logger } from './ports/logger.js';
import type { Metrics, TimingName } from './ports/metrics.js';
import type { StationEvents } from './ports/station-events.js';
import type { Store } from './ports/store.js';
import type { AskableUseCases, FleetSnapshot } from './ports/use-cases.js';
import { projectRoot } from './project-root.js';
import { createSecrets } from './secrets.js';

/** The registry of one process; its fleet is that of the engine that runs in it now, if one does. */
export interface NodeMetrics extends Metrics {
  readonly registry: MetricsRegistry;
  planning(fleet: () => FleetSnapshot | undefined): void;
}

export function createNodeMetrics(onTiming?: (name: TimingName, seconds: number) => void): NodeMetrics {
  const registry = createMetricsRegistry();
  let isAttached = false;
  let current: () => FleetSnapshot | undefined = () => undefined;
  return {
    registry,
    count: (name, labels, by) => registry.count(name, labels, by),
    observeSeconds(name, seconds) {
      registry.observeSeconds(name, seconds);
      onTiming?.(name, seconds);
    },
    planning(fleet) {
      current = fleet;
      if (!isAttached) registry.attachFleet(() => current());
      isAttached = true;
    },
  };
}

interface EngineEdges {
  readonly clock: Clock;
  readonly store: Store;
  readonly queue: DispatchQueue;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly settings?: Partial<EngineSettings>;
}

/** The engine over opened edges, with the products and secrets of this machine. */
export async function openEngine(config: Config, edges: EngineEdges): Promise<Engine> {
  const { settings, ...rest } = edges;
  return createEngine({
    ...rest,
    secrets: createSecrets(),
    ...(await marketDocuments(config.dataDir)),
    settings: settingsFrom(config, settings),
    stopwatchMs: () => performance.now(),
    ...pick(config, 'adminKey'),
  });
}

/** Market products and holiday calendars: the presets, and those of the data directory. */
async function marketDocuments(dataDir: string) {
  const of = (name: string, schema: string) => ({
    schemaFile: path.join(projectRoot(), 'schemas', `${schema}.schema.json`),
    folders: [path.join(projectRoot(), name), path.join(dataDir, name)],
  });
  const products = await loadMarketProducts(of('products', 'market-product'));
  const calendars = await loadHolidayCalendars(of('holidays', 'holiday-calendar'));
  assertCalendars(products, calendars);
  return { products, calendars };
}

/** The OCPP end point as configured; `url` e.g. `ws://127.0.0.1:9220`. */
export async function openGateway(
  config: Config,
  edges: {
    readonly events: StationEvents;
    readonly clock: Clock;
    readonly metrics: Metrics;
    readonly logger: Logger;
  },
): Promise<Gateway & { readonly url: string }> {
  const gateway = await onPort('EBBFLOW_OCPP_PORT', config.ocppPort, () =>
    createGateway({
      host: config.host,
      port: config.ocppPort,
      auth: config.stationAuth,
      ...pick(config, 'plainWs'),
      ...(config.stationTls === undefined ? {} : { tls: config.stationTls }),
      ...edges,
    }),
  );
  const { scheme, host, port } = gateway.address;
  return { ...gateway, url: `${scheme}://${host}:${port}` };
}

/** The HTTP server as configured: the whole API with its page, or probes and metrics alone. */
export function openApi(
  config: Config,
  edges: {
    readonly useCases: AskableUseCases;
    readonly metrics: NodeMetrics;
    readonly logger: Logger;
    readonly probesOnly?: boolean;
  },
): Promise<Api> {
  return onPort('EBBFLOW_HTTP_PORT', config.httpPort, () =>
    createApi({
      useCases: edges.useCases,
      parsePriceFile: (contentType, text, options) => parsePriceFileNative({ contentType, text, ...options }),
      metrics: edges.metrics.registry,
      logger: edges.logger,
      host: config.host,
      port: config.httpPort,
      ...(edges.probesOnly
        ? { probesOnly: true }
        : { dashboardDir: path.join(projectRoot(), 'dist', 'dashboard') }),
    }),
  );
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

/** JSON lines on standard output. */
export function createLogger(level: string): PinoLogger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

function settingsFrom(config: Config, overrides: Partial<EngineSettings> = {}): EngineSettings {
  const {
    planIntervalS,
    meterIntervalS,
    meterDecides,
    deadManS,
    wearPerKwh,
    priceKind,
    dispatchNoticeS,
    stationAuth,
  } = config;
  return {
    ...DEFAULT_SETTINGS,
    planIntervalS,
    meterIntervalS,
    meterDecides,
    deadManS,
    wearPerKwh,
    priceKind,
    dispatchNoticeS,
    ...pick(config, 'priceZone'),
    registerUnknownStations: stationAuth === 'open',
    ...overrides,
  };
}

export function pick<T extends object, K extends keyof T>(
  source: T,
  key: K,
): { [P in K]?: Exclude<T[P], undefined> } {
  return source[key] === undefined ? {} : ({ [key]: source[key] } as { [P in K]?: Exclude<T[P], undefined> });
}
