import { EbbflowError } from '../../domain/errors.js';
import { type EvseId, type StationId, stationOf, type TransactionId } from '../../domain/ids.js';
import type { PlanCause } from '../../domain/plan.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { Session } from '../../domain/session.js';
import { type DispatchQueue, URGENCIES, type Urgency } from '../../ports/dispatch-queue.js';
import type { LinkedContext } from '../context.js';
import { createTurns } from '../in-turn.js';
import { capabilityOf, putDesired, usedEvsesOf } from '../state.js';
import { hasDischargeAfter, isWorthSending, type ProfileContent } from './desired-profile.js';
import type { DialectLadder } from './dialect-ladder.js';
import { createDynamicKeeper } from './dynamic-keeper.js';
import { createReadBack } from './read-back.js';
import { urgencyOf } from './urgency.js';

/** After a refusal the station is left alone for so long, doubling with each further one up to the most. */
const FIRST_PAUSE_MS = 5 * MS_PER_MINUTE;
const MAX_PAUSE_MS = 60 * MS_PER_MINUTE;
/** A hint without an answer for so long was given up by the queue, or swallowed by a crash. */
const OVERDUE_MS = MS_PER_MINUTE;
/** A station that does not answer is reminded after twice that time, four times …, at most this. */
const MAX_OVERDUE_MS = 16 * MS_PER_MINUTE;
/** A queue that takes no hints is tried again after this time. */
const ANNOUNCE_AGAIN_MS = 1_000;
/** Profiles that are written and announced together: the first are on their way while the last are written. */
const PROFILES_AT_ONCE = 1_000;

/**
 * Desired state against acknowledged state, per EVSE:
 *
 *   publish → desired (revision + 1, durable) → announced → deliver → acknowledged (durable)
 *                                                   ▲                    │ rejected: left alone for a while,
 *                                                   └── overdue ◀────────┘ no answer: the next plan reminds
 *
 * A job says only "this EVSE has something newer". Whoever delivers reads the newest revision, so late,
 * doubled and reordered jobs cannot bring an older profile back.
 */
export interface Dispatcher {
  /** Makes new revisions of what is worth sending and announces them, the urgent ones first. Returns the EVSEs touched. */
  publish(contents: readonly ProfileContent[], causes: readonly PlanCause[]): Promise<EvseId[]>;
  /** Brings the newest revision of one EVSE to its station; the queue's consumer. */
  deliver(evseId: EvseId): Promise<void>;
  /**
   * A station is back: what it holds is read after a restart of ours, then what waits for it is announced.
   * After a boot its transaction profiles count as lost.
   */
  stationBack(stationId: StationId, lostProfiles: boolean): Promise<void>;
  /** The session's profile died with its transaction. */
  forget(session: Session): void;
  needsTaken(session: Session): void;
  /** What the next plan says to the EVSE is sent whatever it is, refused before or not. */
  sendAnew(evseId: EvseId): void;
  /** EVSEs whose newest revision has no answer yet. */
  unanswered(): EvseId[];
  /** Reads back the stations that are connected at the start. */
  start(): void;
  stop(): void;
}

