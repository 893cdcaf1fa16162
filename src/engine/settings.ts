import type { PriceKind } from '../domain/price.js';

/** What the operator chooses about the engine's behaviour. All durations in the engine's own time. */
export interface EngineSettings {
  readonly planIntervalS: number;
  readonly planSlotMinutes: number;
  readonly maxHorizonHours: number;
  /** Gathers causes that come in a burst into one plan. */
  readonly coalesceMs: number;
  readonly solverGap: number;
  readonly solverTimeLimitMs: number;
  /** A discharge ends by itself this long after we were last heard of. */
  readonly deadManS: number;
  /** Planning finishes this long before the stated departure. */
  readonly departureGuardMinutes: number;
  /** Battery wear per kWh discharged at the meter, in the price's currency. */
  readonly wearPerKwh: number;
  /** Assumed where no car tells; conservative, so that targets hold. */
  readonly chargeEfficiency: number;
  readonly dischargeEfficiency: number;
  readonly shortfallPenaltyPerKwh: number;
  readonly dispatchDeviationPerKwh: number;
  /** Least time from an order's arrival to its start. */
  readonly dispatchNoticeS: number;
  /** On awarded capacity that a plan does not hold: above any trade of energy. */
  readonly awardShortfallPerKwPerHour: number;
  readonly meterIntervalS: number;
  /** Whether verdicts of the meter act: demote dialects, limit what is planned, leave EVSEs out. Else they are shown. */
  readonly meterDecides: boolean;
  readonly heartbeatIntervalS: number;
  /** Charging limit of the default profile where an EVSE does not state its own. */
  readonly defaultChargeKw: number;
  /** Whether stations that are not registered are registered on first contact (`open` mode, loopback only). */
  readonly registerUnknownStations: boolean;
  /** Bidding zone of plans and sites that name none; absent = the zone whose prices came first. */
  readonly priceZone?: string;
  /** Which market's prices plans are made with; where it has none, the day-ahead prices count. */
  readonly priceKind: PriceKind;
}

export const DEFAULT_SETTINGS: EngineSettings = {
  planIntervalS: 300,
  planSlotMinutes: 5,
  maxHorizonHours: 36,
  coalesceMs: 100,
  solverGap: 1e-3,
  solverTimeLimitMs: 10_000,
  deadManS: 900,
  departureGuardMinutes: 10,
  wearPerKwh: 0.03,
  chargeEfficiency: 0.92,
  dischargeEfficiency: 0.92,
  shortfallPenaltyPerKwh: 5,
  dispatchDeviationPerKwh: 1,
  dispatchNoticeS: 0,
  awardShortfallPerKwPerHour: 1,
  meterIntervalS: 60,
  meterDecides: true,
  heartbeatIntervalS: 600,
  defaultChargeKw: 11,
  registerUnknownStations: false,
  priceKind: 'day-ahead',
};
