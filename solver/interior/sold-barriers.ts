import type { ShareLayout } from './share-layout.js';

/** Of what a share earns in the mean of its block: the least that it starts with. */
const LEAST_EARNED = 0.02;

/**
 * Rows (5) in the interior point: in every slot the shares of a product sum to at least what is sold of it. Multipliers
 * are what a kW of share earns in a slot; over a block they sum to what a sold kW earns.
 */
export class SoldBarriers {
  /** By product. */
  readonly soldKw: Float64Array;
  /** By share of the layout. */
  readonly earns: Float64Array;
  readonly #layout: ShareLayout;
  readonly #soldPrice: Float64Array;
  readonly #roomPrice: Float64Array;
  readonly #spare: Float64Array;
  readonly #soldAffine: Float64Array;
  readonly #spareAffine: Float64Array;

  constructor(layout: ShareLayout, sums: Float64Array, aim: number, startEarns?: Float64Array) {
    const { products, productOf } = layout;
    this.#layout = layout;
    const make = (n: number): Float64Array => new Float64Array(n);
    const n = products.length;
    this.soldKw = make(n);
    this.#soldPrice = make(n);
    this.#roomPrice = make(n);
    this.earns = make(productOf.length);
    this.#spare = make(productOf.length);
    this.#soldAffine = make(n);
    this.#spareAffine = make(productOf.length);
    const rows = make(n);
    this.soldKw.fill(Number.POSITIVE_INFINITY);
    productOf.forEach((product, j) => {
      rows[product] = (rows[product] as number) + 1;
      this.soldKw[product] = Math.min(this.soldKw[product] as number, 0.7 * (sums[j] as number));
    });
    products.forEach(({ mostKw, valuePerKw }, r) => {
      this.soldKw[r] = Math.min(this.soldKw[r] as number, 0.7 * mostKw);
      this.#soldPrice[r] = Math.max(0.05 * valuePerKw, aim / (this.soldKw[r] as number));
      this.#roomPrice[r] = aim / (mostKw - (this.soldKw[r] as number));
    });
    productOf.forEach((product, j) => {
      const mean = (products[product]?.valuePerKw as number) / (rows[product] as number);
      this.earns[j] =
        startEarns === undefined ? mean : Math.max(startEarns[j] as number, LEAST_EARNED * mean);
      this.#spare[j] = (sums[j] as number) - (this.soldKw[product] as number);
    });
  }

  /** Curvature and pull of product `r` itself: (pull − what its rows' prices add) / curvature is its step. */
  own(r: number, aim: number, corrected: number): { curvature: number; pull: number } {
    const sold = this.soldKw[r] as number;
    const { mostKw, valuePerKw } = this.#layout.products[r] as ShareLayout['products'][number];
    const room = mostKw - sold;
    const [low, high] = [this.#soldPrice[r] as number, this.#roomPrice[r] as number];
    const [lowAim, highAim] = this.#aims(r, aim, corrected);
    return { curvature: low / sold + high / room, pull: valuePerKw + lowAim / sold - highAim / room };
  }

  #aims(r: number, aim: number, corrected: number): [number, number] {
    if (corrected === 0) return [aim, aim];
    const sold = this.soldKw[r] as number;
    const room = (this.#layout.products[r]?.mostKw as number) - sold;
    const d = this.#soldAffine[r] as number;
    const [low, high] = [this.#soldPrice[r] as number, this.#roomPrice[r] as number];
    return [aim + corrected * low * d * (1 + d / sold), aim - corrected * high * d * (1 - d / room)];
  }

  /** For share row `j`: Δearns = step − slope·Δspare, with the spare given by the rows. */
  answer(j: number, sum: number, aim: number, corrected: number): { slope: number; step: number } {
    const spare = this.#spare[j] as number;
    const earns = this.earns[j] as number;
    const { target, residual } = this.#aim(j, sum, aim, corrected);
    return { slope: earns / spare, step: target / spare - earns - (earns / spare) * residual };
  }

  #aim(j: number, sum: number, aim: number, corrected: number) {
    const spare = this.#spare[j] as number;
    const earns = this.earns[j] as number;
    const residual = sum - (this.soldKw[this.#layout.productOf[j] as number] as number) - spare;
    let target = aim;
    if (corrected > 0) {
      const d = this.#spareAffine[j] as number;
      target += corrected * earns * d * (1 + d / spare);
    }
    return { target, residual };
  }

  keepAffine(soldStep: Float64Array, sumStep: Float64Array, sums: Float64Array): void {
    this.#soldAffine.set(soldStep);
    this.#layout.productOf.forEach((product, j) => {
      const { residual } = this.#aim(j, sums[j] as number, 0, 0);
      this.#spareAffine[j] = (sumStep[j] as number) - (soldStep[product] as number) + residual;
    });
  }

  each(
    sums: Float64Array,
    sumStep: Float64Array,
    soldStep: Float64Array,
    aim: number,
    corrected: number,
    visit: (s: number, z: number, ds: number, dz: number) => void,
    advance?: { primal: number; dual: number },
  ): void {
    const { productOf, products } = this.#layout;
    productOf.forEach((product, j) => {
      const spare = this.#spare[j] as number;
      const earns = this.earns[j] as number;
      const { target, residual } = this.#aim(j, sums[j] as number, aim, corrected);
      const ds = (sumStep[j] as number) - (soldStep[product] as number) + residual;
      const dz = (target - earns * ds) / spare - earns;
      visit(spare, earns, ds, dz);
      if (advance !== undefined) {
        this.#spare[j] = spare + advance.primal * ds;
        this.earns[j] = earns + advance.dual * dz;
      }
    });
    products.forEach(({ mostKw }, r) => {
      const sold = this.soldKw[r] as number;
      const room = mostKw - sold;
      const [low, high] = [this.#soldPrice[r] as number, this.#roomPrice[r] as number];
      const [lowAim, highAim] = this.#aims(r, aim, corrected);
      const ds = soldStep[r] as number;
      const dLow = (lowAim - low * ds) / sold - low;
      const dHigh = (highAim + high * ds) / room - high;
      visit(sold, low, ds, dLow);
      visit(room, high, -ds, dHigh);
      if (advance !== undefined) {
        this.soldKw[r] = sold + advance.primal * ds;
        this.#soldPrice[r] = low + advance.dual * dLow;
        this.#roomPrice[r] = high + advance.dual * dHigh;
      }
    });
  }
}
