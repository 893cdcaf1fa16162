import { describe, expect, it } from 'vitest';
import { EbbflowError } from '../../src/domain/errors.js';
import { createBatcher } from '../../src/store/batcher.js';

/** A batcher of numbers whose writes wait until they are let go. */
function heldBatcher(settings: {
  maxItems?: number;
  maxWaiting?: number;
  fail?: (batch: number[]) => Error | undefined;
}) {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const batcher = createBatcher<number, number>({
    maxItems: settings.maxItems ?? 100,
    maxWaiting: settings.maxWaiting ?? 100,
    async write(items) {
      batches.push([...items]);
      await new Promise<void>((resolve) => gates.push(resolve));
      const error = settings.fail?.([...items]);
      if (error !== undefined) throw error;
      return items.map((item) => item * 10);
    },
  });
  async function letAllGo(): Promise<void> {
    let open = true;
    void batcher.drain().then(() => {
      open = false;
    });
    while (open) {
      gates.shift()?.();
      await Promise.resolve();
    }
  }
  return { batcher, batches, letAllGo };
}

describe('group commit', () => {
  it('writes what comes while a batch is under way as one next batch, in order', async () => {
    const { batcher, batches, letAllGo } = heldBatcher({});
    const first = batcher.add(1);
    await Promise.resolve();
    await Promise.resolve();
    const rest = [2, 3, 4].map((item) => batcher.add(item));
    await letAllGo();
    expect(await Promise.all([first, ...rest])).toEqual([10, 20, 30, 40]);
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  it('never writes more than its limit at once', async () => {
    const { batcher, batches, letAllGo } = heldBatcher({ maxItems: 2 });
    const all = Promise.all([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    await letAllGo();
    await all;
    expect(batches).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('halves a faulty batch until the faulty item stands alone', async () => {
    const { batcher, letAllGo } = heldBatcher({
      fail: (batch) => (batch.includes(3) ? new EbbflowError('INVALID_INPUT', 'three') : undefined),
    });
    const all = Promise.allSettled([1, 2, 3, 4, 5].map((item) => batcher.add(item)));
    await letAllGo();
    expect((await all).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
  });

  it('does not halve when the store itself fails: every call of the batch hears it', async () => {
    const { batcher, batches, letAllGo } = heldBatcher({
      fail: () => new EbbflowError('STORE_UNAVAILABLE', 'gone'),
    });
    const all = Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    await letAllGo();
    expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('refuses more than may wait', async () => {
    const { batcher, letAllGo } = heldBatcher({ maxWaiting: 2 });
    const all = Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    await letAllGo();
    expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((await all)[2]).toMatchObject({ reason: { code: 'STORE_UNAVAILABLE' } });
  });
});
