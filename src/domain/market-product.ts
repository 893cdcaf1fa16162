/** Up is more export or less import, down the reverse, as the grid sees it; symmetric is both at once. */
export type ProductDirection = 'up' | 'down' | 'symmetric';

/** How the reference power of a delivery is found; the names of markets' baseline methods. */
export type BaselineMethod =
  | 'nominated-plan'
  | 'meter-before-meter-after'
  | 'high-x-of-y'
  | 'control-group'
  | 'zero-for-discharge';

/** When bids close. Days count back from the delivery day, both in the product's time zone. */
export type BidGate =
  | {
      readonly closesDaysBefore: number;
      readonly closesLocal: string;
      readonly opensDaysBefore?: number;
      readonly opensLocal?: string;
    }
  | { readonly closesMinutesBeforeStart: number };

/** Delivery blocks of a local day: between neighbouring wall-clock borders, or of equal length from midnight on. */
export type ProductBlocks = { readonly localBorders: readonly string[] } | { readonly everyMinutes: number };

/**
 * A market product as data (schemas/market-product.schema.json): what a bid must keep. A block is firm when
 * the pool holds the sold power in it with at least the product's reliability.
 */
export interface MarketProduct {
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  readonly zone: string;
  /** IANA name; borders and gates are local to it. */
  readonly timeZone: string;
  /** Id of the calendar whose holidays count as weekend; absent = none. */
  readonly holidays?: string;
  readonly direction: ProductDirection;
  readonly blocks: ProductBlocks;
  readonly gate: BidGate;
  readonly currency: string;
  readonly capacityPricing: 'pay-as-bid' | 'pay-as-cleared';
  /** Whether activated energy is paid apart from capacity. */
  readonly energyPriced: boolean;
  readonly energyGateMinutes?: number;
  readonly minKw: number;
  readonly stepKw: number;
  readonly maxKw?: number;
  readonly indivisible: boolean;
  readonly initiationS?: number;
  readonly fullActivationS: number;
  /** How long full activation must be sustained; `block` = the whole block. */
  readonly sustainMinutes: number | 'block';
  /** Power to hold per kW sold, in the sold direction (≥ 1) and in the opposite one (≥ 0). */
  readonly powerFactor: number;
  readonly oppositePowerFactor: number;
  readonly restoreWithinMinutes?: number;
  /** Least probability, 0…1, that a bid holds over its whole block. */
  readonly reliability: number;
  readonly signal: 'frequency' | 'setpoint' | 'schedule';
  readonly telemetryS?: number;
  readonly measureS: number;
  readonly baselineMethod: BaselineMethod;
  /** Share of the asked power within which delivery counts as exact. */
  readonly toleranceFraction: number;
  /** Until when awarded capacity may be given back; absent = never. */
  readonly release?: { readonly closesMinutesBeforeStart: number };
  readonly penalty: {
    /** Capacity payment is cut in proportion to what is missing. */
    readonly capacityCut: boolean;
    /** What missing energy is charged at. */
    readonly energyPrice: 'none' | 'balancing' | 'imbalance';
    readonly factor: number;
    readonly suspendAfter?: number;
  };
  /** Where the figures come from and how sure they are. */
  readonly sources: readonly string[];
}

/** Minutes of full activation that a kW sold must be backed by, given the block's length. */
export function sustainMinutesOf(product: MarketProduct, blockMinutes: number): number {
  return product.sustainMinutes === 'block' ? blockMinutes : product.sustainMinutes;
}

/** Largest quantity on the product's steps that is at most `kw`; 0 below its minimum. */
export function roundToProduct(product: MarketProduct, kw: number): number {
  // A hair below a step is that step: 0.3 / 0.1 is 2.9999999999999996.
  const steps = Math.floor(Math.min(kw, product.maxKw ?? kw) / product.stepKw + 1e-9);
  const roundedKw = Number((steps * product.stepKw).toPrecision(12));
  return roundedKw >= product.minKw ? roundedKw : 0;
}
