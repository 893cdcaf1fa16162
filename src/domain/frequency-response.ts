import type { TransactionId } from './ids.js';

/** How a car answers the grid's frequency by itself. Power: import > 0, export < 0, at the EVSE's meter. */
export interface FrequencyResponse {
  readonly transactionId: TransactionId;
  readonly evseNumber: number;
  /** Power at the point of the curve that says 0 kW. */
  readonly baselineKw: number;
  /** 2…20 points of rising frequency; `powerKw` is added to the baseline. */
  readonly frequencyCurve: readonly { readonly frequencyHz: number; readonly powerKw: number }[];
  /** What each aFRR signal means, 2…20 points of rising signal. */
  readonly signalCurve?: readonly { readonly signal: number; readonly powerKw: number }[];
  /** Ends by itself after so many seconds. */
  readonly durationS: number;
}