export function createDispatcher(
  context: LinkedContext,
  queue: DispatchQueue,
  parts: {
    ladder: DialectLadder;
    /** The EVSE's profile in force is about to become another one, or none. */
    beforeChange: (evseId: EvseId, after: DesiredProfile | undefined) => void;
    onAnswer: (evseId: EvseId) => void;
    /** An EVSE needs a profile that the next plan would not think worth sending. */
    requestPlan: () => void;
  },
): Dispatcher {
  const { clock, store, state, settings, metrics, announcer, stopwatchMs } = context;
  /** What comes next is sent whatever it is: the station lost its profiles, or its EV states needs. */
  const resend = new Set<EvseId>();
  const holds = new Map<EvseId, () => void>();
  /** Hints that the queue did not take. */
  const unannounced = new Map<EvseId, Urgency>();
  let cancelAgain: (() => void) | undefined;
  const publishedAtMs = new Map<EvseId, number>();
  const announcedAtMs = new Map<EvseId, number>();
  const needsAtMs = new Map<TransactionId, number>();
  const refusals = new Map<EvseId, { readonly transactionId: TransactionId; readonly count: number }>();
  /** Reminders since the EVSE answered last. */
  const reminders = new Map<EvseId, number>();
  const inTurn = createTurns<EvseId>();
  const keeper = createDynamicKeeper(context, {
    inTurn,
    ladder: parts.ladder,
    refused(evseId) {
      resend.add(evseId);
      parts.requestPlan();
    },
  });

  const readBack = createReadBack(context, {
    read(evseId, isAsStored) {
      if (isAsStored) return;
      endInForce(evseId);
      resend.add(evseId);
      parts.requestPlan();
    },
    done(stationId) {
      takeUp(stationId).catch((error: unknown) =>
        context.logger.warn({ err: error, stationId }, 'waiting profiles not announced'),
      );
    },
  });

  function endInForce(evseId: EvseId): void {
    if (!state.inForce.has(evseId)) return;
    parts.beforeChange(evseId, undefined);
    state.inForce.delete(evseId);
  }

  /** What the station holds is known: goes on with it. */
  async function takeUp(stationId: StationId): Promise<void> {
    const waiting: EvseId[] = [];
    for (const evseId of usedEvsesOf(state, stationId)) {
      const { dialect } = capabilityOf(state, stationId, evseId, clock.nowMs());
      if (state.inForce.has(evseId) && dialect === 'dynamic') keeper.keep(evseId);
      const desired = state.desired.get(evseId);
      if (desired !== undefined && isUnanswered(desired)) waiting.push(evseId);
    }
    await announce(waiting);
  }

  const release = (evseId: EvseId): void => {
    holds.get(evseId)?.();
    holds.delete(evseId);
  };

  async function announce(evseIds: readonly EvseId[], urgency: Urgency = 'plan'): Promise<void> {
    if (evseIds.length === 0) return;
    for (const evseId of evseIds) {
      announcedAtMs.set(evseId, clock.nowMs());
      if (!holds.has(evseId)) holds.set(evseId, clock.hold());
    }
    try {
      await queue.announce(evseIds, urgency);
      for (const evseId of evseIds) unannounced.delete(evseId);
    } catch (error) {
      for (const evseId of evseIds) release(evseId);
      if (!(error instanceof EbbflowError && error.retryable)) throw error;
      // The profiles are durable: the plan stands, and the hints follow as soon as the queue takes them.
      context.logger.warn({ err: error, evses: evseIds.length }, 'the queue takes no hints; tried again');
      for (const evseId of evseIds) unannounced.set(evseId, urgency);
      announceAgainLater();
    }
  }

  function announceAgainLater(): void {
    cancelAgain ??= clock.after(ANNOUNCE_AGAIN_MS, () => {
      cancelAgain = undefined;
      const late = new Map<Urgency, EvseId[]>(URGENCIES.map((urgency) => [urgency, []]));
      for (const [evseId, urgency] of unannounced) late.get(urgency)?.push(evseId);
      const work = async () => {
        for (const [urgency, evseIds] of late) await announce(evseIds, urgency);
      };
      work().catch((error: unknown) => context.logger.error({ err: error }, 'hints not announced again'));
    });
  }

  function isWanted(content: ProfileContent, nowMs: number): boolean {
    const { evseId, transactionId } = content;
    if (resend.has(evseId)) return true;
    const desired = state.desired.get(evseId);
    const word = state.acknowledged.get(evseId);
    const isRefused = word?.revision === desired?.revision && word?.outcome.status === 'rejected';
    if (!isRefused || word === undefined || desired?.transactionId !== transactionId) {
      return isWorthSending(desired, content, nowMs, settings.deadManS);
    }
    const { count = 1 } = refusals.get(evseId) ?? {};
    return nowMs - word.atMs >= Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - 1));
  }

  /** Whether the newest revision still waits for the station's word. */
  function isUnanswered(profile: DesiredProfile): boolean {
    return (
      state.transactionByEvse.get(profile.evseId) === profile.transactionId &&
      profile.revision > (state.acknowledged.get(profile.evseId)?.revision ?? 0)
    );
  }

  /** Not slower than plans come: a hint that was lost is made up for by the next. */
  function overdueMs(evseId: EvseId): number {
    const firstMs = Math.min(OVERDUE_MS, settings.planIntervalS * 1000);
    return Math.min(MAX_OVERDUE_MS, firstMs * 2 ** (reminders.get(evseId) ?? 0));
  }

  function isOverdue(evseId: EvseId, nowMs: number): boolean {
    const desired = state.desired.get(evseId);
    return (
      desired !== undefined &&
      isUnanswered(desired) &&
      nowMs - (announcedAtMs.get(evseId) ?? 0) >= overdueMs(evseId) &&
      context.link().isOnline(stationOf(evseId))
    );
  }

  async function publish(
    contents: readonly ProfileContent[],
    causes: readonly PlanCause[],
  ): Promise<EvseId[]> {
    const nowMs = clock.nowMs();
    const fresh = new Map<Urgency, ProfileContent[]>(URGENCIES.map((urgency) => [urgency, []]));
    for (const content of contents) {
      if (!isWanted(content, nowMs)) continue;
      fresh.get(urgencyOf(content, state.inForce.get(content.evseId), causes, nowMs))?.push(content);
    }
    const published = new Set<EvseId>();
    for (const [urgency, ofUrgency] of fresh) {
      for (let first = 0; first < ofUrgency.length; first += PROFILES_AT_ONCE) {
        const some = ofUrgency.slice(first, first + PROFILES_AT_ONCE);
        for (const evseId of await publishSome(some, urgency)) published.add(evseId);
      }
    }
    const overdue = contents.map((content) => content.evseId).filter((evseId) => isOverdue(evseId, nowMs));
    const reminded = overdue.filter((evseId) => !published.has(evseId));
    for (const evseId of reminded) reminders.set(evseId, (reminders.get(evseId) ?? 0) + 1);
    await announce(reminded);
    return [...published];
  }

  async function publishSome(contents: readonly ProfileContent[], urgency: Urgency): Promise<EvseId[]> {
    const profiles = contents.map((content) => ({
      ...content,
      revision: (state.desired.get(content.evseId)?.revision ?? 0) + 1,
    }));
    await store.profiles.saveDesired(profiles);
    for (const profile of profiles) {
      putDesired(state, profile);
      resend.delete(profile.evseId);
      publishedAtMs.set(profile.evseId, stopwatchMs());
    }
    const evseIds = profiles.map((profile) => profile.evseId);
    await announce(evseIds, urgency);
    return evseIds;
  }

  async function deliverNewest(evseId: EvseId): Promise<void> {
    const desired = await store.profiles.desired(evseId);
    const isDue =
      desired !== undefined &&
      desired.transactionId === state.transactionByEvse.get(evseId) &&
      desired.revision > (state.acknowledged.get(evseId)?.revision ?? 0);
    const stationId = stationOf(evseId);
    const canSend = context.link().isOnline(stationId) && !readBack.isPending(stationId);
    if (!isDue || desired.validToMs <= clock.nowMs() || !canSend) {
      // Nothing to do, or the station is away or not read yet: its return announces the EVSE again.
      release(evseId);
      return;
    }
    try {
      const { outcome, capability } = await parts.ladder.apply(desired);
      if (outcome.status === 'rejected') await stopExport(evseId);
      reminders.delete(evseId);
      const word = { evseId, revision: desired.revision, outcome, atMs: clock.nowMs(), profile: desired };
      await store.profiles.saveAcknowledged(word);
      state.acknowledged.set(evseId, word);
      if (outcome.status === 'accepted') {
        refusals.delete(evseId);
        if (state.transactionByEvse.get(evseId) === desired.transactionId) {
          parts.beforeChange(evseId, desired);
          state.inForce.set(evseId, desired);
        }
        if (capability.dialect === 'dynamic') keeper.keep(evseId);
        else keeper.drop(evseId);
      } else noteRefusal(desired);
      metrics.count('profiles_total', { outcome: outcome.status });
      if (outcome.status === 'rejected') {
        announcer.alarm({
          atMs: clock.nowMs(),
          code: 'profile-rejected',
          text: `The station refuses revision ${desired.revision}: ${outcome.reason}`,
          stationId,
          evseId,
          transactionId: desired.transactionId,
        });
      }
      measure(desired);
      if ((state.desired.get(evseId)?.revision ?? 0) <= desired.revision) release(evseId);
      parts.onAnswer(evseId);
    } catch (error) {
      metrics.count('profiles_total', { outcome: error instanceof EbbflowError ? error.code : 'failed' });
      release(evseId);
      throw error;
    }
  }

  function noteRefusal({ evseId, transactionId }: DesiredProfile): void {
    const known = refusals.get(evseId);
    const count = known?.transactionId === transactionId ? known.count + 1 : 1;
    refusals.set(evseId, { transactionId, count });
  }

  /**
   * A station that refuses the newest profile keeps the one before. If that one exports, it is withdrawn:
   * what is no longer meant must not go on until its dead-man time has passed.
   */
  async function stopExport(evseId: EvseId): Promise<void> {
    const inForce = state.inForce.get(evseId);
    if (inForce === undefined || !hasDischargeAfter(inForce, clock.nowMs())) return;
    const capability = capabilityOf(state, stationOf(evseId), evseId, clock.nowMs());
    await context.link().stopSteering(inForce, capability);
    keeper.drop(evseId);
    endInForce(evseId);
  }

  function measure(desired: DesiredProfile): void {
    const nowMs = stopwatchMs();
    const sinceMs = publishedAtMs.get(desired.evseId);
    if (sinceMs !== undefined) metrics.observeSeconds('dispatch_seconds', (nowMs - sinceMs) / 1000);
    publishedAtMs.delete(desired.evseId);
    const needsMs = needsAtMs.get(desired.transactionId);
    if (needsMs !== undefined) metrics.observeSeconds('needs_to_profile_seconds', (nowMs - needsMs) / 1000);
    needsAtMs.delete(desired.transactionId);
  }

  const unanswered = (): EvseId[] =>
    [...state.desired.values()].filter(isUnanswered).map((profile) => profile.evseId);

  return {
    publish,
    // One at a time per EVSE: a doubled job must not overtake and bring an older revision after a newer one.
    deliver: (evseId) => inTurn(evseId, () => deliverNewest(evseId)),
    unanswered,
    sendAnew: (evseId) => {
      refusals.delete(evseId);
      resend.add(evseId);
    },
    async stationBack(stationId, lostProfiles) {
      if (lostProfiles) {
        readBack.skip(stationId);
        for (const evseId of usedEvsesOf(state, stationId)) {
          if (!state.desired.has(evseId)) continue;
          resend.add(evseId);
          refusals.delete(evseId);
          endInForce(evseId);
        }
        return;
      }
      if (readBack.isPending(stationId)) readBack.begin(stationId);
      else await takeUp(stationId);
    },
    start: () => readBack.beginOnline(),
    stop() {
      cancelAgain?.();
      keeper.stop();
    },
    forget(session) {
      keeper.drop(session.evseId);
      needsAtMs.delete(session.transactionId);
      if (state.inForce.get(session.evseId)?.transactionId !== session.transactionId) return;
      endInForce(session.evseId);
    },
    needsTaken(session) {
      if (!needsAtMs.has(session.transactionId)) needsAtMs.set(session.transactionId, stopwatchMs());
      // An EV that states its needs waits for a profile, also for the same one (OCPP 2.1 K15–K19.FR.08).
      refusals.delete(session.evseId);
      resend.add(session.evseId);
    },
  };
}
