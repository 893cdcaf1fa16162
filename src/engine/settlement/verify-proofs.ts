import { asBidId, asDispatchId } from '../../domain/ids.js';
import {
  canonicalJson,
  linkFault,
  type PlansEvidence,
  type ProfilesEvidence,
  type ProofLink,
  type ReadingsEvidence,
  type Sha256,
} from '../../domain/proof.js';
import type { Store } from '../../ports/store.js';
import type { ProofVerdict } from '../../ports/use-cases.js';
import {
  bidEvidence,
  orderEvidence,
  plansEvidence,
  profilesEvidence,
  readingsEvidence,
} from './proof-evidence.js';
import { ledgerDigest } from './settlement-runs.js';

/** Links read at a time. */
const PAGE_LINKS = 500;
/** Before and after everything on record. */
const EVER = { fromMs: Date.UTC(1970, 0), toMs: Date.UTC(9999, 0) };

/**
 * Walks the whole chain: numbers without a gap, each link on its predecessor's hash, bodies as they were
 * hashed, reports on evidence that stands before them; and holds the evidence against what the store has now:
 * orders, awards, plans, profiles, readings; and every settlement run of the ledger must have its link. Stops at the first link that does not hold. That the end was cut
 * off shows only against a head noted elsewhere: `expectedHead` must be the hash of some link.
 */
export async function verifyProofs(
  store: Store,
  sha256: Sha256,
  options: { readonly expectedHead?: string } = {},
): Promise<ProofVerdict> {
  const hashes = new Set<string>();
  let last: ProofLink | undefined;
  let isHeadSeen = options.expectedHead === undefined;
  for (;;) {
    const page = await store.proofs.after(last?.seq ?? 0, PAGE_LINKS);
    for (const link of page) {
      const fault = linkFault(last, link, sha256) ?? (await evidenceFault(store, link, hashes, sha256));
      if (fault !== undefined) {
        const { seq, kind, subject } = link;
        return { links: last?.seq ?? 0, head: last?.hash ?? null, broken: { seq, kind, subject, fault } };
      }
      hashes.add(link.hash);
      isHeadSeen ||= link.hash === options.expectedHead;
      last = link;
    }
    if (page.length < PAGE_LINKS) break;
  }
  const links = last?.seq ?? 0;
  const head = last?.hash ?? null;
  const [runId] = await store.ledger.unsealedRuns();
  if (runId !== undefined) {
    const unsealed = `settlement: the entries of run ${runId} have no link`;
    return { links, head, broken: { seq: links + 1, kind: 'settlement', subject: runId, fault: unsealed } };
  }
  if (isHeadSeen) return { links, head, broken: null };
  const fault = 'head: the chain does not hold the expected hash; its end was cut off';
  return { links, head, broken: { seq: links + 1, kind: null, subject: null, fault } };
}

async function evidenceFault(
  store: Store,
  link: ProofLink,
  earlier: ReadonlySet<string>,
  sha256: Sha256,
): Promise<string | undefined> {
  switch (link.kind) {
    case 'bid': {
      const bid = await store.bids.get(asBidId(link.subject));
      return sameAsNow(link, bid === undefined ? undefined : bidEvidence(bid));
    }
    case 'order': {
      const order = await store.dispatches.get(asDispatchId(link.subject));
      return sameAsNow(link, order === undefined ? undefined : orderEvidence(order));
    }
    case 'plans': {
      const { plans } = JSON.parse(link.body) as PlansEvidence;
      const now = plansEvidence(await store.plans.curves(await spanOf(store, link)), sha256).plans;
      const hashById = new Map(now.map((plan) => [plan.planId, plan.sha256]));
      const wrong = plans.find((plan) => hashById.get(plan.planId) !== plan.sha256);
      return wrong && `plans: ${wrong.planId} is not what was sealed`;
    }
    case 'profiles': {
      const { profiles } = JSON.parse(link.body) as ProfilesEvidence;
      const now = profilesEvidence(
        await store.proofs.notedProfiles(await spanOf(store, link)),
        sha256,
      ).profiles;
      const keyOf = (one: (typeof now)[number]) => `${one.evseId}|${one.revision}|${one.atMs}`;
      const hashByKey = new Map(now.map((one) => [keyOf(one), one.sha256]));
      const wrong = profiles.find((one) => hashByKey.get(keyOf(one)) !== one.sha256);
      return wrong && `profiles: revision ${wrong.revision} of ${wrong.evseId} is not what was sealed`;
    }
    case 'readings': {
      const sealed = JSON.parse(link.body) as ReadingsEvidence;
      const { fromMs, toMs, receivedByMs } = sealed;
      const received = await store.sessions.receivedReadings({ fromMs, toMs });
      const now = readingsEvidence({ fromMs, toMs }, received, sha256, receivedByMs).transactions;
      const hashById = new Map(now.map((one) => [one.transactionId, one.sha256]));
      const wrong = sealed.transactions.find((one) => hashById.get(one.transactionId) !== one.sha256);
      if (wrong !== undefined) return `readings: those of ${wrong.transactionId} are not what was sealed`;
      const known = new Set(sealed.transactions.map((one) => one.transactionId));
      const added = now.find((one) => !known.has(one.transactionId));
      return added && `readings: ${added.transactionId} was not there when they were sealed`;
    }
    case 'report': {
      const { evidence } = JSON.parse(link.body) as { evidence: readonly { kind: string; hash: string }[] };
      const missing = evidence.find(({ hash }) => !earlier.has(hash));
      return missing && `evidence: names a link of kind ${missing.kind} that is not before it`;
    }
    case 'settlement': {
      const sealed = JSON.parse(link.body) as { entries: number; sha256: string };
      const entries = await store.ledger.ofRun(link.subject);
      return entries.length === sealed.entries && ledgerDigest(entries, sha256) === sealed.sha256
        ? undefined
        : `settlement: the entries of run ${link.subject} are not what was sealed`;
    }
  }
}

async function spanOf(store: Store, { subject }: ProofLink): Promise<{ fromMs: number; toMs: number }> {
  const order = await store.dispatches.get(asDispatchId(subject));
  return order === undefined ? EVER : { fromMs: order.startMs, toMs: order.endMs };
}

function sameAsNow(link: ProofLink, now: object | undefined): string | undefined {
  if (now === undefined) return `${link.kind}: ${link.subject} is gone`;
  return canonicalJson(now) === link.body
    ? undefined
    : `${link.kind}: ${link.subject} is not what was sealed`;
}
