import type { Kysely } from 'kysely';
import type { ApiKeyStore } from '../ports/store.js';
import { timestampOf } from './instants.js';
import type { Tables } from './tables.js';

export function createApiKeyStore(db: Kysely<Tables>): ApiKeyStore {
  return {
    async save(record, hash) {
      const changes = {
        key_hash: hash,
        role: record.role,
        name: record.name,
        created_at: timestampOf(record.createdAtMs),
      };
      await db
        .insertInto('api_keys')
        .values({ key_id: record.keyId, ...changes })
        .onConflict((conflict) => conflict.column('key_id').doUpdateSet(changes))
        .execute();
    },
    async findByHash(hash) {
      const row = await db.selectFrom('api_keys').selectAll().where('key_hash', '=', hash).executeTakeFirst();
      if (row === undefined) return undefined;
      return { keyId: row.key_id, role: row.role, name: row.name, createdAtMs: row.created_at };
    },
  };
}
