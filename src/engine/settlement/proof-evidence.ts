import type { Bid } from '../../domain/bid.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import type { AcknowledgedProfile } from '../../domain/profile.js';
import {
  canonicalJson,
  type PlansEvidence,
  type ProfilesEvidence,
  type ReadingsEvidence,
  type Sha256,
} from '../../domain/proof.js';
import type { PlanCurve, ReceivedReading } from '../../ports/store.js';

/** What of an order never changes once its time is over: what was asked, by whom, and when it was taken back. */
export function orderEvidence(order: DispatchOrder): object {
  const { state, accounted, ...asked } = order;
  return asked;
}

/** What of a bid never changes once it is awarded. */
export function bidEvidence(bid: Bid): object {
  const { bidId, product, startMs, endMs, reliability, method, firmKw, offeredKw, steps, award } = bid;
  return { bidId, product, startMs, endMs, reliability, method, firmKw, offeredKw, steps, award };
}

export function plansEvidence(curves: readonly PlanCurve[], sha256: Sha256): PlansEvidence {
  return { plans: curves.map((curve) => ({ planId: curve.planId, sha256: sha256(canonicalJson(curve)) })) };
}

export function profilesEvidence(words: readonly AcknowledgedProfile[], sha256: Sha256): ProfilesEvidence {
  return {
    profiles: words.map((word) => ({
      evseId: word.evseId,
      revision: word.revision,
      atMs: word.atMs,
      sha256: sha256(canonicalJson(word)),
    })),
  };
}

/**
 * Digests of the readings that had come by `receivedByMs` (absent: all). Readings that come later, as a
 * station's offline queue is emptied, leave the evidence as it is; the next report seals them.
 */
export function readingsEvidence(
  span: { readonly fromMs: number; readonly toMs: number },
  received: readonly ReceivedReading[],
  sha256: Sha256,
  receivedByMs = received.reduce((latest, { receivedAtMs }) => Math.max(latest, receivedAtMs), 0),
): ReadingsEvidence {
  const transactions = new Map<ReceivedReading['transactionId'], unknown[]>();
  for (const { transactionId, seqNo, receivedAtMs, reading } of received) {
    if (receivedAtMs > receivedByMs) continue;
    const known = transactions.get(transactionId) ?? [];
    known.push({ seqNo, receivedAtMs, reading });
    transactions.set(transactionId, known);
  }
  return {
    ...span,
    receivedByMs,
    transactions: [...transactions].map(([transactionId, readings]) => ({
      transactionId,
      readings: readings.length,
      sha256: sha256(canonicalJson(readings)),
    })),
  };
}
