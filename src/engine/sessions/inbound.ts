import type { ExternalLimit } from '../../domain/external-limit.js';
import type { StationId } from '../../domain/ids.js';
import { evseIdOf } from '../../domain/ids.js';
import type { PlanCause } from '../../domain/plan.js';
import type { Session } from '../../domain/session.js';
import type { DeviceVariable, Station } from '../../domain/station.js';
import type { TransactionEvent } from '../../domain/transaction-event.js';
import type { StationEvents } from '../../ports/station-events.js';
import type { LinkedContext } from '../context.js';
import { capabilityOf } from '../state.js';
import type { Commissioning } from './commissioning.js';
import type { Estimates } from './estimates.js';
import { firstExcessMs, inOurTime, ofNow } from './ev-schedule.js';
import type { NeedsIntake } from './needs-intake.js';
import { isStopped, observeClock } from './station-clock.js';
import type { Stations } from './stations.js';
import type { Transactions } from './transactions.js';

/** A station's `lastSeenMs` is written at most this often. */
const SEEN_RESOLUTION_MS = 5 * 60_000;
/** Rows of a device model that are kept; a large station has some 2,000. */
const MAX_INVENTORY_ROWS = 20_000;
/** Limits of others kept per station; each source has one per EVSE. */
const MAX_EXTERNAL_LIMITS = 100;
/** Security and grid-code events kept per station, the newest. */
const MAX_NOTICES = 50;
/** A stream's sample that is older says nothing of now. */
const FRESH_TELEMETRY_MS = 60_000;
/** Distinct spelling faults kept per station. */
const MAX_NON_CONFORMANCES = 20;

export interface InboundParts {
  readonly transactions: Transactions;
  readonly stations: Stations;
  readonly commissioning: Commissioning;
  /** Keeps a station's whole device model and plans with what it says. */
  readonly takeModel: (stationId: StationId, rows: readonly DeviceVariable[]) => Promise<void>;
  readonly requestPlan: (cause: PlanCause) => void;
  /** The station may have lost its profiles, or has work waiting. */
  readonly stationBack: (stationId: StationId, lostProfiles: boolean) => Promise<void>;
  readonly sessionChanged: (session: Session) => void;
  readonly sessionEnded: (session: Session) => void;
  readonly needs: NeedsIntake;
  readonly estimates: Estimates;
  /** The event is on the session's books. */
  readonly metered: (session: Session, event: TransactionEvent) => void;
  /** The station's link stands, or broke. */
  readonly linkChanged: (stationId: StationId, isUp: boolean) => void;
}

