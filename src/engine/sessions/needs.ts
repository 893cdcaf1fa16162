import { energyKwhOf, MS_PER_MINUTE } from '../../domain/power.js';
import type { ChargingNeeds, Session } from '../../domain/session.js';
import type { NeedsAnswer } from '../../ports/station-events.js';
import { exportWhOf, importWhOf } from '../metering/books.js';
import { energyWindowOf } from './energy-window.js';

/** Beyond this age of the last reading its power is not taken to have gone on until the needs. */
const MAX_ASSUMED_MS = 15 * MS_PER_MINUTE;
/** A state of charge this old still holds when the needs are stated. */
const MAX_SOC_AGE_MS = MS_PER_MINUTE;

/**
 * The session with the needs taken up, or unchanged when they are older than those it has. Whatever the EV
 * states replaces an estimate, never the other way round. The needs'
 * energies count from the meter's standing when they were stated: the last reading, and its power since.
 */
export function takeNeeds(session: Session, needs: ChargingNeeds): Session {
  const isReal = needs.source === undefined;
  const hasReal = session.needs !== undefined && !isEstimated(session);
  if (hasReal && !isReal) return session;
  if (hasReal && needs.statedAtMs < (session.needs?.statedAtMs ?? 0)) return session;
  const { books } = session;
  // A station whose clock runs ahead states nothing later than we heard it.
  const statedMs = Math.min(needs.statedAtMs, needs.receivedAtMs);
  const sinceReadingMs = Math.max(0, statedMs - (books.lastReadingMs ?? statedMs));
  const assumedMs = Math.min(MAX_ASSUMED_MS, sinceReadingMs);
  return {
    ...session,
    needs,
    window: energyWindowOf(needs, sinceReadingMs <= MAX_SOC_AGE_MS ? books.socFraction : undefined),
    needsImportWh: importWhOf(books) + energyKwhOf(books.importKw, assumedMs) * 1000,
    needsExportWh: exportWhOf(books) + energyKwhOf(books.exportKw, assumedMs) * 1000,
  };
}

/** Whether the session's needs are our estimate; the EV itself has stated none. */
export function isEstimated(session: Pick<Session, 'needs'>): boolean {
  return session.needs?.source !== undefined;
}

/**
 * The answer to NotifyEVChargingNeeds (ocpp: 3.4). Needs that can be planned: Accepted, the profile follows
 * within 60 s; Processing when planning is late, so that the EV does not wait in vain. Without a usable
 * departure the car charges on the charging-only default: NoChargingProfile. What was wrong with needs that
 * are planned all the same is told beside the status.
 */
export function answerNeeds(needs: ChargingNeeds, nowMs: number, isPlanningLate = false): NeedsAnswer {
  if (needs.departureMs !== undefined && needs.departureMs <= nowMs) {
    return {
      status: 'NoChargingProfile',
      reasonCode: 'InvalidValue',
      detail: 'departureTime is in the past',
    };
  }
  if (needs.departureMs === undefined) {
    const isLeftOut = needs.faults?.some((fault) => fault.startsWith('departure:')) === true;
    return isLeftOut
      ? { status: 'NoChargingProfile', reasonCode: 'InvalidValue', detail: 'departureTime is too far ahead' }
      : { status: 'NoChargingProfile', reasonCode: 'MissingParam', detail: 'departureTime is missing' };
  }
  const status = isPlanningLate ? 'Processing' : 'Accepted';
  if (needs.faults === undefined) return { status };
  return { status, reasonCode: 'InvalidValue', detail: needs.faults.join('; ') };
}
