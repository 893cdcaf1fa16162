import {
  type DeliveryChange,
  type DeliveryState,
  proofOf,
  withChange,
  withProof,
} from '../../domain/evse-record.js';
import type { EvseId, StationId } from '../../domain/ids.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { DesiredProfile } from '../../domain/profile.js';
import type { Session } from '../../domain/session.js';
import type { EvseCapability, ProfileDialect } from '../../domain/station.js';
import type { TransactionEvent } from '../../domain/transaction-event.js';
import { holding } from '../../ports/clock.js';
import type { LinkedContext } from '../context.js';
import type { DialectLadder } from '../dispatch/dialect-ladder.js';
import { storedNowKwh } from '../planning/stored-energy.js';
import { capabilityOf, usedEvsesOf } from '../state.js';
import { withTaken } from './asked-trace.js';
import {
  type Delivery,
  type DeliveryLimit,
  isNotable,
  limitAfter,
  limitKwAt,
  suspensionAfter,
} from './delivery.js';
import { CONTRARY_MS, NO_EVIDENCE, withSample } from './evidence.js';
import type { EvseRecords } from './evse-records.js';
import {
  type CarFacts,
  judgeSample,
  LAG_MS,
  type MeterSample,
  type SampleVerdict,
  TOLERANCE_KW,
  toleranceKw,
} from './judge-sample.js';
import { nextSample } from './meter-sample.js';

/** Profiles taken before so long ago play no part in any judgement. */
const TRACE_MS = MS_PER_HOUR;
/** A taken profile comes into force within this time, or it does not. */
const TAKING_MS = 10_000;
/** An EVSE that follows nothing is left out of planning for so long, doubling each time in a row. */
const FIRST_PAUSE_MS = 30 * MS_PER_MINUTE;
const MAX_PAUSE_MS = 24 * MS_PER_HOUR;
/** So near to its floor a battery is empty, to its ceiling full: the larger of the two. */
const BOUND_KWH = 1;
const BOUND_SHARE = 0.05;

/**
 * Holds the meter against the profile in force: what the station accepted is not believed, what arrives is.
 *
 *   profile taken → samples judged → following, lagging
 *                                  → limited-by-ev: planned with what arrives, for a while
 *                                  → ignoring: the dialect is demoted; in the last one: unsteerable for a while
 */
export interface Verification {
  /** The station has taken (or been told again) a profile. */
  taken(profile: DesiredProfile, capability: EvseCapability): void;
  /** A transaction event with its readings is on the session's books. */
  metered(session: Session, event: TransactionEvent): void;
  ended(session: Session): void;
  offline(stationId: StationId): void;
  online(stationId: StationId): void;
}

