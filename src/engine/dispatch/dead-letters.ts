import type { DeadLetter, DeadLetterReason, DispatchProgress } from '../../domain/dead-letter.js';
import { EbbflowError, type ErrorCode } from '../../domain/errors.js';
import { type EvseId, stationOf } from '../../domain/ids.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { DispatchQueue } from '../../ports/dispatch-queue.js';
import type { EngineContext } from '../context.js';

/** What could not be delivered: seen, sent again, or put aside. */
export interface DeadLetters {
  /** One per EVSE, newest first: deliveries that the queue gave up, and newest profiles that were refused. */
  list(): Promise<DeadLetter[]>;
  /**
   * Plans anew for one EVSE, or for all whose profile is still wanted, and sends whatever comes of it: never the
   * old profile. Returns the EVSEs. @throws EbbflowError NOT_FOUND when there is no such letter
   */
  replay(evseId?: EvseId): Promise<EvseId[]>;
  /** Puts a letter aside; of a refused profile until the next one. @throws EbbflowError NOT_FOUND */
  dismiss(evseId: EvseId): Promise<void>;
  progress(): Promise<DispatchProgress>;
}

export function createDeadLetters(
  { state, clock }: EngineContext,
  queue: DispatchQueue,
  parts: {
    /** The next plan's word to the EVSE is sent whatever it is, refused before or not. */
    readonly sendAnew: (evseId: EvseId) => void;
    readonly requestPlan: () => void;
    readonly unanswered: () => EvseId[];
  },
): DeadLetters {
  const dismissedRevision = new Map<EvseId, number>();

  const isRunning = ({ evseId, transactionId }: DesiredProfile): boolean =>
    state.transactionByEvse.get(evseId) === transactionId;

  function isWanted(profile: DesiredProfile): boolean {
    const word = state.acknowledged.get(profile.evseId);
    const isTaken = word?.outcome.status === 'accepted' && word.revision >= profile.revision;
    return isRunning(profile) && !isTaken;
  }

  const profileOf = (evseId: EvseId): Pick<DeadLetter, 'evseId' | 'stationId' | 'profile' | 'isWanted'> => {
    const desired = state.desired.get(evseId);
    return {
      evseId,
      stationId: stationOf(evseId),
      profile:
        desired === undefined ? null : { transactionId: desired.transactionId, revision: desired.revision },
      isWanted: desired !== undefined && isWanted(desired),
    };
  };

  function refused(): DeadLetter[] {
    return [...state.acknowledged.values()].flatMap(({ evseId, revision, outcome, atMs, profile }) => {
      if (outcome.status !== 'rejected' || !isRunning(profile)) return [];
      if (dismissedRevision.get(evseId) === revision) return [];
      if ((state.desired.get(evseId)?.revision ?? 0) > revision) return [];
      return [
        {
          ...profileOf(evseId),
          reason: 'rejected' as const,
          detail: outcome.reason,
          attempts: 1,
          announcedAtMs: profile.createdAtMs,
          givenUpAtMs: atMs,
        },
      ];
    });
  }

  async function list(): Promise<DeadLetter[]> {
    const letters = refused();
    const seen = new Set(letters.map(({ evseId }) => evseId));
    for (const { code, ...failed } of await queue.failed()) {
      if (!seen.has(failed.evseId))
        letters.push({ ...failed, ...profileOf(failed.evseId), reason: reasonOf(code) });
    }
    return letters.sort((one, other) => other.givenUpAtMs - one.givenUpAtMs);
  }

  async function letterOf(evseId: EvseId): Promise<DeadLetter> {
    const letter = (await list()).find((one) => one.evseId === evseId);
    if (letter === undefined) throw new EbbflowError('NOT_FOUND', `There is no dead letter of ${evseId}`);
    return letter;
  }

  return {
    list,
    async replay(evseId) {
      const letters = evseId === undefined ? await list() : [await letterOf(evseId)];
      const wanted = letters.filter((letter) => letter.isWanted).map((letter) => letter.evseId);
      if (wanted.length === 0) return [];
      for (const one of wanted) parts.sendAnew(one);
      parts.requestPlan();
      await queue.forgetFailed(wanted);
      return wanted;
    },
    async dismiss(evseId) {
      const { reason, profile } = await letterOf(evseId);
      if (reason === 'rejected' && profile !== null) dismissedRevision.set(evseId, profile.revision);
      await queue.forgetFailed([evseId]);
    },
    async progress() {
      const atMs = clock.nowMs();
      const unanswered = parts.unanswered();
      const ages = unanswered.map((evseId) => atMs - (state.desired.get(evseId)?.createdAtMs ?? atMs));
      return {
        atMs,
        profiles: [...state.desired.values()].filter(isRunning).length,
        unanswered: unanswered.length,
        lagS: ages.reduce((oldest, age) => Math.max(oldest, age), 0) / 1000,
        queue: await queue.counts(),
      };
    },
  };
}

function reasonOf(code: ErrorCode): DeadLetterReason {
  switch (code) {
    case 'STATION_TIMEOUT':
      return 'timeout';
    case 'STATION_OFFLINE':
      return 'offline';
    case 'STATION_BUSY':
      return 'busy';
    case 'STATION_REFUSED':
      return 'rejected';
    default:
      return 'error';
  }
}
