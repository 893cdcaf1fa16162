import { type EvseId, evseIdOf, evseNumberOf, type StationId } from '../../domain/ids.js';
import { MS_PER_MINUTE } from '../../domain/power.js';
import type { ChargingNeeds, Session } from '../../domain/session.js';
import type { EarlyNeeds } from '../../domain/station.js';
import type { NeedsAnswer } from '../../ports/station-events.js';
import type { EngineContext } from '../context.js';
import type { Estimates } from './estimates.js';
import { answerNeeds, takeNeeds } from './needs.js';
import { checkNeeds, faultText } from './needs-faults.js';
import type { Stations } from './stations.js';
import type { Transactions } from './transactions.js';

/** Needs that came before their transaction wait this long for it; older ones are another car's. */
const EARLY_NEEDS_MS = 10 * MS_PER_MINUTE;
/** The EV waits so long for a profile after Accepted (OCPP 2.1 K15, K17, K18, K19.FR.08). */
export const PROFILE_WITHIN_MS = MS_PER_MINUTE;

export interface NeedsIntakeParts {
  readonly transactions: Transactions;
  readonly stations: Pick<Stations, 'change'>;
  readonly estimates: Estimates;
  readonly requestPlan: () => void;
  readonly sessionChanged: (session: Session) => void;
  /** Starts the needs-to-profile stopwatch. */
  readonly needsTaken: (session: Session) => void;
  /** No plan comes out, or the one in work takes long. */
  readonly isPlanningLate: () => boolean;
}

/** NotifyEVChargingNeeds, whatever it says: checked → attached to its session → planned for. */
export interface NeedsIntake {
  take(stationId: StationId, evseNumber: number, needs: ChargingNeeds): Promise<NeedsAnswer>;
  /** A transaction runs: needs that came before it are its own. */
  transactionRuns(session: Session): Promise<void>;
  stop(): void;
}

export function createNeedsIntake(context: EngineContext, parts: NeedsIntakeParts): NeedsIntake {
  const { clock, state, announcer } = context;
  const watches = new Map<EvseId, () => void>();

  const alarm = (code: string, text: string, at: { stationId: StationId; evseId: EvseId }): void =>
    announcer.alarm({ atMs: clock.nowMs(), code, text, stationId: at.stationId, evseId: at.evseId });

  async function attach(session: Session, needs: ChargingNeeds): Promise<void> {
    const { faults } = needs;
    if (faults !== undefined && faults.join() !== session.needs?.faults?.join()) {
      alarm('needs-faulty', `The EV's needs cannot all be true: ${faults.join('; ')}`, session);
    }
    const changed = await parts.transactions.change(session.transactionId, (current) =>
      takeNeeds(current, needs),
    );
    if (changed === undefined) return;
    parts.needsTaken(changed);
    parts.sessionChanged(changed);
    parts.requestPlan();
  }

  const isFresh = ({ receivedAtMs }: ChargingNeeds): boolean =>
    clock.nowMs() - receivedAtMs <= EARLY_NEEDS_MS;

  /** Durable, for they are answered: the station does not say them again when we start anew. */
  async function changeEarly(stationId: StationId, evseNumber: number, own: EarlyNeeds[]): Promise<void> {
    await parts.stations.change(stationId, (station) => {
      const { earlyNeeds = [], ...rest } = station;
      const others = earlyNeeds.filter((one) => one.evseNumber !== evseNumber && isFresh(one.needs));
      return others.length + own.length === 0 ? rest : { ...rest, earlyNeeds: [...others, ...own] };
    });
  }

  /** A profile that was promised and did not come is no danger, the EV goes on without; but it is told. */
  function watchPromise({ evseId, stationId, transactionId }: Session): void {
    const sinceMs = clock.nowMs();
    watches.get(evseId)?.();
    const cancel = clock.after(PROFILE_WITHIN_MS, () => {
      watches.delete(evseId);
      const word = state.acknowledged.get(evseId);
      const isStillThere = state.transactionByEvse.get(evseId) === transactionId;
      const hasWord = word?.profile.transactionId === transactionId && word.atMs >= sinceMs;
      if (!isStillThere || hasWord) return;
      alarm('profile-late', 'The EV was promised a profile within 60 s and has none.', { stationId, evseId });
    });
    watches.set(evseId, cancel);
  }

  /** The station described its EVSEs and this is none of them. */
  function isUnknown(stationId: StationId, evseId: EvseId): boolean {
    const described = state.stations.get(stationId)?.capabilities;
    return described !== undefined && described.size > 0 && !described.has(evseId);
  }

  return {
    async take(stationId, evseNumber, stated) {
      const evseId = evseIdOf(stationId, evseNumber);
      const transactionId = state.transactionByEvse.get(evseId);
      const session = transactionId === undefined ? undefined : state.sessions.get(transactionId);
      const checked = checkNeeds(stated);
      const needs =
        checked.faults.length === 0
          ? checked.needs
          : { ...checked.needs, faults: checked.faults.map(faultText) };
      if (session === undefined && isUnknown(stationId, evseId)) {
        alarm('needs-unknown-evse', `evseId: the station has no EVSE ${evseNumber}; needs refused.`, {
          stationId,
          evseId,
        });
        return {
          status: 'Rejected',
          reasonCode: 'InvalidValue',
          detail: `evseId: no EVSE ${evseNumber} here`,
        };
      }
      if (session === undefined) {
        await changeEarly(stationId, evseNumber, [{ evseNumber, needs }]);
        alarm('needs-without-transaction', 'Needs came before a transaction; they wait for it.', {
          stationId,
          evseId,
        });
        return {
          status: 'Processing',
          reasonCode: 'TxNotFound',
          detail: 'no transaction runs on this EVSE yet',
        };
      }
      if (needs.statedAtMs < session.startedAtMs - EARLY_NEEDS_MS) {
        alarm(
          'needs-faulty',
          'timestamp: the needs are older than the transaction; they are left out.',
          session,
        );
        return {
          status: 'NoChargingProfile',
          reasonCode: 'InvalidValue',
          detail: 'timestamp lies before the transaction',
        };
      }
      const complete = parts.estimates.withDeparture(session, needs);
      await attach(session, complete);
      const answer = answerNeeds(complete, clock.nowMs(), parts.isPlanningLate());
      if (answer.status === 'Accepted') watchPromise(session);
      return answer;
    },

    async transactionRuns(session) {
      const evseNumber = evseNumberOf(session.evseId);
      const { earlyNeeds } = state.stations.get(session.stationId)?.station ?? {};
      const needs = earlyNeeds?.find((one) => one.evseNumber === evseNumber)?.needs;
      if (needs === undefined) return;
      if (isFresh(needs)) await attach(session, parts.estimates.withDeparture(session, needs));
      // Not before: a store that fails now gets them with the next event.
      await changeEarly(session.stationId, evseNumber, []);
    },

    stop() {
      for (const cancel of watches.values()) cancel();
      watches.clear();
    },
  };
}
