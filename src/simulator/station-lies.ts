/** How a station differs in what it does, and tells, from what it has accepted. */
export interface StationLies {
  /**
   * What it accepts and does not do: `discharge` (it idles instead), `dynamic-discharge` (the same, of Dynamic
   * profiles alone), `updates` (the values of UpdateDynamicSchedule), `everything` (it charges as fast as it can, whatever it is told).
   */
  readonly ignores: 'nothing' | 'discharge' | 'dynamic-discharge' | 'updates' | 'everything';
  /** It discharges with no more than this, although it states its full rating, kW. */
  readonly mostDischargeKw: number;
  /** Its composite schedule shows 0 where it discharges. */
  readonly hidesDischarge: boolean;
}

export const HONEST: StationLies = {
  ignores: 'nothing',
  mostDischargeKw: Number.POSITIVE_INFINITY,
  hidesDischarge: false,
};

/** The power that it really aims at when it is asked for one, signed kW; Infinity = as much as it can. */
export function truePowerKw(askedKw: number, isDynamic: boolean, lies: StationLies): number {
  if (lies.ignores === 'everything') return Number.POSITIVE_INFINITY;
  if (askedKw >= 0) return askedKw;
  if (lies.ignores === 'discharge' || (lies.ignores === 'dynamic-discharge' && isDynamic)) return 0;
  return Math.max(askedKw, -lies.mostDischargeKw);
}
