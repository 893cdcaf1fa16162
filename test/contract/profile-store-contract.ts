import { beforeAll, describe, expect, it } from 'vitest';
import { asEvseId } from '../../src/domain/ids.js';
import type { Store } from '../../src/ports/store.js';
import { NOON_MS, sampleProfile, uniqueName } from '../support/store-samples.js';

/** What a store owes the engine about desired and acknowledged profiles. */
export function describeProfileStore(opened: () => Store): void {
  let store: Store;
  beforeAll(() => {
    store = opened();
  });

  describe('profiles', () => {
    it('never go back to an older revision', async () => {
      const evseId = asEvseId(`${uniqueName('cs')}/1`);
      expect(await store.profiles.desired(evseId)).toBeUndefined();
      await store.profiles.saveDesired([sampleProfile(evseId, 2)]);
      await store.profiles.saveDesired([sampleProfile(evseId, 1)]);
      await store.profiles.saveDesired([{ ...sampleProfile(evseId, 2), reason: 'late twin' }]);
      expect(await store.profiles.desired(evseId)).toEqual(sampleProfile(evseId, 2));
    });

    it('written in a jumble end at the highest revision of each EVSE', async () => {
      const evses = Array.from({ length: 20 }, () => asEvseId(`${uniqueName('cs')}/1`));
      const revisions = [3, 9, 1, 10, 7, 2, 8, 5, 4, 6];
      await Promise.all(
        revisions.map((revision) =>
          store.profiles.saveDesired(evses.map((evseId) => sampleProfile(evseId, revision))),
        ),
      );
      const stored = new Map((await store.profiles.allDesired()).map((profile) => [profile.evseId, profile]));
      for (const evseId of evses) expect(stored.get(evseId)).toEqual(sampleProfile(evseId, 10));
    });

    it('of one call are saved all or none', async () => {
      const evseId = asEvseId(`${uniqueName('cs')}/1`);
      const bad = { ...sampleProfile(asEvseId(`${uniqueName('cs')}/1`), 1), reason: 'NUL \u0000' };
      const good = sampleProfile(asEvseId(`${uniqueName('cs')}/1`), 1);
      const [failed, passed] = await Promise.allSettled([
        store.profiles.saveDesired([sampleProfile(evseId, 1), bad]),
        store.profiles.saveDesired([good]),
      ]);
      expect([failed?.status, passed?.status]).toEqual(['rejected', 'fulfilled']);
      expect(await store.profiles.desired(evseId)).toBeUndefined();
      expect(await store.profiles.desired(good.evseId)).toEqual(good);
    });

    it('are acknowledged by the highest revision, the last word on it', async () => {
      const evseId = asEvseId(`${uniqueName('cs')}/1`);
      const word = (revision: number, outcome: 'accepted' | 'rejected') => ({
        evseId,
        revision,
        outcome: outcome === 'accepted' ? { status: outcome } : { status: outcome, reason: 'TxNotFound' },
        atMs: NOON_MS + revision,
        profile: sampleProfile(evseId, revision),
      });
      await store.profiles.saveAcknowledged(word(5, 'rejected'));
      await store.profiles.saveAcknowledged(word(5, 'accepted'));
      await store.profiles.saveAcknowledged(word(4, 'accepted'));
      expect(await store.profiles.acknowledged(evseId)).toEqual(word(5, 'accepted'));
      expect(await store.profiles.allAcknowledged()).toContainEqual(word(5, 'accepted'));
    });
  });
}
