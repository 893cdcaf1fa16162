import type { Kysely, Selectable } from 'kysely';
import type { ApiKeyRecord } from '../domain/role.js';
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
      return recordOf(row);
    },
    async list() {
      const rows = await db
        .selectFrom('api_keys')
        .selectAll()
        .orderBy('created_at')
        .orderBy('key_id')
        .execute();
      return rows.map(recordOf);
    },
    async remove(keyId) {
      const { numDeletedRows } = await db
        .deleteFrom('api_keys')
        .where('key_id', '=', keyId)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

function recordOf(row: Selectable<Tables['api_keys']>): ApiKeyRecord {
  return { keyId: row.key_id, role: row.role, name: row.name, createdAtMs: row.created_at };
}