export function createVerification(
  context: LinkedContext,
  parts: {
    readonly records: EvseRecords;
    readonly ladder: DialectLadder;
    /** What comes next for the EVSE is sent whatever it is. */
    readonly sendAnew: (evseId: EvseId) => void;
    readonly requestPlan: () => void;
  },
): Verification {
  const { clock, state, settings, metrics, announcer, logger } = context;
  const { records, ladder } = parts;

  const deliveryOf = (session: Session): Delivery => {
    const known = state.deliveries.get(session.evseId);
    if (known?.transactionId === session.transactionId) return known;
    const shown = { state: 'unverified' as const, sinceMs: clock.nowMs(), reason: 'not metered yet' };
    return { transactionId: session.transactionId, evidence: NO_EVIDENCE, trace: [], shown };
  };
  const put = (evseId: EvseId, delivery: Delivery): void => {
    state.deliveries.set(evseId, delivery);
  };
  const occupantOf = (evseId: EvseId): Session | undefined => {
    const transactionId = state.transactionByEvse.get(evseId);
    return transactionId === undefined ? undefined : state.sessions.get(transactionId);
  };

  /** The trace, begun with what is in force where it is empty, as after a restart of ours. */
  function traceOf(session: Session, delivery: Delivery): Delivery['trace'] {
    const { evseId, transactionId } = session;
    const nowMs = clock.nowMs();
    const inForce = state.inForce.get(evseId);
    const last = delivery.trace.at(-1);
    if (inForce === undefined || inForce.transactionId !== transactionId) {
      return last !== undefined && nowMs - last.fromMs < TAKING_MS ? delivery.trace : [];
    }
    if (last !== undefined) return delivery.trace;
    const { dialect = 'charging-only' } = capabilityOf(state, session.stationId, evseId, nowMs);
    return [{ fromMs: nowMs, profile: inForce, dialect }];
  }

  function carFactsOf(
    session: Session,
    dialect: ProfileDialect,
    { suspension }: Delivery,
    { fromMs }: MeterSample,
  ): CarFacts {
    const { evseId, chargingState } = session;
    const proof = proofOf(records.of(evseId), dialect, records.firmwareOf(evseId));
    return {
      evSuspended: suspension !== undefined && suspension.lastMs >= fromMs,
      evseSuspended: chargingState === 'SuspendedEVSE',
      ...boundsReached(session),
      isProven: proof?.meter?.outcome === 'follows',
    };
  }

  /** Whether the battery is about empty, or about full, as far as is known. */
  function boundsReached(session: Session): Pick<CarFacts, 'isAtFloor' | 'isFull'> {
    const { evseId, window } = session;
    const storedKwh = storedNowKwh(session, state.inForce.get(evseId), clock.nowMs(), settings);
    if (window === undefined || storedKwh === undefined) return { isAtFloor: false, isFull: false };
    const { minEnergyKwh, maxEnergyKwh } = window;
    const nearKwh = Math.max(BOUND_KWH, BOUND_SHARE * (maxEnergyKwh - minEnergyKwh));
    return { isAtFloor: storedKwh - minEnergyKwh <= nearKwh, isFull: maxEnergyKwh - storedKwh <= nearKwh };
  }

  /** Shows a state, on record when it is another than before. */
  function show(evseId: EvseId, delivery: Delivery, change: Omit<DeliveryChange, 'atMs'>): Delivery {
    const { state: now, reason } = change;
    if (delivery.shown.state === now) return delivery;
    const atMs = clock.nowMs();
    metrics.count('delivery_changes_total', { state: now });
    const { transactionId } = delivery;
    records.change(evseId, (record) => withChange(record, { atMs, transactionId, ...change }));
    return { ...delivery, shown: { state: now, sinceMs: atMs, reason } };
  }

  function judged(session: Session, delivery: Delivery, sample: MeterSample): void {
    const { evseId } = session;
    const dialect = delivery.trace.at(-1)?.dialect ?? 'charging-only';
    const verdict = judgeSample(delivery.trace, sample, carFactsOf(session, dialect, delivery, sample));
    metrics.count('delivery_samples_total', { word: verdict.word });
    const evidence = withSample(delivery.evidence, verdict.word, sample);
    const { band } = verdict;
    let next: Delivery = { ...delivery, evidence };
    if (band !== undefined && evidence.state !== 'unverified') {
      const askedKw = (band.leastKw + band.mostKw) / 2;
      next = show(evseId, next, {
        state:
          evidence.state === 'following' && isLimited(next, clock.nowMs()) ? 'limited-by-ev' : evidence.state,
        reason: reasonOf(verdict, sample),
        dialect,
        askedKw,
        meteredKw: sample.powerKw,
      });
    }
    put(evseId, next);
    if (!settings.meterDecides) return;
    if (verdict.word === 'following' && band !== undefined)
      follows(session, next, dialect, band.mostKw, sample);
    if (verdict.word === 'limited-by-ev' && evidence.state === 'limited-by-ev')
      limited(session, verdict, sample);
    const isDue = (evidence.contrary?.coveredMs ?? 0) >= CONTRARY_MS;
    if (verdict.word === 'ignoring' && isDue) ignored(session, dialect, verdict, sample);
  }

  /** Discharge that arrives proves the dialect; power that arrives lifts what was held against the car. */
  function follows(
    session: Session,
    delivery: Delivery,
    dialect: ProfileDialect,
    mostKw: number,
    { powerKw }: MeterSample,
  ): void {
    const { evseId } = session;
    const nowMs = clock.nowMs();
    const isDischarge = mostKw < -TOLERANCE_KW && powerKw < -TOLERANCE_KW;
    if (isDischarge) {
      const firmware = records.firmwareOf(evseId);
      if (proofOf(records.of(evseId), dialect, firmware)?.meter?.outcome !== 'follows') {
        records.change(evseId, (record) =>
          withProof(record, { dialect, firmware, meter: { outcome: 'follows', atMs: nowMs } }),
        );
      }
      inBackground(evseId, () => ladder.forgive(evseId, dialect));
    }
    const { unsteerable } = records.of(evseId);
    if (unsteerable !== undefined && unsteerable.untilMs <= nowMs) {
      records.change(evseId, ({ unsteerable: _, ...record }) => record);
    }
    if (Math.abs(powerKw) <= TOLERANCE_KW) return;
    const [direction, opposite] =
      powerKw < 0 ? (['discharge', 'charge'] as const) : (['charge', 'discharge'] as const);
    if (delivery[opposite]?.atBound === true) setLimit(evseId, opposite, undefined);
    if (Math.abs(powerKw) <= limitKwAt(delivery[direction], nowMs) + TOLERANCE_KW) return;
    setLimit(evseId, direction, undefined);
  }

  function limited(session: Session, { band }: SampleVerdict, { powerKw }: MeterSample): void {
    if (band === undefined) return;
    const direction = band.mostKw < 0 ? 'discharge' : 'charge';
    const deliveredKw = Math.max(0, direction === 'discharge' ? -powerKw : powerKw);
    const before = state.deliveries.get(session.evseId)?.[direction];
    const { isAtFloor, isFull } = boundsReached(session);
    const atBound = direction === 'discharge' ? isAtFloor : isFull;
    setLimit(session.evseId, direction, limitAfter(before, { deliveredKw, atBound }, clock.nowMs()));
  }

  function setLimit(
    evseId: EvseId,
    direction: 'charge' | 'discharge',
    limit: DeliveryLimit | undefined,
  ): void {
    const delivery = state.deliveries.get(evseId);
    if (delivery === undefined) return;
    const { [direction]: before, ...rest } = delivery;
    put(evseId, { ...rest, ...(limit === undefined ? {} : { [direction]: limit }) });
    if (isNotable(before, limit, clock.nowMs())) parts.requestPlan();
  }

  function ignored(
    session: Session,
    dialect: ProfileDialect,
    verdict: SampleVerdict,
    sample: MeterSample,
  ): void {
    const { evseId } = session;
    const nowMs = clock.nowMs();
    const reason = reasonOf(verdict, sample);
    const delivery = state.deliveries.get(evseId);
    if (delivery === undefined || verdict.band === undefined) return;
    // Whatever comes next is judged by itself.
    const { contrary: _, ...evidence } = delivery.evidence;
    put(evseId, { ...delivery, evidence, trace: dialect === 'charging-only' ? delivery.trace : [] });
    if (dialect !== 'charging-only') {
      if (verdict.band.mostKw < -toleranceKw(verdict.band)) {
        const firmware = records.firmwareOf(evseId);
        records.change(evseId, (record) =>
          withProof(record, { dialect, firmware, meter: { outcome: 'ignores', atMs: nowMs } }),
        );
      }
      inBackground(evseId, async () => {
        await ladder.demote(evseId, dialect, reason, 'ignored');
        parts.sendAnew(evseId);
        parts.requestPlan();
      });
      return;
    }
    const { unsteerable } = records.of(evseId);
    if (unsteerable !== undefined && unsteerable.untilMs > nowMs) return;
    const count = (unsteerable?.count ?? 0) + 1;
    const untilMs = nowMs + Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - 1));
    records.change(evseId, (record) => ({ ...record, unsteerable: { untilMs, count, reason } }));
    announcer.alarm({
      atMs: nowMs,
      code: 'evse-unsteerable',
      text: `The EVSE follows nothing (${reason}); it is left out of planning for a while.`,
      stationId: session.stationId,
      evseId,
      transactionId: session.transactionId,
    });
    parts.requestPlan();
  }

  function inBackground(evseId: EvseId, task: () => Promise<void>): void {
    holding(clock, task).catch((error: unknown) =>
      logger.error({ err: error, evseId }, 'what the meter says could not be acted upon'),
    );
  }

  function showForStation(stationId: StationId, now: DeliveryState, reason: string): boolean {
    let isAny = false;
    for (const evseId of usedEvsesOf(state, stationId)) {
      const session = occupantOf(evseId);
      if (session === undefined) continue;
      isAny = true;
      // The link's own time is not the meter's: evidence and trace begin anew.
      const { stand: _, ...delivery } = deliveryOf(session);
      const fresh = { ...delivery, evidence: NO_EVIDENCE };
      put(evseId, show(evseId, fresh, { state: now, reason }));
    }
    return isAny;
  }

  return {
    taken(profile, capability) {
      const { evseId } = profile;
      const session = occupantOf(evseId);
      if (session === undefined || session.transactionId !== profile.transactionId) return;
      const nowMs = clock.nowMs();
      const delivery = deliveryOf(session);
      const taken = { fromMs: nowMs, profile, dialect: capability.dialect ?? 'charging-only' };
      put(evseId, { ...delivery, trace: withTaken(delivery.trace, taken, nowMs - TRACE_MS) });
    },
    metered(session, event) {
      const { evseId, transactionId } = session;
      if (session.state !== 'active' || state.transactionByEvse.get(evseId) !== transactionId) return;
      const before = deliveryOf(session);
      const nowMs = clock.nowMs();
      const { stand, sample } = nextSample(before.stand, session, event, nowMs);
      const suspension = suspensionAfter(before.suspension, session.chargingState, nowMs);
      const delivery = {
        ...before,
        ...(stand === undefined ? {} : { stand }),
        ...(suspension === undefined ? {} : { suspension }),
        trace: traceOf(session, before),
      };
      put(evseId, delivery);
      if (sample !== undefined && sample.toMs - sample.fromMs <= TRACE_MS - LAG_MS) {
        judged(session, delivery, sample);
      }
    },
    ended({ evseId, transactionId }) {
      if (state.deliveries.get(evseId)?.transactionId === transactionId) state.deliveries.delete(evseId);
    },
    offline(stationId) {
      if (showForStation(stationId, 'offline', 'the station is out of reach')) parts.requestPlan();
    },
    online(stationId) {
      if (showForStation(stationId, 'unverified', 'the station is back')) parts.requestPlan();
    },
  };
}

/** It follows a plan that counts with what its car was seen to do. */
function isLimited({ charge, discharge }: Delivery, nowMs: number): boolean {
  return [charge, discharge].some((limit) => limitKwAt(limit, nowMs) !== Number.POSITIVE_INFINITY);
}

function reasonOf({ word, band }: SampleVerdict, { powerKw }: MeterSample): string {
  const kw = (value: number) => value.toFixed(1);
  if (band === undefined) return word;
  const asked =
    band.mostKw - band.leastKw < 0.1 ? kw(band.mostKw) : `${kw(band.leastKw)} to ${kw(band.mostKw)}`;
  return `asked for ${asked} kW, metered ${kw(powerKw)} kW`;
}
