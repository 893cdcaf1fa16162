import { EbbflowError } from '../../domain/errors.js';
import type { TransactionId } from '../../domain/ids.js';
import type { BookFlag, Session } from '../../domain/session.js';
import { holding } from '../../ports/clock.js';
import type { LinkedContext } from '../context.js';
import type { Transactions } from '../sessions/transactions.js';

/** A station that still has events of the session, or is away, is asked again after this time. */
const ASK_AGAIN_MS = 60_000;
/** So long after the end nobody waits any more: the books close with what came. */
const GIVE_UP_MS = 15 * 60_000;
/** Ended sessions looked through after a restart. */
const MAX_RESUMED = 1_000;

/**
 * Closes the books of ended sessions: ended → provisional (`events-outstanding`) → closed, when the station
 * says that no event of the transaction waits there (OCPP 2.1 GetTransactionStatus, E14), or → closed
 * unconfirmed when it cannot say or does not in time.
 */
export interface Closing {
  begin(session: Session): void;
  /** Takes up what a restart has interrupted. */
  resume(): Promise<void>;
  stop(): void;
}

/** Whether the books of a session may still change. */
export function isProvisional(session: Pick<Session, 'state' | 'flags'>): boolean {
  return session.state === 'active' || session.flags.includes('events-outstanding');
}

/** What a station may say of an ended transaction; `away` = it did not say anything. */
type StationWord = 'no-events-waiting' | 'events-waiting' | 'not-supported' | 'away';

/**
 * What becomes of the books of a session that ended `sinceMs` ago: closed when no event waits at the station;
 * closed unconfirmed when it cannot say, or has not in a quarter of an hour; else it is asked again.
 */
export function closingStep(word: StationWord, sinceMs: number): 'close' | 'close-unconfirmed' | 'ask-again' {
  if (word === 'no-events-waiting') return 'close';
  return word === 'not-supported' || sinceMs >= GIVE_UP_MS ? 'close-unconfirmed' : 'ask-again';
}

export function createClosing(
  context: LinkedContext,
  parts: { transactions: Transactions; changed: (session: Session) => void },
): Closing {
  const { clock, store, logger } = context;
  const timers = new Map<TransactionId, () => void>();
  let isStopped = false;

  async function mark(transactionId: TransactionId, flag: BookFlag | undefined): Promise<void> {
    const changed = await parts.transactions.change(transactionId, (session) => {
      const others = session.flags.filter((one) => one !== 'events-outstanding' && one !== flag);
      return { ...session, flags: flag === undefined ? others : [...others, flag] };
    });
    if (changed !== undefined) parts.changed(changed);
  }

  function later(session: Session, delayMs: number): void {
    const { transactionId } = session;
    timers.get(transactionId)?.();
    if (isStopped) return;
    const cancel = clock.after(delayMs, () => {
      timers.delete(transactionId);
      holding(clock, () => ask(session)).catch((error: unknown) => {
        logger.warn({ err: error, transactionId }, 'books not closed; tried again');
        later(session, ASK_AGAIN_MS);
      });
    });
    timers.set(transactionId, cancel);
  }

  async function ask(session: Session): Promise<void> {
    const { transactionId, stationId, endedAtMs = clock.nowMs() } = session;
    const answer = await statusOf(session);
    const step = closingStep(answer, clock.nowMs() - endedAtMs);
    if (step === 'close') return mark(transactionId, undefined);
    if (step === 'ask-again') return later(session, ASK_AGAIN_MS);
    logger.info({ stationId, transactionId, answer }, 'books closed without the station’s word');
    return mark(transactionId, 'closed-unconfirmed');
  }

  async function statusOf({ stationId, transactionId }: Session): Promise<StationWord> {
    if (!context.link().isOnline(stationId)) return 'away';
    try {
      return await context.link().transactionStatus(stationId, transactionId);
    } catch (error) {
      if (error instanceof EbbflowError) return 'away';
      throw error;
    }
  }

  return {
    begin(session) {
      holding(clock, () => mark(session.transactionId, 'events-outstanding')).catch((error: unknown) =>
        logger.warn({ err: error, transactionId: session.transactionId }, 'not marked as provisional'),
      );
      later(session, 0);
    },
    async resume() {
      const ended = await store.sessions.list({ state: 'ended', limit: MAX_RESUMED });
      for (const session of ended) if (isProvisional(session)) later(session, ASK_AGAIN_MS);
    },
    stop() {
      isStopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
