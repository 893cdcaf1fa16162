import type { DeliveryReport } from '../../domain/delivery.js';
import type { DispatchOrder } from '../../domain/dispatch.js';
import { EbbflowError } from '../../domain/errors.js';
import type { DispatchId } from '../../domain/ids.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { AcknowledgedProfile } from '../../domain/profile.js';
import {
  canonicalJson,
  linkAfter,
  type ProofDraft,
  type ProofKind,
  type ProofLink,
} from '../../domain/proof.js';
import { holding } from '../../ports/clock.js';
import type { DeliveryQuestion } from '../../ports/use-cases.js';
import type { EngineContext } from '../context.js';
import type { Orders } from '../dispatch/orders.js';
import type { Deliveries } from './deliveries.js';
import { deliveryWindow } from './delivery-report.js';
import {
  bidEvidence,
  orderEvidence,
  plansEvidence,
  profilesEvidence,
  readingsEvidence,
} from './proof-evidence.js';

/** The last readings of the window are on their way for so long. */
const SEALED_AFTER_MS = 5 * MS_PER_MINUTE;
/** Stations that were away empty their queues within a day; what they bring is sealed in a second report. */
const SEALED_AGAIN_AFTER_MS = 24 * MS_PER_HOUR;
/** A seal that failed, because the store was away, is tried again. */
const TRY_AGAIN_MS = 5 * MS_PER_MINUTE;

/**
 * Seals delivery reports into the chain of proofs, each behind its evidence: the awards that the order fell
 * under, the order, the plans in force, the profiles that stations took, the readings.
 *
 * A report is sealed when its window is over, and again a day later if anything has changed.
 */
export interface Proofs {
  /** Seals a report now; returns its link, the one on record when nothing has changed. CONFLICT while it is provisional. */
  seal(dispatchId: DispatchId, question?: DeliveryQuestion): Promise<ProofLink | undefined>;
  /** Sealed reports of an order, oldest first. */
  sealed(dispatchId: DispatchId): Promise<ProofLink[]>;
  /** A station has given its word on a profile: evidence, when an order runs. */
  noteAnswer(): void;
  start(): void;
  stop(): void;
}

