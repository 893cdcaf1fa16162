import type { Kysely, Transaction } from 'kysely';
import { isConflictOfTransactions } from './store-failure.js';
import type { Tables } from './tables.js';

/** Nodes that write the same rows at once are rare; a third conflict in a row is a failure. */
const ATTEMPTS = 3;

/** Runs `work` in one transaction; again when another transaction was in the way (deadlock, serialization). */
export async function transact<R>(
  db: Kysely<Tables>,
  work: (transaction: Transaction<Tables>) => Promise<R>,
): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt >= ATTEMPTS || !isConflictOfTransactions(error)) throw error;
    }
  }
}
