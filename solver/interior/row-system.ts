import { factorise, solveLower, solveUpper } from '../coordination/cholesky.js';

/** Columns transposed together, so that what is read stays in the cache. */
const TILE = 8;

/**
 * Newton system in the prices of the rows. Every site adds its vehicles' curvature in the common rows; the prices of
 * the site's own rows are eliminated there, since nobody else stands in them.
 */
export class RowSystem {
  readonly #size: number;
  readonly #matrix: Float64Array;
  readonly #factor: Float64Array;
  readonly #right: Float64Array;
  readonly #own: Float64Array;
  readonly #sites = new Map<number, SiteFactor>();

  constructor(size: number) {
    this.#size = size;
    this.#matrix = new Float64Array(size * size);
    this.#factor = new Float64Array(size * size);
    this.#right = new Float64Array(size);
    this.#own = new Float64Array(size * size);
  }

  /** Upper triangle to add the vehicles without a site to. */
  get matrix(): Float64Array {
    return this.#matrix;
  }

  begin(): void {
    this.#matrix.fill(0);
  }

  /** An empty upper triangle to add one site's vehicles to. */
  beginSite(): Float64Array {
    this.#own.fill(0);
    return this.#own;
  }

  /**
   * Folds the site just gathered into the common system. `rows` are the common rows of net power in which the site has
   * limits, `give` how far each gives way per unit of its price; `low` to `high` are the rows its vehicles stand in.
   */
  endSite(site: number, rows: readonly number[], give: readonly number[], low: number, high: number): void {
    const size = this.#size;
    const own = this.#own;
    const n = rows.length;
    const width = high - low;
    let factor = this.#sites.get(site);
    if (factor === undefined || factor.rows.length !== n) {
      factor = {
        rows,
        low,
        high,
        chol: new Float64Array(n * n),
        half: new Float64Array(n * width),
        right: new Float64Array(n),
      };
      this.#sites.set(site, factor);
    }
    const { chol, half } = factor;
    for (let a = 0; a < n; a += 1) {
      const ra = rows[a] as number;
      for (let b = 0; b <= a; b += 1) chol[a * n + b] = own[(rows[b] as number) * size + ra] as number;
      chol[a * n + a] = (chol[a * n + a] as number) + (give[a] as number);
      for (let c = low; c < high; c += 1)
        half[a * width + c - low] = (c < ra ? own[c * size + ra] : own[ra * size + c]) as number;
    }
    factorise(chol, n);
    for (let a = 0; a < n; a += 1) {
      const row = half.subarray(a * width, (a + 1) * width);
      for (let b = 0; b < a; b += 1) {
        const l = chol[a * n + b] as number;
        const other = b * width;
        for (let c = 0; c < width; c += 1) row[c] = (row[c] as number) - l * (half[other + c] as number);
      }
      const pivot = 1 / (chol[a * n + a] as number);
      for (let c = 0; c < width; c += 1) row[c] = (row[c] as number) * pivot;
    }
    for (let c = 0; c < width; c += 1) {
      const to = (low + c) * size + low;
      for (let d = c; d < width; d += 1)
        this.#matrix[to + d] = (this.#matrix[to + d] as number) + (own[to + d] as number);
    }
    for (let a = 0; a < n; a += 1) {
      const from = a * width;
      for (let c = 0; c < width; c += 1) {
        const left = half[from + c] as number;
        const to = (low + c) * size + low;
        for (let d = c; d < width; d += 1)
          this.#matrix[to + d] = (this.#matrix[to + d] as number) - left * (half[from + d] as number);
      }
    }
  }

  /** Factors what has been gathered; `give` is added to the diagonal. */
  factor(give: Float64Array): void {
    const size = this.#size;
    for (let tile = 0; tile < size; tile += TILE) {
      const end = Math.min(size, tile + TILE);
      for (let r = tile; r < size; r += 1) {
        const last = Math.min(r + 1, end);
        for (let c = tile; c < last; c += 1)
          this.#factor[r * size + c] = this.#matrix[c * size + r] as number;
      }
    }
    for (let r = 0; r < size; r += 1)
      this.#factor[r * size + r] = (this.#factor[r * size + r] as number) + (give[r] as number);
    factorise(this.#factor, size);
  }

  /** Price steps for right-hand sides of the common rows and of the sites' own; both are overwritten with them. */
  solve(right: Float64Array, siteRight: ReadonlyMap<number, Float64Array>): void {
    const size = this.#size;
    for (const [site, { chol, half, low, high, right: held, rows }] of this.#sites) {
      const own = siteRight.get(site);
      if (own === undefined) continue;
      const n = rows.length;
      const width = high - low;
      held.set(own);
      solveLower(chol, n, held);
      for (let a = 0; a < n; a += 1) {
        const value = held[a] as number;
        for (let c = 0; c < width; c += 1)
          right[low + c] = (right[low + c] as number) - value * (half[a * width + c] as number);
      }
    }
    solveLower(this.#factor, size, right);
    solveUpper(this.#factor, size, right);
    for (const [site, { chol, half, low, high, right: held, rows }] of this.#sites) {
      const own = siteRight.get(site);
      if (own === undefined) continue;
      const n = rows.length;
      const width = high - low;
      for (let a = 0; a < n; a += 1) {
        let value = held[a] as number;
        for (let c = 0; c < width; c += 1)
          value -= (half[a * width + c] as number) * (right[low + c] as number);
        own[a] = value;
      }
      solveUpper(chol, n, own);
    }
    this.#right.set(right);
  }
}

interface SiteFactor {
  readonly rows: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly chol: Float64Array;
  readonly half: Float64Array;
  readonly right: Float64Array;
}
