/** A cap that somebody beside us puts on a station: its energy manager, the grid operator (OCPP 2.1 K11, K12). */
export interface ExternalLimit {
  /** 0 = the whole station. */
  readonly evseNumber: number;
  /** EMS, SO, Other … as the station names it. */
  readonly source: string;
  readonly isGridCritical: boolean;
  /** Ascending; kW ≥ 0 at the meter, absent = not capped. Empty: the station did not say how much. */
  readonly periods: readonly ExternalLimitPeriod[];
  /** The last period holds until here; absent = until it is cleared. */
  readonly endMs?: number;
}

export interface ExternalLimitPeriod {
  readonly startMs: number;
  readonly maxChargeKw?: number;
  readonly maxDischargeKw?: number;
}

/** What a limit caps at an instant; undefined where it caps nothing. */
export function externalLimitAt(limit: ExternalLimit, atMs: number): ExternalLimitPeriod | undefined {
  if (limit.endMs !== undefined && atMs >= limit.endMs) return undefined;
  return limit.periods.findLast(({ startMs }) => startMs <= atMs);
}
