import { type Kysely, sql } from 'kysely';
import type { Bid } from '../domain/bid.js';
import { EbbflowError } from '../domain/errors.js';
import type { BidStore } from '../ports/store.js';
import { instant, timestampOf } from './instants.js';
import type { Tables } from './tables.js';

export function createBidStore(db: Kysely<Tables>): BidStore {
  return {
    async insert(bid) {
      await db
        .insertInto('bids')
        .values({ bid_id: bid.bidId, ...changesOf(bid) })
        .execute();
    },
    async save(bid) {
      const row = await db
        .updateTable('bids')
        .set(changesOf(bid))
        .where('bid_id', '=', bid.bidId)
        .returning('bid_id')
        .executeTakeFirst();
      if (row === undefined) throw new EbbflowError('NOT_FOUND', `No bid ${bid.bidId}`);
    },
    async get(bidId) {
      const row = await db.selectFrom('bids').select('bid').where('bid_id', '=', bidId).executeTakeFirst();
      return row?.bid;
    },
    async list({ fromMs, toMs }) {
      const rows = await db
        .selectFrom('bids')
        .select('bid')
        .where('start_at', '<', instant(toMs))
        .where('end_at', '>', instant(fromMs))
        .orderBy('start_at')
        .orderBy('bid_id')
        .execute();
      return rows.map((row) => row.bid);
    },
    async noteShortages(shortages) {
      if (shortages.length === 0) return;
      await db
        .insertInto('award_shortages')
        .values(
          shortages.map(({ bidId, startMs, missingKw }) => ({
            bid_id: bidId,
            start_at: timestampOf(startMs),
            missing_kw: missingKw,
          })),
        )
        .onConflict((conflict) =>
          conflict.columns(['bid_id', 'start_at']).doUpdateSet({
            missing_kw: sql`greatest(award_shortages.missing_kw, excluded.missing_kw)`,
          }),
        )
        .execute();
    },
    async shortages(bidId) {
      const rows = await db
        .selectFrom('award_shortages')
        .selectAll()
        .where('bid_id', '=', bidId)
        .orderBy('start_at')
        .execute();
      return rows.map((row) => ({ bidId, startMs: row.start_at, missingKw: row.missing_kw }));
    },
  };
}

function changesOf(bid: Bid) {
  return {
    product_id: bid.product.id,
    start_at: timestampOf(bid.startMs),
    end_at: timestampOf(bid.endMs),
    awarded_kw: bid.award?.kw ?? null,
    bid: JSON.stringify(bid),
  };
}
