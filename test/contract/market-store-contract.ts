import { beforeAll, describe, expect, it } from 'vitest';
import type { DispatchOrder } from '../../src/domain/dispatch.js';
import { asDispatchId } from '../../src/domain/ids.js';
import type { Store } from '../../src/ports/store.js';
import { MINUTE_MS, NOON_MS, uniqueName } from '../support/store-samples.js';

const QUARTER_MS = 15 * MINUTE_MS;

/** What a store owes the engine about prices, dispatch orders and API keys. */
export function describeMarketStore(opened: () => Store): void {
  let store: Store;
  beforeAll(() => {
    store = opened();
  });

  describe('prices', () => {
    const series = (zone: string, startMs: number, slotMinutes: number, prices: number[]) => ({
      zone,
      currency: 'EUR',
      startMs,
      slotMinutes,
      importPerKwh: prices,
      exportPerKwh: prices.map((price) => price - 0.01),
    });

    it('of a later document replace those of an earlier one slot by slot', async () => {
      const zone = uniqueName('zone');
      await store.prices.save(series(zone, NOON_MS, 15, [0.1, 0.2, 0.3, 0.4]), NOON_MS);
      await store.prices.save(series(zone, NOON_MS + QUARTER_MS, 15, [-0.5, 0.6]), NOON_MS + 1);
      const slots = await store.prices.slots({ zone, fromMs: NOON_MS, toMs: NOON_MS + 4 * QUARTER_MS });
      expect(slots.map(({ importPerKwh }) => importPerKwh)).toEqual([0.1, -0.5, 0.6, 0.4]);
      expect(slots.map(({ knownAtMs }) => knownAtMs - NOON_MS)).toEqual([0, 1, 1, 0]);
      expect(slots[1]).toEqual({
        zone,
        currency: 'EUR',
        startMs: NOON_MS + QUARTER_MS,
        slotMinutes: 15,
        importPerKwh: -0.5,
        exportPerKwh: -0.51,
        knownAtMs: NOON_MS + 1,
      });
    });

    it('of longer slots keep what a later document does not cover', async () => {
      const zone = uniqueName('zone');
      await store.prices.save(series(zone, NOON_MS, 60, [0.1]), NOON_MS);
      await store.prices.save(series(zone, NOON_MS + QUARTER_MS, 15, [0.2]), NOON_MS);
      const slots = await store.prices.slots({ zone, fromMs: NOON_MS, toMs: NOON_MS + 60 * MINUTE_MS });
      expect(
        slots.map(({ startMs, slotMinutes, importPerKwh }) => [startMs, slotMinutes, importPerKwh]),
      ).toEqual([
        [NOON_MS, 15, 0.1],
        [NOON_MS + QUARTER_MS, 15, 0.2],
        [NOON_MS + 2 * QUARTER_MS, 30, 0.1],
      ]);
    });

    it('of a year of quarter-hours are taken in one document', async () => {
      const zone = uniqueName('zone');
      const prices = Array.from({ length: 35_040 }, (_, index) => index / 1000);
      await store.prices.save(series(zone, NOON_MS, 15, prices), NOON_MS);
      const all = { zone, fromMs: NOON_MS, toMs: NOON_MS + prices.length * QUARTER_MS };
      expect(await store.prices.slots(all)).toHaveLength(35_040);
      expect(await store.prices.slots({ ...all, zone: 'elsewhere' })).toEqual([]);
    });
  });

  describe('dispatch orders', () => {
    const order = (startMs: number): DispatchOrder => ({
      dispatchId: asDispatchId(uniqueName('dispatch')),
      startMs,
      endMs: startMs + QUARTER_MS,
      targetNetKw: -120,
      reason: 'intraday',
      createdAtMs: NOON_MS,
      createdBy: 'trader-1',
      state: 'accepted',
      askedNetKw: [{ startMs, netKw: -120 }],
    });

    it('are inserted once per idempotency key', async () => {
      const key = uniqueName('key');
      const first = order(NOON_MS);
      const results = await Promise.all([
        store.dispatches.insert(first, key, 'hash-1'),
        store.dispatches.insert(order(NOON_MS), key, 'hash-2'),
      ]);
      expect(results[0]).toEqual({ order: first, existing: false, requestHash: 'hash-1' });
      expect(results[1]).toEqual({ order: first, existing: true, requestHash: 'hash-1' });
    });

    it('are listed by overlap and keep their newest state', async () => {
      const start = Date.UTC(2034, 0, 1);
      const one = order(start);
      await store.dispatches.insert(one, uniqueName('key'), 'h');
      await store.dispatches.save({ ...one, state: 'delivering' });
      expect(await store.dispatches.get(one.dispatchId)).toEqual({ ...one, state: 'delivering' });
      const list = (fromMs: number, toMs: number) => store.dispatches.list({ fromMs, toMs });
      expect(await list(start, start + 1)).toHaveLength(1);
      expect(await list(start - QUARTER_MS, start)).toEqual([]);
      expect(await list(start + QUARTER_MS, start + 2 * QUARTER_MS)).toEqual([]);
      await expect(store.dispatches.save(order(start))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });
  });

  it('finds an API key by its hash alone', async () => {
    const hash = uniqueName('hash');
    const record = {
      keyId: uniqueName('key'),
      role: 'trader' as const,
      name: 'desk',
      createdAtMs: NOON_MS,
    };
    await store.apiKeys.save(record, hash);
    expect(await store.apiKeys.findByHash(hash)).toEqual(record);
    expect(await store.apiKeys.findByHash(uniqueName('hash'))).toBeUndefined();
    expect(await store.apiKeys.list()).toContainEqual(record);
    expect(await store.apiKeys.remove(record.keyId)).toBe(true);
    expect(await store.apiKeys.remove(record.keyId)).toBe(false);
    expect(await store.apiKeys.findByHash(hash)).toBeUndefined();
  });
}
