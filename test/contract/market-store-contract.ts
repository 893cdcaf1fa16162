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
        kind: 'day-ahead',
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

    it('that say the same as before keep the time they were first known', async () => {
      const zone = uniqueName('zone');
      const all = { zone, fromMs: NOON_MS, toMs: NOON_MS + 4 * QUARTER_MS };
      expect(await store.prices.save(series(zone, NOON_MS, 15, [0.1, 0.2, 0.3, 0.4]), NOON_MS)).toBe(4);
      expect(await store.prices.save(series(zone, NOON_MS, 15, [0.1, 0.2, 0.3, 0.4]), NOON_MS + 5)).toBe(0);
      expect(await store.prices.save(series(zone, NOON_MS, 15, [0.9, 0.2, 0.8, 0.4]), NOON_MS + 6)).toBe(2);
      const slots = await store.prices.slots(all);
      expect(slots.map(({ importPerKwh, knownAtMs }) => [importPerKwh, knownAtMs - NOON_MS])).toEqual([
        [0.9, 6],
        [0.2, 0],
        [0.8, 6],
        [0.4, 0],
      ]);
    });

    it('that were revised can be read as they were known at any time, partly covered long slots too', async () => {
      const zone = uniqueName('zone');
      const all = { zone, fromMs: NOON_MS, toMs: NOON_MS + 4 * QUARTER_MS };
      await store.prices.save(series(zone, NOON_MS, 60, [0.1]), NOON_MS);
      await store.prices.save(series(zone, NOON_MS + QUARTER_MS, 15, [0.2]), NOON_MS + 10);
      await store.prices.save(series(zone, NOON_MS + QUARTER_MS, 15, [0.3]), NOON_MS + 20);
      const pricesAsOf = async (asOfMs: number) => {
        const slots = await store.prices.slots({ ...all, asOfMs });
        return slots.map(({ slotMinutes, importPerKwh }) => [slotMinutes, importPerKwh]);
      };
      expect(await pricesAsOf(NOON_MS - 1)).toEqual([]);
      expect((await pricesAsOf(NOON_MS + 9)).map(([minutes]) => minutes)).toEqual([15, 15, 30]);
      expect((await pricesAsOf(NOON_MS + 9)).map(([, price]) => price)).toEqual([0.1, 0.1, 0.1]);
      expect((await pricesAsOf(NOON_MS + 10)).map(([, price]) => price)).toEqual([0.1, 0.2, 0.1]);
      expect((await pricesAsOf(NOON_MS + 20)).map(([, price]) => price)).toEqual([0.1, 0.3, 0.1]);
    });

    it('of a lower revision of the same source never replace a higher one', async () => {
      const zone = uniqueName('zone');
      const said = (revision: number, price: number, source = 'exchange') => ({
        ...series(zone, NOON_MS, 15, [price]),
        source,
        revision,
      });
      await store.prices.save(said(2, 0.2), NOON_MS);
      expect(await store.prices.save(said(1, 0.1), NOON_MS + 1)).toBe(0);
      const [kept] = await store.prices.slots({ zone, fromMs: NOON_MS, toMs: NOON_MS + 1 });
      expect(kept).toMatchObject({ importPerKwh: 0.2, revision: 2, source: 'exchange', knownAtMs: NOON_MS });
      expect(await store.prices.save(said(3, 0.3), NOON_MS + 2)).toBe(1);
      expect(await store.prices.save(said(1, 0.4, 'another'), NOON_MS + 3)).toBe(1);
    });

    it('of different markets stand beside each other', async () => {
      const zone = uniqueName('zone');
      const query = { zone, fromMs: NOON_MS, toMs: NOON_MS + QUARTER_MS };
      await store.prices.save(series(zone, NOON_MS, 15, [0.1]), NOON_MS);
      await store.prices.save({ ...series(zone, NOON_MS, 15, [0.7]), kind: 'imbalance' }, NOON_MS);
      expect((await store.prices.slots(query)).map(({ importPerKwh }) => importPerKwh)).toEqual([0.1]);
      const [imbalance] = await store.prices.slots({ ...query, kind: 'imbalance' });
      expect(imbalance).toMatchObject({ kind: 'imbalance', importPerKwh: 0.7 });
      expect(await store.prices.slots({ ...query, kind: 'intraday' })).toEqual([]);
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
      const results = await Promise.all(
        ['hash-1', 'hash-2'].map((hash) => store.dispatches.insert(order(NOON_MS), key, hash)),
      );
      const [inserted, found] = results.sort((a, b) => Number(a.existing) - Number(b.existing));
      expect(inserted?.existing).toBe(false);
      expect(found).toEqual({ ...inserted, existing: true });
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
