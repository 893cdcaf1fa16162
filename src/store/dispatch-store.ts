import type { Kysely } from 'kysely';
import { assert } from '../domain/assert.js';
import type { DispatchOrder } from '../domain/dispatch.js';
import { EbbflowError } from '../domain/errors.js';
import type { DispatchStore } from '../ports/store.js';
import { instant, timestampOf } from './instants.js';
import type { Tables } from './tables.js';

async function findByKey(
  db: Kysely<Tables>,
  idempotencyKey: string,
): Promise<{ order: DispatchOrder; requestHash: string } | undefined> {
  const row = await db
    .selectFrom('dispatches')
    .select(['dispatch_order', 'request_hash'])
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  return row === undefined ? undefined : { order: row.dispatch_order, requestHash: row.request_hash };
}

export function createDispatchStore(db: Kysely<Tables>): DispatchStore {
  return {
    async insert(order, idempotencyKey, requestHash) {
      const inserted = await db
        .insertInto('dispatches')
        .values({
          dispatch_id: order.dispatchId,
          idempotency_key: idempotencyKey,
          request_hash: requestHash,
          ...changesOf(order),
        })
        .onConflict((conflict) => conflict.column('idempotency_key').doNothing())
        .returning('dispatch_id')
        .executeTakeFirst();
      if (inserted !== undefined) return { order, existing: false, requestHash };
      const existing = await findByKey(db, idempotencyKey);
      assert(existing !== undefined, 'a key that is taken has its order');
      return { ...existing, existing: true };
    },
    findByKey: (idempotencyKey) => findByKey(db, idempotencyKey),
    async save(order) {
      const row = await db
        .updateTable('dispatches')
        .set(changesOf(order))
        .where('dispatch_id', '=', order.dispatchId)
        .returning('dispatch_id')
        .executeTakeFirst();
      if (row === undefined) throw new EbbflowError('NOT_FOUND', `No dispatch ${order.dispatchId}`);
    },
    async get(dispatchId) {
      const row = await db
        .selectFrom('dispatches')
        .select('dispatch_order')
        .where('dispatch_id', '=', dispatchId)
        .executeTakeFirst();
      return row?.dispatch_order;
    },
    async list({ fromMs, toMs }) {
      const rows = await db
        .selectFrom('dispatches')
        .select('dispatch_order')
        .where('start_at', '<', instant(toMs))
        .where('end_at', '>', instant(fromMs))
        .orderBy('start_at')
        .orderBy('dispatch_id')
        .execute();
      return rows.map((row) => row.dispatch_order);
    },
  };
}

function changesOf(order: DispatchOrder) {
  return {
    start_at: timestampOf(order.startMs),
    end_at: timestampOf(order.endMs),
    state: order.state,
    dispatch_order: JSON.stringify(order),
  };
}
