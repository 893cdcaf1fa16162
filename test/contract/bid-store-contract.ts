import { describe, expect, it } from 'vitest';
import type { Bid } from '../../src/domain/bid.js';
import type { Store } from '../../src/ports/store.js';
import { MINUTE_MS, NOON_MS, sampleBid, uniqueName } from '../support/store-samples.js';

const QUARTER_MS = 15 * MINUTE_MS;

/** What every store owes the engine about bids. */
export function describeBidStore(opened: () => Store): void {
  describe('bids', () => {
    const bidAt = (startMs: number): Bid => ({
      ...sampleBid(uniqueName('bid')),
      startMs,
      endMs: startMs + QUARTER_MS,
    });

    it('come back as they were, with their award once there is one', async () => {
      const { bids } = opened();
      const bid = bidAt(NOON_MS);
      await bids.insert(bid);
      expect(await bids.get(bid.bidId)).toEqual(bid);
      const award = { kw: 100, pricePerKwPerHour: 0.02, awardedAtMs: NOON_MS, awardedBy: 'trader-1' };
      await bids.save({ ...bid, award });
      expect(await bids.get(bid.bidId)).toEqual({ ...bid, award });
      await expect(bids.save(bidAt(NOON_MS))).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await bids.get(bidAt(NOON_MS).bidId)).toBeUndefined();
    });

    it('keep the worst of what plans were short of them, per quarter-hour', async () => {
      const { bids } = opened();
      const { bidId } = bidAt(NOON_MS);
      const at = (quarter: number, missingKw: number) => ({
        bidId,
        startMs: NOON_MS + quarter * QUARTER_MS,
        missingKw,
      });
      await bids.noteShortages([]);
      await bids.noteShortages([at(1, 3), at(0, 0)]);
      await bids.noteShortages([at(1, 2.5), at(0, 1.5)]);
      expect(await bids.shortages(bidId)).toEqual([at(0, 1.5), at(1, 3)]);
      expect(await bids.shortages(bidAt(NOON_MS).bidId)).toEqual([]);
    });

    it('are listed by overlap of their block', async () => {
      const start = Date.UTC(2035, 0, 1);
      const bid = bidAt(start);
      await opened().bids.insert(bid);
      const list = (fromMs: number, toMs: number) => opened().bids.list({ fromMs, toMs });
      expect(await list(start, start + 1)).toEqual([bid]);
      expect(await list(start - QUARTER_MS, start)).toEqual([]);
      expect(await list(start + QUARTER_MS, start + 2 * QUARTER_MS)).toEqual([]);
    });
  });
}
