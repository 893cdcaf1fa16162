import { type AskedTrace, askedBand, type PowerBand } from './asked-trace.js';

/** From a new setpoint to its power: reaction of station and car, and their ramp. */
export const RAMP_MS = 60_000;
/** A station that needs longer than the ramp, but no longer than this, lags; beyond it does not follow. */
export const LAG_MS = 180_000;
/** Half a kW is what a parked car's electronics and a meter's rounding may take unasked. */
export const TOLERANCE_KW = 0.5;
/** Of the power asked: inverters and meters of class B together. */
export const TOLERANCE_FRACTION = 0.1;

/** Mean power over [fromMs, toMs] by the registers; with both the same the power at an instant. Signed kW. */
export interface MeterSample {
  readonly fromMs: number;
  readonly toMs: number;
  readonly powerKw: number;
}

/** What speaks for the car, or for the station, as the cause. */
export interface CarFacts {
  /** The car itself took or gave nothing at some time of the sample (OCPP's SuspendedEV). */
  readonly evSuspended: boolean;
  /** The station offers nothing as the sample ends (OCPP's SuspendedEVSE). */
  readonly evseSuspended: boolean;
  /** The battery has next to nothing left to give. */
  readonly isAtFloor: boolean;
  /** The battery has next to no room left. */
  readonly isFull: boolean;
  /** The EVSE has followed a discharge in this dialect before: it knows how. */
  readonly isProven: boolean;
}

export type SampleWord = 'inconclusive' | 'following' | 'lagging' | 'limited-by-ev' | 'ignoring';

export interface SampleVerdict {
  readonly word: SampleWord;
  /** Bounds of what was asked, ramp allowed for; absent when nothing was asked. */
  readonly band?: PowerBand;
}

/** Difference between asked and metered that means nothing, kW. */
export function toleranceKw({ leastKw, mostKw }: PowerBand): number {
  return Math.max(TOLERANCE_KW, TOLERANCE_FRACTION * Math.max(Math.abs(leastKw), Math.abs(mostKw)));
}

/**
 * One meter sample against what was asked. Within the band of a ramp it follows (inconclusive while the band
 * itself is wider than the tolerance), within that of a longer lag it lags. Outside: less than asked, in the
 * direction asked, is the car's doing; nothing at all where discharge was asked is the station's, unless
 * {@link CarFacts} speak for the car; so it is where charge was asked to the last and the station says that
 * it offers none; anything else is the station's.
 */
export function judgeSample(trace: AskedTrace, sample: MeterSample, car: CarFacts): SampleVerdict {
  const band = askedBand(trace, sample, RAMP_MS);
  if (band === undefined) return { word: 'inconclusive' };
  const { powerKw } = sample;
  const within = toleranceKw(band);
  if (isInside(powerKw, band, within)) {
    return { word: band.mostKw - band.leastKw <= within ? 'following' : 'inconclusive', band };
  }
  const late = askedBand(trace, sample, LAG_MS);
  if (late === undefined) return { word: 'inconclusive', band };
  const tolerance = toleranceKw(late);
  if (isInside(powerKw, late, tolerance)) return { word: 'lagging', band };
  const { toMs } = sample;
  const lately = askedBand(trace, { fromMs: toMs, toMs }, LAG_MS);
  const chargeToTheLast = lately !== undefined && lately.leastKw > toleranceKw(lately);
  return { word: whoseFault(powerKw, late, tolerance, car, chargeToTheLast), band };
}

function isInside(powerKw: number, { leastKw, mostKw }: PowerBand, toleranceKw: number): boolean {
  return powerKw >= leastKw - toleranceKw && powerKw <= mostKw + toleranceKw;
}

/**
 * @param band what was asked, a lag allowed for; `powerKw` lies outside it by more than the tolerance
 * @param chargeToTheLast charge was asked until the sample's end: a station that offers none then has no order for it
 */
function whoseFault(
  powerKw: number,
  band: PowerBand,
  tolerance: number,
  car: CarFacts,
  chargeToTheLast: boolean,
): 'limited-by-ev' | 'ignoring' {
  const isNothing = Math.abs(powerKw) <= TOLERANCE_KW;
  if (band.leastKw > tolerance && powerKw < band.leastKw) {
    if (isNothing) {
      const isStation = car.evseSuspended && chargeToTheLast && !car.evSuspended && !car.isFull;
      return isStation ? 'ignoring' : 'limited-by-ev';
    }
    return powerKw > 0 ? 'limited-by-ev' : 'ignoring';
  }
  if (band.mostKw < -tolerance && powerKw > band.mostKw) {
    if (!isNothing) return powerKw < 0 ? 'limited-by-ev' : 'ignoring';
    const isCar = car.evSuspended || car.isAtFloor || car.isProven;
    return isCar ? 'limited-by-ev' : 'ignoring';
  }
  return 'ignoring';
}
