import type { DispatchOrder } from '../../src/domain/dispatch.js';
import { asDispatchId, asEvseId } from '../../src/domain/ids.js';
import { createAnnouncer } from '../../src/engine/announcer.js';
import type { EngineContext } from '../../src/engine/context.js';
import { DEFAULT_SETTINGS } from '../../src/engine/settings.js';
import { createDeliveries } from '../../src/engine/settlement/deliveries.js';
import { createProofs } from '../../src/engine/settlement/proofs.js';
import { createState } from '../../src/engine/state.js';
import type { Store } from '../../src/ports/store.js';
import { createSecrets } from '../../src/secrets.js';
import { FakeClock } from './fake-clock.js';
import {
  MINUTE_MS,
  NOON_MS,
  quietLogger,
  sampleBid,
  samplePlan,
  sampleProfile,
  sampleReading,
  sampleRecord,
} from './store-samples.js';

/** Fills an empty store with an awarded bid and two orders of half an hour from noon on, and seals both reports. */
export async function sealTwoOrders(store: Store): Promise<void> {
  const metrics = { count: () => undefined, observeSeconds: () => undefined };
  const context: EngineContext = {
    clock: new FakeClock(NOON_MS + 120 * MINUTE_MS),
    store,
    secrets: createSecrets(),
    metrics,
    logger: quietLogger,
    settings: DEFAULT_SETTINGS,
    state: createState(),
    announcer: createAnnouncer(quietLogger, metrics),
    stopwatchMs: () => 0,
  };
  const award = { kw: 100, pricePerKwPerHour: 0.02, awardedAtMs: NOON_MS, awardedBy: 'trader-1' };
  await store.bids.insert({
    ...sampleBid('bid-1'),
    startMs: NOON_MS,
    endMs: NOON_MS + 60 * MINUTE_MS,
    award,
  });
  await store.plans.save(samplePlan(NOON_MS - MINUTE_MS, NOON_MS - MINUTE_MS, [5, 5, 5, 5]));
  const evseId = asEvseId('cs-1/1');
  await store.profiles.saveAcknowledged({
    evseId,
    revision: 1,
    outcome: { status: 'accepted' },
    atMs: NOON_MS,
    profile: { ...sampleProfile(evseId, 1), validToMs: NOON_MS + 60 * MINUTE_MS },
  });
  const record = sampleRecord('tx-1', 0);
  const readings = Array.from({ length: 50 }, (_, minute) =>
    sampleReading(NOON_MS + minute * MINUTE_MS, 1000 + minute * 100),
  );
  await store.sessions.recordEvent({ ...record, event: { ...record.event, readings } });
  for (const name of ['d-1', 'd-2']) {
    const order: DispatchOrder = {
      dispatchId: asDispatchId(name),
      startMs: NOON_MS,
      endMs: NOON_MS + 30 * MINUTE_MS,
      targetNetKw: -6,
      reason: 'test',
      createdAtMs: NOON_MS - MINUTE_MS,
      createdBy: 'trader-1',
      state: 'delivered',
      askedNetKw: [{ startMs: NOON_MS, netKw: -6 }],
    };
    await store.dispatches.insert(order, name, name);
    const orders = { get: (dispatchId: DispatchOrder['dispatchId']) => store.dispatches.get(dispatchId) };
    const deliveries = createDeliveries(context, { orders });
    await createProofs(context, { orders, deliveries }).seal(order.dispatchId);
  }
}
