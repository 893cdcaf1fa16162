import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { asStationId, asTransactionId, evseIdOf } from '../../../src/domain/ids.js';
import { energyWindowOf } from '../../../src/engine/sessions/energy-window.js';
import { loadMarketProducts } from '../../../src/market/market-products.js';
import { ROOT } from '../../architecture/source-files.js';
import { hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { HOUR_MS, NOON_MS, needsOf, sessionOf } from '../../support/engine/fixtures.js';
import { createMemoryStore } from '../../support/engine/memory-store.js';

const TRADER = { keyId: 'trader-1', role: 'trader' as const };

/** A market that nobody has thought of: two-hour blocks in Helsinki, 2 kW steps, gate two hours before. */
const OWN = {
  version: 1,
  id: 'my-evening-market',
  title: 'My evening market',
  zone: 'FI',
  timeZone: 'Europe/Helsinki',
  direction: 'down',
  blocks: { localBorders: ['16:00', '18:00', '20:00', '22:00'] },
  gate: { closesMinutesBeforeStart: 120 },
  currency: 'EUR',
  capacityPricing: 'pay-as-bid',
  energyPriced: false,
  minKw: 4,
  stepKw: 2,
  fullActivationS: 120,
  sustainMinutes: 30,
  powerFactor: 1.1,
  reliability: 0.8,
  signal: 'setpoint',
  measureS: 60,
  baselineMethod: 'nominated-plan',
  release: { closesMinutesBeforeStart: 30 },
  penalty: { capacityCut: true, energyPrice: 'none' },
  sources: ['the user'],
};

it('a market product that a user writes as JSON is bid for, awarded, held and given back, without any code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebbflow-own-product-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'mine.json'), JSON.stringify(OWN));
  const products = await loadMarketProducts({
    schemaFile: join(ROOT, 'schemas', 'market-product.schema.json'),
    folders: [join(ROOT, 'products'), folder],
  });
  const store = createMemoryStore();
  for (let back = 1; back <= 60; back++) {
    for (const car of [0, 1]) {
      const startedAtMs = NOON_MS - back * 24 * HOUR_MS - 2 * HOUR_MS;
      const departureMs = startedAtMs + 20 * HOUR_MS;
      const needs = needsOf({ statedAtMs: startedAtMs, receivedAtMs: startedAtMs, departureMs });
      const stationId = asStationId(`cs-${car}`);
      await store.sessions.save(
        sessionOf({
          transactionId: asTransactionId(`past-${back}-${car}`),
          stationId,
          evseId: evseIdOf(stationId, 1),
          startedAtMs,
          endedAtMs: departureMs,
          state: 'ended',
          needs,
          window: energyWindowOf(needs),
        }),
      );
    }
  }
  const rig = await startRig({ store, products });
  const { useCases } = rig.engine;
  await useCases.putPrices({ ...hourlyPrices(Array<number>(48).fill(0.2)), zone: 'FI' });
  for (const car of [0, 1]) await rig.plugIn(await rig.commission(`cs-${car}`), `tx-${car}`);
  expect(useCases.marketProducts().some(({ id }) => id === OWN.id)).toBe(true);
  // 18:00 in Helsinki.
  const startMs = NOON_MS + 4 * HOUR_MS;
  const { bid } = await useCases.createBid({ product: OWN.id, startMs }, TRADER);
  expect(bid.endMs).toBe(startMs + 2 * HOUR_MS);
  expect(bid.offeredKw).toBeGreaterThanOrEqual(OWN.minKw);
  expect(bid.offeredKw % OWN.stepKw).toBe(0);
  expect(bid.offeredKw).toBeLessThanOrEqual(22 / OWN.powerFactor);
  await useCases.awardBid(bid.bidId, { kw: bid.offeredKw, pricePerKwPerHour: 0.01 }, TRADER);
  await rig.advance(1_000);
  const held = useCases.latestPlan()?.reserves ?? [];
  expect(held).toHaveLength(8);
  for (const { awardedKw, heldKw } of held) {
    expect(awardedKw).toBe(bid.offeredKw);
    expect(heldKw).toBeCloseTo(bid.offeredKw, 2);
  }
  expect((await useCases.releaseBid(bid.bidId, bid.offeredKw, TRADER)).state).toBe('released');
});
