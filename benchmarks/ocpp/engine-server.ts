import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createSystemClock } from '../../src/clock/system-clock.js';
import { asStationId } from '../../src/domain/ids.js';
import { createEngine } from '../../src/engine/engine.js';
import { DEFAULT_SETTINGS } from '../../src/engine/settings.js';
import { createGateway } from '../../src/ocpp/gateway/create-gateway.js';
import type { GatewayLimits } from '../../src/ocpp/gateway/gateway-options.js';
import { openQueue } from '../../src/queue/open-queue.js';
import { createSecrets } from '../../src/secrets.js';
import { openStore } from '../../src/store/open-store.js';
import { serveParent, usage } from './child.js';
import { PASSWORD } from './stations.js';

/** The product's engine, store, queue and gateway, with stations registered by name: `honest-…`, `hostile-…`. */
const [limitsName = 'product', honest = '0', hostile = '0'] = process.argv.slice(2);

/** Without the limits that shut a fuzzer out, so that every frame of it is read. */
const EVERY_FRAME_IS_READ: Partial<GatewayLimits> = {
  faultBudget: { burst: 1e9, perSecond: 1 },
  inboundPace: { burst: 1e9, perSecond: 1 },
  connectionsPerStation: { burst: 1e9, perSecond: 1 },
  maxInboundCalls: 1_000,
};

const folder = await mkdtemp(path.join(os.tmpdir(), 'ebbflow-fuzz-'));
const counts = new Map<string, number>();
let logLines = 0;
const note = (): void => {
  logLines += 1;
};
/** Failures that are told word for word. */
const MAX_FAILURES = 20;
const failures: string[] = [];
const logger = {
  ...{ debug: () => {}, info: note, error: note },
  warn({ kind, action, detail }: { kind?: string; action?: string; detail?: string }) {
    note();
    if (kind === 'handler-failed' && failures.length < MAX_FAILURES) failures.push(`${action}: ${detail}`);
  },
};
const metrics = {
  count(name: string, labels: Readonly<Record<string, string>> = {}) {
    const key = [name, ...Object.values(labels)].join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  },
  observeSeconds: () => {},
};
const clock = createSystemClock(1);
const secrets = createSecrets();
const { store, pool } = await openStore({ dataDir: folder, logger });
const queue = await openQueue({ pool, concurrency: 8, logger });
const engine = await createEngine({
  ...{ clock, store, queue, metrics, logger, secrets, settings: DEFAULT_SETTINGS },
  stopwatchMs: () => performance.now(),
});
const gateway = await createGateway({
  ...{ host: '127.0.0.1', port: 0, auth: 'basic', events: engine.stationEvents, clock, metrics, logger },
  limits: limitsName === 'product' ? {} : EVERY_FRAME_IS_READ,
});
await engine.start(gateway.link);
const names = [
  ...Array.from({ length: Number(honest) }, (_, index) => `honest-${index}`),
  ...Array.from({ length: Number(hostile) }, (_, index) => `hostile-${index}`),
];
const hash = await secrets.hashPassword(PASSWORD);
for (const name of names) {
  await engine.useCases.registerStation({ stationId: asStationId(name) });
  await store.stations.setPasswordHash(asStationId(name), hash);
}
serveParent(gateway.address.port, {
  usage,
  counts: () => ({
    logLines,
    counts: Object.fromEntries(counts),
    failures,
  }),
});
process.on('SIGTERM', () => {
  void rm(folder, { recursive: true, force: true }).finally(() => process.exit(0));
});
