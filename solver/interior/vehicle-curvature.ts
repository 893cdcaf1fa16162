import type { FleetModel } from '../fleet-model.js';
import type { LocalIndex } from './local-index.js';
import type { ShareLayout } from './share-layout.js';
import type { VehicleFactor } from './vehicle-factor.js';

/**
 * How the rows that a vehicle stands in answer to their prices, (32): one multiplication per pair of rows of its window,
 * since the inverse of a tridiagonal matrix is semiseparable.
 */
export class VehicleCurvature {
  readonly #model: FleetModel;
  readonly #layout: ShareLayout;
  readonly #index: LocalIndex;
  readonly #factor: VehicleFactor;
  readonly #forward: Float64Array;
  readonly #ratio: Float64Array;
  readonly #lead: Float64Array;
  readonly #columns: Float64Array;

  constructor(model: FleetModel, layout: ShareLayout, index: LocalIndex, factor: VehicleFactor) {
    this.#model = model;
    this.#layout = layout;
    this.#index = index;
    this.#factor = factor;
    this.#forward = new Float64Array(layout.slotCount);
    this.#ratio = new Float64Array(layout.slotCount);
    this.#lead = new Float64Array(index.horizonLocals);
    this.#columns = new Float64Array(index.widest ** 2);
  }

  /**
   * Adds how vehicle `i`'s rows answer to their prices to the upper triangle of a rows × rows matrix; it must
   * be the one factored last, and its diagonal is overwritten.
   */
  add(i: number, matrix: Float64Array, size: number): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const offset = model.offset[i] as number;
    const last = end - first - 1;
    const { rowStart, netRow } = layout;
    const perIn = 1 / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    const answer = this.#factor.answer;
    const forward = this.#forward;
    const ratio = this.#ratio;
    const lead = this.#lead;
    const base = rowStart[first] as number;
    // Diagonal of the inverse of the energies' system, and the ratio of its neighbours going down a column.
    for (let k = 0; k <= last; k += 1) {
      const off = k > 0 ? (this.#factor.off[offset + k] as number) : 0;
      const own = this.#factor.diagonal[k] as number;
      forward[k] = own - (k > 0 ? (off * off) / (forward[k - 1] as number) : 0);
      ratio[k] = -off / (this.#factor.pivot[offset + k] as number);
    }
    const inverse = this.#factor.diagonal;
    for (let k = 0; k <= last; k += 1) {
      inverse[k] =
        1 /
        ((forward[k] as number) +
          (this.#factor.pivot[offset + k] as number) -
          (this.#factor.diagonal[k] as number));
      const local = this.#index.localAt(i, first + k);
      const skip = 1 - (netRow[first + k] as number);
      const row = (rowStart[first + k] as number) - base;
      const rows = (rowStart[first + k + 1] as number) - (rowStart[first + k] as number);
      for (let r = 0; r < rows; r += 1) {
        const from = 2 * (local + skip + r);
        lead[row + r] = (answer[from] as number) + (answer[from + 1] as number) * (ratio[k] as number);
      }
    }
    for (let k = 0; k <= last; k += 1) {
      const t = first + k;
      const local = this.#index.localAt(i, t);
      const square = this.#index.squareAt(i, t);
      const width = 1 + (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
      const skip = 1 - (netRow[t] as number);
      const rowEnd = rowStart[t + 1] as number;
      this.#addOwnRows(matrix, size, rowStart[t] as number, square, width, skip, perIn - perOut);
      const here = inverse[k] as number;
      const above = k > 0 ? (inverse[k - 1] as number) : 0;
      const cross = k > 0 ? above * (ratio[k] as number) : 0;
      for (let r = skip; r < width; r += 1) {
        const one = k > 0 ? (answer[2 * (local + r)] as number) : 0;
        const two = answer[2 * (local + r) + 1] as number;
        const xBefore = above * one + cross * two;
        let x = cross * one + here * two;
        const row = ((rowStart[t] as number) + r - skip) * size;
        for (let c = r; c < width; c += 1) {
          const to = row + (rowStart[t] as number) + c - skip;
          const first1 = k > 0 ? (answer[2 * (local + c)] as number) : 0;
          matrix[to] =
            (matrix[to] as number) + first1 * xBefore + (answer[2 * (local + c) + 1] as number) * x;
        }
        let to = row + rowEnd;
        let from = rowEnd - base;
        for (let l = k + 1; l <= last; l += 1) {
          const count = (rowStart[first + l + 1] as number) - (rowStart[first + l] as number);
          for (let c = 0; c < count; c += 1) {
            matrix[to] = (matrix[to] as number) + (lead[from] as number) * x;
            to += 1;
            from += 1;
          }
          x *= ratio[l] as number;
        }
      }
    }
  }

  /** What a slot's rows answer by its own locals alone: C·M⁻¹·Cᵀ. */
  #addOwnRows(
    matrix: Float64Array,
    size: number,
    rowAt: number,
    square: number,
    width: number,
    skip: number,
    perBoth: number,
  ): void {
    const m = this.#factor.chol;
    const columns = this.#columns;
    for (let c = skip; c < width; c += 1) {
      for (let r = 0; r < width; r += 1) {
        if (r < c) {
          columns[c * width + r] = 0;
          continue;
        }
        let value = r === c ? (c === 0 ? perBoth : 1) : 0;
        for (let p = c; p < r; p += 1)
          value -= (m[square + r * width + p] as number) * (columns[c * width + p] as number);
        columns[c * width + r] = value / (m[square + r * width + r] as number);
      }
    }
    for (let r = skip; r < width; r += 1) {
      for (let c = r; c < width; c += 1) {
        let sum = 0;
        for (let p = c; p < width; p += 1)
          sum += (columns[r * width + p] as number) * (columns[c * width + p] as number);
        const to = (rowAt + r - skip) * size + rowAt + c - skip;
        matrix[to] = (matrix[to] as number) + sum;
      }
    }
  }
}
