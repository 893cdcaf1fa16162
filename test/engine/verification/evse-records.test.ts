import { describe, expect, it } from 'vitest';
import { createSteppedClock } from '../../../src/clock/stepped-clock.js';
import {
  type DeliveryChange,
  emptyRecord,
  MAX_DELIVERY_CHANGES,
  MAX_PROOFS,
  withChange,
  withProof,
} from '../../../src/domain/evse-record.js';
import type { EngineContext } from '../../../src/engine/context.js';
import { createState } from '../../../src/engine/state.js';
import { createEvseRecords } from '../../../src/engine/verification/evse-records.js';
import { EVSE, NOON_MS } from '../../support/engine/fixtures.js';
import { createMemoryStore } from '../../support/engine/memory-store.js';

const change = (atMs: number): DeliveryChange => ({ atMs, state: 'following', reason: '' });

describe('what experience says of an EVSE', () => {
  it('is bounded: the newest changes and the newest proofs stay', () => {
    let record = emptyRecord(EVSE);
    for (let count = 0; count < MAX_DELIVERY_CHANGES + 5; count++) record = withChange(record, change(count));
    expect(record.history).toHaveLength(MAX_DELIVERY_CHANGES);
    expect(record.history[0]!.atMs).toBe(5);
    for (let firmware = 0; firmware < MAX_PROOFS + 2; firmware++) {
      record = withProof(record, { dialect: 'dynamic', firmware: String(firmware) });
    }
    expect(record.proofs).toHaveLength(MAX_PROOFS);
    expect(record.proofs[0]!.firmware).toBe('2');
  });

  it('keeps the other part of a proof when one is told', () => {
    const proof = { dialect: 'dynamic', firmware: '1' } as const;
    const meter = { outcome: 'follows', atMs: NOON_MS } as const;
    const readBack = { outcome: 'agrees', withDischarge: true, detail: '', atMs: NOON_MS } as const;
    const record = withProof(withProof(emptyRecord(EVSE), { ...proof, readBack }), { ...proof, meter });
    expect(record.proofs).toEqual([{ ...proof, readBack, meter }]);
  });
});

describe('the records', () => {
  function opened() {
    const clock = createSteppedClock(NOON_MS);
    const store = createMemoryStore();
    const state = createState();
    const quiet = () => {};
    const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };
    const records = createEvseRecords({ clock, store, state, logger } as unknown as EngineContext);
    const saved = async () => (await store.stations.evseRecords()).map(({ history }) => history.length);
    const pass = async (ms: number) => {
      clock.advanceTo(clock.nowMs() + ms);
      await clock.whenFree();
    };
    return { records, store, saved, pass };
  }

  it('are seen at once and written together a second later', async () => {
    const { records, saved, pass } = opened();
    records.change(EVSE, (record) => withChange(record, change(1)));
    records.change(EVSE, (record) => withChange(record, change(2)));
    expect(records.of(EVSE).history).toHaveLength(2);
    expect(await saved()).toEqual([]);
    await pass(1_000);
    expect(await saved()).toEqual([2]);
  });

  it('wait for a store that does not answer', async () => {
    const { records, store, saved, pass } = opened();
    store.failing = true;
    records.change(EVSE, (record) => withChange(record, change(1)));
    await pass(1_000);
    store.failing = false;
    expect(await saved()).toEqual([]);
    await pass(30_000);
    expect(await saved()).toEqual([1]);
  });

  it('are not written where nothing changed', async () => {
    const { records, saved, pass } = opened();
    records.change(EVSE, (record) => record);
    await pass(2_000);
    expect(await saved()).toEqual([]);
  });
});
