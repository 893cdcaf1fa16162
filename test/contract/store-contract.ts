import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Store } from '../../src/ports/store.js';
import { describeBidStore } from './bid-store-contract.js';
import { describeMarketStore } from './market-store-contract.js';
import { describePlanStore } from './plan-store-contract.js';
import { describeProfileStore } from './profile-store-contract.js';
import { describeProofStore } from './proof-store-contract.js';
import { describeSessionStore } from './session-store-contract.js';
import { describeStationStore } from './station-store-contract.js';

/** What every store owes the engine. Tests share one store and use names of their own. */
export function describeStore(
  name: string,
  open: () => Promise<{ store: Store; stop(): Promise<void> }>,
): void {
  describe(name, () => {
    let store: Store;
    let stop: () => Promise<void>;
    beforeAll(async () => ({ store, stop } = await open()));
    afterAll(() => stop());
    const opened = () => store;

    describeSessionStore(opened);
    describeProfileStore(opened);
    describeStationStore(opened);
    describePlanStore(opened);
    describeMarketStore(opened);
    describeBidStore(opened);
    describeProofStore(opened);

    it('answers a ping', async () => {
      await store.ping();
    });
  });
}