export function createProofs(
  context: EngineContext,
  parts: { readonly orders: Pick<Orders, 'get'>; readonly deliveries: Deliveries },
): Proofs {
  const { clock, store, state, secrets, logger, announcer } = context;
  const sha256 = secrets.digest;
  const timers = new Map<string, () => void>();
  let unsubscribe: (() => void) | undefined;
  let isNoting = false;
  let isStopped = false;
  const noted = new WeakSet<AcknowledgedProfile>();

  const endOf = ({ endMs, cancelledAtMs }: DispatchOrder) => Math.min(endMs, cancelledAtMs ?? endMs);

  function later(order: DispatchOrder, atMs: number): void {
    const key = `${order.dispatchId}|${atMs}`;
    if (isStopped || timers.has(key)) return;
    const cancel = clock.after(Math.max(0, atMs - clock.nowMs()), () => {
      timers.delete(key);
      holding(clock, () => seal(order.dispatchId)).catch((error: unknown) => {
        logger.warn({ err: error, dispatchId: order.dispatchId }, 'report not sealed; tried again');
        later(order, clock.nowMs() + TRY_AGAIN_MS);
      });
    });
    timers.set(key, cancel);
  }

  function watch(order: DispatchOrder): void {
    if (endOf(order) <= order.startMs) return;
    const overMs = deliveryWindow(order).toMs;
    later(order, overMs + SEALED_AFTER_MS);
    later(order, overMs + SEALED_AGAIN_AFTER_MS);
  }

  /** Words on profiles that reach into an order's time, those given before it included. */
  async function note(): Promise<void> {
    const nowMs = clock.nowMs();
    const running = [...state.orders.values()].filter(
      (order) => order.state !== 'cancelled' && order.endMs > nowMs,
    );
    const words = [...state.acknowledged.values()].filter(
      (word) =>
        !noted.has(word) &&
        running.some(({ startMs, endMs }) => word.atMs < endMs && word.profile.validToMs > startMs),
    );
    await store.proofs.noteProfiles(words);
    for (const word of words) noted.add(word);
  }

  function noteAnswer(): void {
    if (isNoting || isStopped || state.orders.size === 0) return;
    isNoting = true;
    // Answers come in bursts: one write for those of the same moment.
    clock.after(0, () => {
      isNoting = false;
      holding(clock, note).catch((error: unknown) =>
        logger.warn({ err: error }, 'profiles not kept as evidence'),
      );
    });
  }

  async function evidenceOf(order: DispatchOrder): Promise<ProofDraft[]> {
    const span = { fromMs: order.startMs, toMs: endOf(order) };
    const window = deliveryWindow(order);
    const { dispatchId } = order;
    await store.proofs.noteProfiles(
      (await store.profiles.allAcknowledged()).filter(
        ({ atMs, profile }) => atMs < span.toMs && profile.validToMs > span.fromMs,
      ),
    );
    const draft = (kind: ProofKind, subject: string, body: object): ProofDraft => ({
      kind,
      subject,
      body: canonicalJson(body),
    });
    const bids = (await store.bids.list(span)).filter(({ award }) => award !== undefined);
    const received = await store.sessions.receivedReadings(window);
    return [
      ...bids.map((bid) => draft('bid', bid.bidId, bidEvidence(bid))),
      draft('order', dispatchId, orderEvidence(order)),
      draft('plans', dispatchId, plansEvidence(await store.plans.curves(span), sha256)),
      draft('profiles', dispatchId, profilesEvidence(await store.proofs.notedProfiles(span), sha256)),
      draft('readings', dispatchId, readingsEvidence(window, received, sha256)),
    ];
  }

  async function seal(
    dispatchId: DispatchId,
    question: DeliveryQuestion = {},
  ): Promise<ProofLink | undefined> {
    const order = await parts.orders.get(dispatchId);
    const report = await parts.deliveries.report(dispatchId, question);
    if (order === undefined || report === undefined) return undefined;
    if (report.provisional) {
      const overAt = new Date(deliveryWindow(order).toMs).toISOString();
      throw new EbbflowError(
        'CONFLICT',
        `report: readings may still come; it can be sealed from ${overAt} on`,
      );
    }
    const drafts = await evidenceOf(order);
    const known = new Map<ProofDraft, ProofLink>();
    for (const draft of drafts) {
      const last = (await store.proofs.of(draft.kind, draft.subject)).at(-1);
      if (last?.body === draft.body) known.set(draft, last);
    }
    const lastReport = (await store.proofs.of('report', subjectOf(report))).at(-1);
    const appended = await store.proofs.append((last) => {
      const links: ProofLink[] = [];
      const add = (draft: ProofDraft): ProofLink => {
        const link = linkAfter(links.at(-1) ?? last, draft, clock.nowMs(), sha256);
        links.push(link);
        return link;
      };
      const evidence = drafts.map((draft) => {
        const { kind, subject, hash } = known.get(draft) ?? add(draft);
        return { kind, subject, hash };
      });
      const body = canonicalJson({ report, evidence });
      if (body !== lastReport?.body) add({ kind: 'report', subject: subjectOf(report), body });
      return links;
    });
    return appended.findLast(({ kind }) => kind === 'report') ?? lastReport;
  }

  return {
    seal,
    sealed: (dispatchId) => store.proofs.of('report', dispatchId),
    noteAnswer,
    start() {
      unsubscribe = announcer.subscribe((event) => {
        if (event.kind !== 'dispatch' || event.order.state !== 'accepted') return;
        watch(event.order);
        noteAnswer();
      });
      for (const order of state.orders.values()) watch(order);
      noteAnswer();
    },
    stop() {
      isStopped = true;
      unsubscribe?.();
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

function subjectOf({ dispatchId, baseline }: DeliveryReport): string {
  return `${dispatchId}/${baseline}`;
}