/** Everything that stations tell: the engine's ears. See the port for what each promise means. */
export function createInbound(context: LinkedContext, parts: InboundParts): StationEvents {
  const { clock, store, state, secrets, settings, metrics, announcer, logger } = context;

  const saveStation = (stationId: StationId, change: Partial<Station>): Promise<Station> =>
    parts.stations.change(stationId, (station) => ({ ...station, ...change, lastSeenMs: clock.nowMs() }));

  const inBackground = (stationId: StationId, saving: Promise<Station>): void => {
    saving.catch((error: unknown) => logger.error({ err: error, stationId }, 'station not saved'));
  };

  /** An EVSE holds one car: a session that another one replaces has ended without telling. */
  async function closeLost(lost: Session): Promise<void> {
    const closed = await parts.transactions.change(lost.transactionId, (session) => ({
      ...session,
      state: 'ended',
      endedAtMs: session.books.lastReadingMs ?? clock.nowMs(),
      stoppedReason: 'Lost',
      flags: [...new Set([...session.flags, 'event-gap' as const])],
      books: { ...session.books, importKw: 0, exportKw: 0 },
    }));
    if (closed === undefined) return;
    parts.sessionEnded(closed);
    parts.sessionChanged(closed);
  }

  const earlierOn = (session: Session): Session[] =>
    [...(state.sessionsByEvse.get(session.evseId) ?? [])].flatMap((transactionId) => {
      const other = state.sessions.get(transactionId);
      const isEarlier = transactionId !== session.transactionId && other !== undefined;
      return isEarlier && other.startedAtMs <= session.startedAtMs ? [other] : [];
    });

  function observeTime(stationId: StationId, stationMs: number): void {
    const entry = state.stations.get(stationId);
    if (entry === undefined) return;
    const before = entry.clock;
    entry.clock = observeClock(before, stationMs, clock.nowMs());
    if (isStopped(before) === isStopped(entry.clock)) return;
    if (isStopped(entry.clock)) {
      announcer.alarm({
        atMs: clock.nowMs(),
        code: 'station-clock-stopped',
        text: `The station's clock stands still at ${new Date(stationMs).toISOString()}; its EVSEs follow no schedule.`,
        stationId,
      });
    }
    parts.requestPlan('station');
  }

  return {
    async admit(stationId, password) {
      const hash = await store.stations.passwordHash(stationId);
      if (password === undefined) {
        if (hash !== undefined || settings.registerUnknownStations) return { admitted: true };
        return { admitted: false, reason: 'unknown-station' };
      }
      if (hash === undefined) return { admitted: false, reason: 'unknown-station' };
      const matches = hash !== null && (await secrets.verifyPassword(password, hash));
      return matches ? { admitted: true } : { admitted: false, reason: 'wrong-password' };
    },

    async connected(stationId, protocol) {
      const station = await saveStation(stationId, { protocol });
      const registered = station.registration === 'accepted';
      parts.linkChanged(stationId, true);
      if (registered) await parts.stationBack(stationId, false);
      // Whoever has told nothing of itself was interrupted while it was set up; it may not boot again for long.
      if (registered && (state.stations.get(stationId)?.capabilities.size ?? 0) === 0) {
        clock.after(0, () => parts.commissioning.begin(stationId));
      }
      return { registered };
    },

    disconnected(stationId) {
      parts.linkChanged(stationId, false);
      inBackground(stationId, saveStation(stationId, {}));
    },

    nonConformant(stationId, what) {
      const noted = parts.stations.change(stationId, (station) => {
        const { nonConformances: known } = station;
        if (known.includes(what) || known.length >= MAX_NON_CONFORMANCES) return station;
        return { ...station, nonConformances: [...known, what] };
      });
      inBackground(stationId, noted);
    },

    async booted(stationId, identity) {
      await saveStation(stationId, { identity, registration: 'accepted' });
      await parts.stationBack(stationId, true);
      const entry = state.stations.get(stationId);
      if (entry !== undefined) entry.arriving = [];
      // The answer to the boot goes first: the station takes no other call before it.
      clock.after(0, () => parts.commissioning.begin(stationId));
      return { status: 'Accepted', intervalS: settings.heartbeatIntervalS };
    },

    heard(stationId) {
      const lastSeenMs = state.stations.get(stationId)?.station.lastSeenMs ?? 0;
      if (clock.nowMs() - lastSeenMs < SEEN_RESOLUTION_MS) return;
      inBackground(stationId, saveStation(stationId, {}));
    },

    async connectorStatus(stationId, evseNumber, _connector, status) {
      state.stations.get(stationId)?.connectors.set(evseIdOf(stationId, evseNumber), status);
    },

    async deviceModelReported(stationId, rows, complete) {
      const entry = state.stations.get(stationId);
      if (entry === undefined) return;
      for (const row of rows.slice(0, MAX_INVENTORY_ROWS - entry.arriving.length)) entry.arriving.push(row);
      if (!complete) return;
      if (entry.arriving.length === MAX_INVENTORY_ROWS) {
        logger.warn({ stationId, rows: MAX_INVENTORY_ROWS }, 'inventory too long, the rest is left out');
      }
      const model = entry.arriving;
      entry.arriving = [];
      try {
        await parts.takeModel(stationId, model);
      } catch (error) {
        parts.commissioning.modelArrived(stationId, false);
        throw error;
      }
      parts.commissioning.modelArrived(stationId, true);
      clock.after(0, () => parts.commissioning.limitsChanged(stationId));
    },

    async authorize() {
      // Interpretation: Ebbflow plans energy and keeps no card register; who may charge is the operator's rule.
      return { status: 'Accepted' };
    },

    async transactionEvent(stationId, event) {
      const { session, isNew, duplicate } = await parts.transactions.record(stationId, event);
      metrics.count('transaction_events_total', { kind: event.kind, duplicate: String(duplicate) });
      if (session.state === 'active') await parts.needs.transactionRuns(session);
      if (duplicate) return {};
      // One that later ones have overtaken was on its way for longer than its clock is wrong.
      if (!event.offline && event.seqNo === session.lastSeqNo) observeTime(stationId, event.atMs);
      if (isNew) for (const lost of earlierOn(session)) await closeLost(lost);
      parts.metered(session, event);
      if (event.kind === 'ended') parts.sessionEnded(session);
      if (isNew) parts.estimates.begin(state.sessions.get(session.transactionId) ?? session);
      else parts.estimates.metered(session);
      parts.sessionChanged(session);
      return event.idToken === undefined ? {} : { idTokenStatus: 'Accepted' };
    },

    async meterValues(stationId, evseNumber, readings) {
      await store.sessions.recordIdleReadings(evseIdOf(stationId, evseNumber), readings);
    },

    chargingNeeds: (stationId, evseNumber, needs) => parts.needs.take(stationId, evseNumber, needs),

    async evSchedule(stationId, told) {
      const evseId = evseIdOf(stationId, told.evseNumber);
      // The answer to the newest profile and the station's word on it may cross.
      const held = [state.inForce.get(evseId), state.desired.get(evseId)].filter(
        (profile) => profile?.transactionId === state.transactionByEvse.get(evseId),
      );
      const nowMs = clock.nowMs();
      const { clockSkewMs = 0, dialect } = capabilityOf(state, stationId, evseId, nowMs);
      const whole = inOurTime(told, clockSkewMs);
      const schedule = dialect === 'dynamic' ? ofNow(whole, nowMs) : whole;
      const isInside = held.some(
        (profile) => profile === undefined || firstExcessMs(schedule, profile, nowMs) === undefined,
      );
      if (held.length === 0 || isInside) return { accepted: true };
      announcer.alarm({
        atMs: nowMs,
        code: 'ev-schedule-exceeds',
        text: 'The EV means to take or give more than its profile allows; it is asked to negotiate anew.',
        stationId,
        evseId,
      });
      return { accepted: false, reasonCode: 'InvalidSchedule' };
    },

    activeTransaction(stationId, evseNumber) {
      return state.transactionByEvse.get(evseIdOf(stationId, evseNumber));
    },

    async externalLimit(stationId, limit) {
      await parts.stations.change(stationId, (station) => ({
        ...station,
        externalLimits: [...otherLimits(station, limit), limit].slice(-MAX_EXTERNAL_LIMITS),
      }));
      if (limit.isGridCritical) {
        announcer.alarm({
          atMs: clock.nowMs(),
          code: 'grid-critical-limit',
          text: `${limit.source} limits the station: the grid is in a critical state.`,
          stationId,
        });
      }
      parts.requestPlan('station');
    },

    async externalLimitCleared(stationId, evseNumber, source) {
      await parts.stations.change(stationId, (station) => ({
        ...station,
        externalLimits: otherLimits(station, { evseNumber, source }),
      }));
      parts.requestPlan('station');
    },

    async notice(stationId, notice) {
      await parts.stations.change(stationId, (station) => ({
        ...station,
        notices: [...(station.notices ?? []), notice].slice(-MAX_NOTICES),
      }));
      announcer.alarm({
        atMs: clock.nowMs(),
        code: notice.kind === 'security' ? 'station-security-event' : 'grid-code-event',
        text: notice.text,
        stationId,
      });
    },

    async telemetry(stationId, evseNumber, readings) {
      const nowMs = clock.nowMs();
      const newest = readings.findLast(({ atMs }) => Math.abs(nowMs - atMs) <= FRESH_TELEMETRY_MS);
      const transactionId = state.transactionByEvse.get(evseIdOf(stationId, evseNumber));
      const session = transactionId === undefined ? undefined : state.sessions.get(transactionId);
      if (newest === undefined || session === undefined) return;
      if (newest.atMs < (session.books.lastReadingMs ?? 0)) return;
      const { importKw, exportKw } = newest;
      const changed = await parts.transactions.change(session.transactionId, (current) =>
        current.state === 'active'
          ? {
              ...current,
              books: {
                ...current.books,
                ...(importKw === undefined ? {} : { importKw }),
                ...(exportKw === undefined ? {} : { exportKw }),
              },
            }
          : current,
      );
      if (changed !== undefined) parts.sessionChanged(changed);
    },

    async priorityCharging(stationId, transactionId, isActive) {
      const changed = await parts.transactions.change(transactionId, (session) =>
        session.stationId === stationId && session.state === 'active'
          ? { ...session, override: { ...session.override, priorityCharging: isActive } }
          : session,
      );
      if (changed?.stationId !== stationId) {
        logger.warn(
          { stationId, transactionId },
          'priority charging for a transaction that the station does not run',
        );
        return;
      }
      parts.sessionChanged(changed);
      parts.requestPlan('override');
    },

    profileInForce(stationId, evseNumber) {
      const evseId = evseIdOf(stationId, evseNumber);
      const profile = state.inForce.get(evseId);
      if (profile === undefined || profile.transactionId !== state.transactionByEvse.get(evseId))
        return undefined;
      return { profile, capability: capabilityOf(state, stationId, evseId, clock.nowMs()) };
    },
  };
}

/** The station's limits but the one of this source and EVSE. */
function otherLimits(
  { externalLimits = [] }: Station,
  { evseNumber, source }: Pick<ExternalLimit, 'evseNumber' | 'source'>,
): ExternalLimit[] {
  return externalLimits.filter((limit) => limit.evseNumber !== evseNumber || limit.source !== source);
}
