import { EbbflowError } from '../../domain/errors.js';
import { type EvseId, evseIdOf, type StationId, type TransactionId } from '../../domain/ids.js';
import type { Session } from '../../domain/session.js';
import type { TransactionEvent } from '../../domain/transaction-event.js';
import type { EngineContext } from '../context.js';
import { createTurns } from '../in-turn.js';
import { exportWhOf, importWhOf } from '../metering/books.js';
import { heldToReceipt } from '../metering/receipt.js';
import { applyEvent, isInOrder, isRepeated, openSession } from '../metering/transaction-books.js';
import { evsesOf, putSession } from '../state.js';

/** Changes to sessions, one at a time per transaction, durable before they are seen. */
export interface Transactions {
  /** Takes one event in. A repeated event changes nothing. Resolves when it is durable. */
  record(
    stationId: StationId,
    event: TransactionEvent,
  ): Promise<{ session: Session; isNew: boolean; duplicate: boolean }>;
  /** Changes an active or ended session by a pure function; undefined when there is no such session. */
  change(transactionId: TransactionId, edit: (session: Session) => Session): Promise<Session | undefined>;
}

export function createTransactions(context: EngineContext): Transactions {
  const { clock, store, state, metrics, stopwatchMs } = context;
  const inTurn = createTurns<TransactionId>();

  const find = async (transactionId: TransactionId) =>
    state.sessions.get(transactionId) ?? (await store.sessions.get(transactionId));

  async function record(stationId: StationId, received: TransactionEvent) {
    const stationClock = state.stations.get(stationId)?.clock;
    const { event, flag } = heldToReceipt(received, clock.nowMs(), stationClock);
    const known = await find(event.transactionId);
    if (known !== undefined && known.stationId !== stationId) {
      throw new EbbflowError('CONFLICT', `transactionId: belongs to another station`);
    }
    const recorded =
      known === undefined || isInOrder(known, event)
        ? undefined
        : {
            numbers: await store.sessions.eventNumbers(event.transactionId),
            readings: await store.sessions.readings(event.transactionId),
          };
    if (known !== undefined && isRepeated(event, recorded)) {
      return { session: known, isNew: false, duplicate: true };
    }
    const before =
      known === undefined ? openSession(event, placeOf(stationId, event)) : whereItIs(known, event);
    const applied = applyEvent(
      flag === undefined ? before : { ...before, flags: [...new Set([...before.flags, flag])] },
      event,
      recorded,
    );
    const startedMs = stopwatchMs();
    const { duplicate } = await store.sessions.recordEvent({
      session: applied.session,
      event,
      receivedAtMs: clock.nowMs(),
      intervals: applied.intervals,
      replaceIntervals: applied.replaceIntervals,
    });
    metrics.observeSeconds('store_write_seconds', (stopwatchMs() - startedMs) / 1000);
    if (duplicate) return { session: before, isNew: false, duplicate: true };
    state.importWhTotal += importWhOf(applied.session.books) - importWhOf(before.books);
    state.exportWhTotal += exportWhOf(applied.session.books) - exportWhOf(before.books);
    putSession(state, applied.session);
    return { session: applied.session, isNew: known === undefined, duplicate: false };
  }

  function placeOf(
    stationId: StationId,
    event: TransactionEvent,
  ): { stationId: StationId; evseId: EvseId; siteId?: Session['siteId'] } {
    const evses = evsesOf(state, stationId);
    const evseId = event.evseNumber === undefined ? evses[0] : evseIdOf(stationId, event.evseNumber);
    const siteId = state.stations.get(stationId)?.station.siteId;
    return {
      stationId,
      evseId: evseId ?? evseIdOf(stationId, 1),
      ...(siteId === undefined ? {} : { siteId }),
    };
  }

  /** A first event without an EVSE was put on the station's first; a later one may know better. */
  function whereItIs(session: Session, { evseNumber }: TransactionEvent): Session {
    if (evseNumber === undefined || evseNumber < 1) return session;
    const evseId = evseIdOf(session.stationId, evseNumber);
    return evseId === session.evseId ? session : { ...session, evseId };
  }

  return {
    record: (stationId, event) => inTurn(event.transactionId, () => record(stationId, event)),
    change: (transactionId, edit) =>
      inTurn(transactionId, async () => {
        const session = await find(transactionId);
        if (session === undefined) return undefined;
        const changed = edit(session);
        if (changed !== session) {
          await store.sessions.save(changed);
          putSession(state, changed);
        }
        return changed;
      }),
  };
}
