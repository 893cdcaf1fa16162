/**
 * Markets whose prices stand beside each other. Day-ahead: the auction of the day before. Intraday: what the
 * later auctions and continuous trade came to. Imbalance: what the system operator charges, known afterwards.
 */
export const PRICE_KINDS = ['day-ahead', 'intraday', 'imbalance'] as const;
export type PriceKind = (typeof PRICE_KINDS)[number];

/** No market's price cap comes near; a larger figure is a wrong unit or a slipped digit. */
export const LARGEST_PRICE_PER_KWH = 1_000;

/**
 * A gapless price series. Slot k covers [startMs + k·slotMinutes, startMs + (k+1)·slotMinutes).
 * Prices per kWh in `currency`; both arrays have the same length and may hold negative numbers.
 */
export interface PriceSeries {
  readonly zone: string;
  readonly currency: string;
  readonly startMs: number;
  /** As the source has it: a file of hours stays one of hours. */
  readonly slotMinutes: number;
  readonly importPerKwh: readonly number[];
  readonly exportPerKwh: readonly number[];
  /** Absent = day-ahead. */
  readonly kind?: PriceKind;
  /** Who published it, with the licence where one is named; absent = not said. */
  readonly source?: string;
  /** The source's own number of the document; a lower one never replaces a higher one of the same source. */
  readonly revision?: number;
}

/**
 * Slots [fromSlot, endSlot) of a horizon whose price is not published, and what stands in: the price of the same
 * time one or two days earlier, the mean of the known prices, or none (zero).
 */
export interface PriceBridge {
  readonly fromSlot: number;
  readonly endSlot: number;
  readonly rule: 'one-day-earlier' | 'two-days-earlier' | 'mean' | 'none';
}
