import { type Kysely, sql } from 'kysely';
import type { EvseId } from '../domain/ids.js';
import type { AcknowledgedProfile, DesiredProfile } from '../domain/profile.js';
import type { ProfileStore } from '../ports/store.js';
import { createBatcher } from './batcher.js';
import { timestampOf } from './instants.js';
import type { Tables } from './tables.js';

const MAX_CALLS_PER_TRANSACTION = 500;
const MAX_WAITING_CALLS = 50_000;

/** `drain` resolves when every write that was asked for is settled. */
export function createProfileStore(db: Kysely<Tables>): ProfileStore & { drain(): Promise<void> } {
  const desired = createBatcher<readonly DesiredProfile[], undefined>({
    maxItems: MAX_CALLS_PER_TRANSACTION,
    maxWaiting: MAX_WAITING_CALLS,
    write: async (calls) => {
      await writeDesired(db, calls.flat());
      return calls.map(() => undefined);
    },
  });
  const acknowledged = createBatcher<AcknowledgedProfile, undefined>({
    maxItems: MAX_CALLS_PER_TRANSACTION,
    maxWaiting: MAX_WAITING_CALLS,
    write: async (calls) => {
      await writeAcknowledged(db, calls);
      return calls.map(() => undefined);
    },
  });

  const reads = createBatcher<EvseId, DesiredProfile | undefined>({
    maxItems: MAX_CALLS_PER_TRANSACTION,
    maxWaiting: MAX_WAITING_CALLS,
    write: (evseIds) => readDesired(db, evseIds),
  });

  return {
    async saveDesired(profiles) {
      if (profiles.length > 0) await desired.add(profiles);
    },
    desired: (evseId) => reads.add(evseId),
    async allDesired() {
      const rows = await db.selectFrom('desired_profiles').select('profile').orderBy('evse_id').execute();
      return rows.map((row) => row.profile);
    },
    async saveAcknowledged(profile) {
      await acknowledged.add(profile);
    },
    async acknowledged(evseId) {
      const row = await db
        .selectFrom('acknowledged_profiles')
        .select('acknowledged')
        .where('evse_id', '=', evseId)
        .executeTakeFirst();
      return row?.acknowledged;
    },
    async allAcknowledged() {
      const rows = await db
        .selectFrom('acknowledged_profiles')
        .select('acknowledged')
        .orderBy('evse_id')
        .execute();
      return rows.map((row) => row.acknowledged);
    },
    async drain() {
      await Promise.all([desired.drain(), acknowledged.drain(), reads.drain()]);
    },
  };
}

/** In the order of the EVSEs asked for. */
async function readDesired(
  db: Kysely<Tables>,
  evseIds: readonly EvseId[],
): Promise<(DesiredProfile | undefined)[]> {
  const { rows } = await sql<{ profile: DesiredProfile }>`
    select profile from desired_profiles where evse_id = any(${evseIds}::text[])`.execute(db);
  const found = new Map(rows.map(({ profile }) => [profile.evseId, profile]));
  return evseIds.map((evseId) => found.get(evseId));
}

/** One statement, hence one transaction. Of equal revisions the first stays. */
async function writeDesired(db: Kysely<Tables>, profiles: readonly DesiredProfile[]): Promise<void> {
  const newest = newestPerEvse(profiles, (one, other) => one.revision > other.revision);
  const records = newest.map((profile) => ({
    evse_id: profile.evseId,
    transaction_id: profile.transactionId,
    revision: profile.revision,
    valid_to: timestampOf(profile.validToMs),
    profile,
  }));
  await sql`insert into desired_profiles as stored (evse_id, transaction_id, revision, valid_to, profile)
    select * from json_to_recordset(${JSON.stringify(records)}::json) as record(evse_id text,
      transaction_id text, revision bigint, valid_to timestamptz, profile jsonb)
    on conflict (evse_id) do update set transaction_id = excluded.transaction_id,
      revision = excluded.revision, valid_to = excluded.valid_to, profile = excluded.profile
    where excluded.revision > stored.revision`.execute(db);
}

/** Of equal revisions the last word stays. */
async function writeAcknowledged(
  db: Kysely<Tables>,
  profiles: readonly AcknowledgedProfile[],
): Promise<void> {
  const newest = newestPerEvse(profiles, (one, other) => one.revision >= other.revision);
  const records = newest.map((acknowledged) => ({
    evse_id: acknowledged.evseId,
    revision: acknowledged.revision,
    at: timestampOf(acknowledged.atMs),
    acknowledged,
  }));
  await sql`insert into acknowledged_profiles as stored (evse_id, revision, at, acknowledged)
    select * from json_to_recordset(${JSON.stringify(records)}::json) as record(evse_id text, revision bigint,
      at timestamptz, acknowledged jsonb)
    on conflict (evse_id) do update set revision = excluded.revision, at = excluded.at,
      acknowledged = excluded.acknowledged
    where excluded.revision >= stored.revision`.execute(db);
}

/** In a fixed order of EVSEs, so that two nodes cannot lock the same rows crosswise. */
function newestPerEvse<P extends { readonly evseId: EvseId }>(
  profiles: readonly P[],
  replaces: (one: P, other: P) => boolean,
): P[] {
  const newest = new Map<EvseId, P>();
  for (const profile of profiles) {
    const other = newest.get(profile.evseId);
    if (other === undefined || replaces(profile, other)) newest.set(profile.evseId, profile);
  }
  return [...newest.values()].sort((one, other) => (one.evseId < other.evseId ? -1 : 1));
}
