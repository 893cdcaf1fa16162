/** Prices of the rows that tie vehicles together, or a change of them. */
export interface PriceStep {
  /** Price per kW of each row. */
  readonly rows: Float64Array;
  /** Price per kW of net power by site and slot, site-major; empty without sites. */
  readonly site: Float64Array;
}
