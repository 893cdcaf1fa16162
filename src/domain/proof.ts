import type { EvseId, PlanId, TransactionId } from './ids.js';

/** What a link of the chain holds. Evidence comes before the report that names it. */
export type ProofKind = 'bid' | 'order' | 'plans' | 'profiles' | 'readings' | 'report' | 'settlement';

/** What is to become a link: `body` is canonical JSON. */
export interface ProofDraft {
  readonly kind: ProofKind;
  /** What it is about, e.g. the id of an order. */
  readonly subject: string;
  readonly body: string;
}

/** One record of the append-only chain. Numbers rise by one from 1 on. */
export interface ProofLink extends ProofDraft {
  readonly seq: number;
  readonly atMs: number;
  readonly bodyHash: string;
  /** Hash of the link before; 64 zeros for the first. */
  readonly previousHash: string;
  /** Over all of the above but the body, which its own hash stands for. */
  readonly hash: string;
}

/** Evidence of the plans in force over a time: curves that can be hashed again as long as the plans are on record. */
export interface PlansEvidence {
  readonly plans: readonly { readonly planId: PlanId; readonly sha256: string }[];
}

/** Evidence of the profiles that stations took, each by its revision. */
export interface ProfilesEvidence {
  readonly profiles: readonly {
    readonly evseId: EvseId;
    readonly revision: number;
    readonly atMs: number;
    readonly sha256: string;
  }[];
}

/** Evidence of the readings in [fromMs, toMs] that had come by `receivedByMs`, per transaction. */
export interface ReadingsEvidence {
  readonly fromMs: number;
  readonly toMs: number;
  readonly receivedByMs: number;
  readonly transactions: readonly {
    readonly transactionId: TransactionId;
    readonly readings: number;
    readonly sha256: string;
  }[];
}

export const FIRST_PREVIOUS_HASH = '0'.repeat(64);

/** SHA-256 of a text, hex. */
export type Sha256 = (text: string) => string;

/**
 * The one text of a JSON value: keys in the order of their code units, no blanks, numbers and strings as
 * ECMAScript writes them (RFC 8785). Fields that are undefined are left out. Throws on what JSON cannot say.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`Invariant broken: ${value} is no number of JSON`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object') throw new Error(`Invariant broken: ${typeof value} is no value of JSON`);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}

/** The link that follows `last` (undefined: begins the chain). */
export function linkAfter(
  last: Pick<ProofLink, 'seq' | 'hash'> | undefined,
  draft: ProofDraft,
  atMs: number,
  sha256: Sha256,
): ProofLink {
  const link = {
    ...draft,
    seq: (last?.seq ?? 0) + 1,
    atMs,
    bodyHash: sha256(draft.body),
    previousHash: last?.hash ?? FIRST_PREVIOUS_HASH,
  };
  return { ...link, hash: hashOf(link, sha256) };
}

/** What is wrong with a link that follows `last`, one line that names the field; undefined when nothing is. */
export function linkFault(
  last: Pick<ProofLink, 'seq' | 'hash'> | undefined,
  link: ProofLink,
  sha256: Sha256,
): string | undefined {
  const expected = (last?.seq ?? 0) + 1;
  if (link.seq !== expected) return `seq: link ${expected} is missing`;
  if (link.previousHash !== (last?.hash ?? FIRST_PREVIOUS_HASH)) {
    return `previousHash: does not name the link before`;
  }
  if (sha256(link.body) !== link.bodyHash) return 'body: was changed';
  if (hashOf(link, sha256) !== link.hash) return 'hash: does not fit the link';
  return undefined;
}

function hashOf(link: Omit<ProofLink, 'hash'>, sha256: Sha256): string {
  const { seq, kind, subject, atMs, bodyHash, previousHash } = link;
  return sha256(canonicalJson({ seq, kind, subject, atMs, bodyHash, previousHash }));
}
