import { asStationId } from '../../src/domain/ids.js';
import {
  assumedBattery,
  DEFAULT_CAR,
  type SessionPlan,
  type StationPlan,
  type StationTraits,
} from '../../src/simulator/session-plan.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** A Tuesday, 18:00 UTC. */
export const EVENING = Date.parse('2026-01-20T18:00:00Z');

/** A 60 kWh car, half full, that plugs in a minute after {@link EVENING} for ten hours and wants 80 %. */
export function sessionPlan(changes: Partial<SessionPlan> = {}): SessionPlan {
  return {
    sessionId: 'session-1',
    userId: 'driver-1',
    plugInMs: EVENING + MINUTE,
    plugOutMs: EVENING + MINUTE + 10 * HOUR,
    battery: assumedBattery(60, DEFAULT_CAR),
    arrivalKwh: 30,
    targetKwh: 48,
    bidirectional: true,
    assumptions: [],
    ...changes,
  };
}

/** One station, one EVSE, that does at once what it is told. */
export function stationPlan(sessions: SessionPlan[], traits: Partial<StationTraits> = {}): StationPlan {
  return {
    stationId: asStationId('HX-1'),
    evses: [{ sessions }],
    traits: { reactionMs: 0, rampKwPerS: Number.POSITIVE_INFINITY, ...traits },
  };
}
