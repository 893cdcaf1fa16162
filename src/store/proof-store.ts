import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { AcknowledgedProfile } from '../domain/profile.js';
import type { ProofLink } from '../domain/proof.js';
import type { ProofStore } from '../ports/store.js';
import { createBatcher } from './batcher.js';
import { instant, timestampOf } from './instants.js';
import type { Tables } from './tables.js';
import { transact } from './transaction.js';

const MAX_CALLS_PER_TRANSACTION = 500;
const MAX_WAITING_CALLS = 50_000;

/** `drain` resolves when every write that was asked for is settled. */
export function createProofStore(db: Kysely<Tables>): ProofStore & { drain(): Promise<void> } {
  const profiles = createBatcher<readonly AcknowledgedProfile[], undefined>({
    maxItems: MAX_CALLS_PER_TRANSACTION,
    maxWaiting: MAX_WAITING_CALLS,
    write: async (calls) => {
      await insertProfiles(db, calls.flat());
      return calls.map(() => undefined);
    },
  });

  return {
    append: (build) => transact(db, (transaction) => appendLinks(transaction, build)),
    async after(seq, limit) {
      const rows = await db
        .selectFrom('proof_links')
        .selectAll()
        .where('seq', '>', String(seq))
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(linkOf);
    },
    async of(kind, subject) {
      const rows = await db
        .selectFrom('proof_links')
        .selectAll()
        .where('kind', '=', kind)
        .where((is) => is.or([is('subject', '=', subject), is('subject', 'like', `${likeText(subject)}/%`)]))
        .orderBy('seq')
        .execute();
      return rows.map(linkOf);
    },
    async noteProfiles(words) {
      if (words.length > 0) await profiles.add(words);
    },
    async notedProfiles({ fromMs, toMs }) {
      const rows = await db
        .selectFrom('proof_profiles')
        .select('acknowledged')
        .where('at', '<', instant(toMs))
        .where('valid_to', '>', instant(fromMs))
        .orderBy(sql`evse_id collate "C"`)
        .orderBy('revision')
        .orderBy('at')
        .execute();
      return rows.map((row) => JSON.parse(row.acknowledged) as AcknowledgedProfile);
    },
    drain: () => profiles.drain(),
  };
}

/** Adds to the chain's end within a transaction. */
export async function appendLinks(
  transaction: Transaction<Tables>,
  build: (last: ProofLink | undefined) => readonly ProofLink[],
): Promise<readonly ProofLink[]> {
  // One writer at a time: the next link needs the last one's hash. Readers are not in the way.
  await sql`lock table proof_links in share row exclusive mode`.execute(transaction);
  const last = await transaction
    .selectFrom('proof_links')
    .selectAll()
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const links = build(last === undefined ? undefined : linkOf(last));
  if (links.length > 0) await transaction.insertInto('proof_links').values(links.map(rowOf)).execute();
  return links;
}

async function insertProfiles(db: Kysely<Tables>, words: readonly AcknowledgedProfile[]): Promise<void> {
  const records = words.map((word) => ({
    evse_id: word.evseId,
    revision: word.revision,
    at: timestampOf(word.atMs),
    valid_to: timestampOf(word.profile.validToMs),
    acknowledged: JSON.stringify(word),
  }));
  await sql`insert into proof_profiles (evse_id, revision, at, valid_to, acknowledged)
    select * from json_to_recordset(${JSON.stringify(records)}::json) as record(evse_id text, revision bigint,
      at timestamptz, valid_to timestamptz, acknowledged text)
    on conflict (evse_id, revision, at) do nothing`.execute(db);
}

function rowOf(link: ProofLink) {
  return {
    seq: link.seq,
    kind: link.kind,
    subject: link.subject,
    at: timestampOf(link.atMs),
    body: link.body,
    body_hash: link.bodyHash,
    previous_hash: link.previousHash,
    hash: link.hash,
  };
}

function linkOf(row: Selectable<Tables['proof_links']>): ProofLink {
  return {
    seq: Number(row.seq),
    kind: row.kind,
    subject: row.subject,
    atMs: row.at,
    body: row.body,
    bodyHash: row.body_hash,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

function likeText(text: string): string {
  return text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`);
}
