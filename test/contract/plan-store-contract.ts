import { beforeAll, describe, expect, it } from 'vitest';
import { asStationId, asTransactionId, evseIdOf } from '../../src/domain/ids.js';
import type { Store } from '../../src/ports/store.js';
import { MINUTE_MS, samplePlan, uniqueName } from '../support/store-samples.js';

const QUARTER_MS = 15 * MINUTE_MS;

/** What a store owes the engine about plans. */
export function describePlanStore(opened: () => Store): void {
  let store: Store;
  beforeAll(() => {
    store = opened();
  });

  describe('plans', () => {
    it('answer with the newest as the latest, whole', async () => {
      const plan = samplePlan(Date.UTC(2040, 0, 1), Date.UTC(2040, 0, 1), [1.5, -2.25]);
      await store.plans.save(plan);
      await store.plans.save(samplePlan(Date.UTC(2039, 0, 1), Date.UTC(2039, 0, 1), [9]));
      expect(await store.plans.latest()).toEqual(plan);
      const twin = samplePlan(Date.UTC(2040, 0, 1), Date.UTC(2040, 0, 1), [3]);
      await store.plans.save(twin);
      expect(await store.plans.latest()).toEqual(twin);
    });

    it('tell the planned power of each slot by the newest plan made before the slot ended', async () => {
      const start = Date.UTC(2032, 5, 1);
      const at = (slots: number) => start + slots * QUARTER_MS;
      await store.plans.save(samplePlan(at(0), at(0), [10, 11, 12, 13]));
      await store.plans.save(samplePlan(at(1.5), at(1), [21, 22, 23]));
      await store.plans.save(samplePlan(at(2), at(2), [32]));
      await store.plans.save(samplePlan(at(9), at(0), [90, 91, 92, 93, 94]));
      const slot = (index: number, netKw: number) => ({ startMs: at(index), slotMinutes: 15, netKw });
      expect(await store.plans.plannedNetKw(at(0), at(4))).toEqual([
        slot(0, 10),
        slot(1, 21),
        slot(2, 32),
        slot(3, 23),
      ]);
      expect(await store.plans.plannedNetKw(at(1.5), at(2))).toEqual([slot(1, 21)]);
    });

    it('tell the planned power of single EVSEs, added up, as it stood when each slot began', async () => {
      const start = Date.UTC(2034, 5, 1);
      const at = (slots: number) => start + slots * QUARTER_MS;
      const [left, right] = [evseIdOf(asStationId('left'), 1), evseIdOf(asStationId('right'), 1)];
      const planned = (evseId: typeof left, firstSlot: number, netKw: number[]) => ({
        transactionId: asTransactionId(uniqueName('tx')),
        evseId,
        firstSlot,
        netKw,
        shortfallKwh: 0,
        because: [],
      });
      await store.plans.save({
        ...samplePlan(at(0), at(0), [3, 3, 3]),
        sessions: [planned(left, 0, [1, 1, 1]), planned(right, 1, [2, 2])],
      });
      await store.plans.save({
        ...samplePlan(at(1), at(1), [5, 5]),
        sessions: [planned(left, 0, [-4, -5])],
      });
      const slot = (index: number, netKw: number) => ({ startMs: at(index), slotMinutes: 15, netKw });
      expect(await store.plans.plannedKwOf([left], at(0), at(9))).toEqual([
        slot(0, 1),
        slot(1, -4),
        slot(2, -5),
      ]);
      expect(await store.plans.plannedKwOf([left, right], at(0), at(2))).toEqual([slot(0, 1), slot(1, -2)]);
      expect(await store.plans.plannedKwOf([], at(0), at(9))).toEqual([]);
    });

    it('of another slot length end where the next slot begins', async () => {
      const start = Date.UTC(2033, 5, 1);
      await store.plans.save({ ...samplePlan(start, start, [5]), slotMinutes: 60 });
      await store.plans.save(samplePlan(start + QUARTER_MS, start + QUARTER_MS, [6]));
      expect(await store.plans.plannedNetKw(start, start + 4 * QUARTER_MS)).toEqual([
        { startMs: start, slotMinutes: 15, netKw: 5 },
        { startMs: start + QUARTER_MS, slotMinutes: 15, netKw: 6 },
      ]);
    });
  });
}
