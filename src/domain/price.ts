/**
 * A gapless price series. Slot k covers [startMs + k·slotMinutes, startMs + (k+1)·slotMinutes).
 * Prices per kWh in `currency`; both arrays have the same length and may hold negative numbers.
 */
export interface PriceSeries {
  readonly zone: string;
  readonly currency: string;
  readonly startMs: number;
  readonly slotMinutes: number;
  readonly importPerKwh: readonly number[];
  readonly exportPerKwh: readonly number[];
}
