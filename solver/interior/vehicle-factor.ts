import type { FleetModel } from '../fleet-model.js';
import type { ShareLayout } from './share-layout.js';
import { SLOT_BOUNDS } from './slot-bounds.js';
import type { VehiclePoint } from './vehicle-point.js';

/**
 * Newton matrices of the vehicles, factored, (32). Charge and shares of a slot stand only in that slot and are
 * eliminated there; stored energies then form a tridiagonal system.
 */
export class VehicleFactor {
  /** Cholesky factor of each slot's locals, and that times what ties them to the energies before and after. */
  readonly chol: Float64Array;
  readonly tie: Float64Array;
  /** How the rows of a slot answer to the energies before and after, locals eliminated. */
  readonly answer: Float64Array;
  /** Of the stored energies' system: pivots from the last to the first, and what stands beside the diagonal. */
  readonly pivot: Float64Array;
  readonly off: Float64Array;
  /** Its diagonal by slot of the window, of the vehicle factored last only. */
  readonly diagonal: Float64Array;
  readonly shortPivot: Float64Array;
  readonly #model: FleetModel;
  readonly #layout: ShareLayout;
  readonly #point: VehiclePoint;
  readonly #value = new Float64Array(SLOT_BOUNDS);
  readonly #weight = new Float64Array(SLOT_BOUNDS);

  constructor(model: FleetModel, layout: ShareLayout, point: VehiclePoint) {
    this.#model = model;
    this.#layout = layout;
    this.#point = point;
    const { index } = point;
    const energies = point.energy.length;
    this.chol = new Float64Array(index.squareCount);
    this.tie = new Float64Array(2 * index.localCount);
    this.answer = new Float64Array(2 * index.localCount);
    this.pivot = new Float64Array(energies);
    this.off = new Float64Array(energies);
    this.shortPivot = new Float64Array(model.vehicleCount);
    this.diagonal = new Float64Array(layout.slotCount);
  }

  /** Factors vehicle `i`'s Newton matrix at the present point. */
  factor(i: number): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const offset = model.offset[i] as number;
    const perIn = 1 / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    const perBoth = perIn - perOut;
    const outKwh = 1 / (model.dischargeEfficiency[i] as number);
    const inKwh = model.chargeEfficiency[i] as number;
    const diagonal = this.diagonal;
    const g = this.#value;
    const w = this.#weight;
    const { phi, hours } = { phi: layout.powerFactor, hours: layout.sustainHours };
    let before = model.startKwh[i] as number;
    let carried = 0;
    for (let t = first; t < end; t += 1) {
      const k = t - first;
      const at = offset + k;
      const stored = this.#point.energy[at] as number;
      const local = this.#point.index.localAt(i, t);
      this.#point.bounds.distances(i, t, before, stored, local, this.#point.local, 1, g);
      for (let j = 0; j < SLOT_BOUNDS; j += 1)
        w[j] = (this.#point.dual[SLOT_BOUNDS * at + j] as number) / (g[j] as number);
      const from = layout.shareStart[t] as number;
      const size = 1 + (layout.shareStart[t + 1] as number) - from;
      const down = 1 + (layout.upCount[t] as number);
      if (down === 1) w.fill(0, 6, 9);
      if (down === size) w.fill(0, 9, 12);
      const [w2, w3, w6, w7, w8] = [
        w[2] as number,
        w[3] as number,
        w[6] as number,
        w[7] as number,
        w[8] as number,
      ];
      const [w9, w10, w11] = [w[9] as number, w[10] as number, w[11] as number];
      const square = this.#point.index.squareAt(i, t);
      const m = this.chol;
      const tie = this.tie;
      const answer = this.answer;
      const pw = w6 + w9;
      // Locals among themselves (lower triangle), and with the energies before (even) and after (odd).
      m[square] = (w[0] as number) + (w[1] as number) + w2 + w3 + perBoth * perBoth * pw;
      tie[2 * local] = w2 + w3 - perBoth * perOut * pw;
      tie[2 * local + 1] = -(w2 + w3) + perBoth * perOut * pw;
      for (let r = 1; r < size; r += 1) {
        const isUp = r < down;
        const power = phi[from + r - 1] as number;
        const kwh = (hours[from + r - 1] as number) * (isUp ? outKwh : inKwh);
        const wp = isUp ? w6 : w9;
        const we = isUp ? w7 + w8 : w10 + w11;
        const row = square + r * size;
        m[row] = (isUp ? -perBoth : perBoth) * power * wp;
        for (let c = 1; c <= r; c += 1) {
          const same = c < down === isUp;
          m[row + c] = same
            ? power * (phi[from + c - 1] as number) * wp +
              kwh * (hours[from + c - 1] as number) * (isUp ? outKwh : inKwh) * we
            : 0;
        }
        m[row + r] =
          (m[row + r] as number) +
          (this.#point.shareDual[local + r] as number) / (this.#point.local[local + r] as number);
        const turn = isUp ? 1 : -1;
        tie[2 * (local + r)] = turn * power * perOut * wp - turn * kwh * (isUp ? w7 : w10);
        tie[2 * (local + r) + 1] = -turn * power * perOut * wp - turn * kwh * (isUp ? w8 : w11);
      }
      let t11 = w2 + w3 + perOut * perOut * pw + w7 + w10;
      let t22 = w2 + w3 + perOut * perOut * pw + (w[4] as number) + (w[5] as number) + w8 + w11;
      let t12 = -(w2 + w3) - perOut * perOut * pw;
      choleskyAt(m, square, size);
      // Tie and answer: tie ← L⁻¹·tie; answer = D − C·L⁻ᵀ·tie.
      for (let side = 0; side < 2; side += 1) {
        for (let r = 0; r < size; r += 1) {
          let value = tie[2 * (local + r) + side] as number;
          for (let c = 0; c < r; c += 1)
            value -= (m[square + r * size + c] as number) * (tie[2 * (local + c) + side] as number);
          tie[2 * (local + r) + side] = value / (m[square + r * size + r] as number);
        }
        for (let r = size - 1; r >= 0; r -= 1) {
          let value = tie[2 * (local + r) + side] as number;
          for (let c = r + 1; c < size; c += 1)
            value -= (m[square + c * size + r] as number) * (answer[2 * (local + c) + side] as number);
          answer[2 * (local + r) + side] = value / (m[square + r * size + r] as number);
        }
        for (let r = 0; r < size; r += 1) {
          const value = answer[2 * (local + r) + side] as number;
          answer[2 * (local + r) + side] =
            r === 0 ? (side === 0 ? -perOut : perOut) - perBoth * value : -value;
        }
      }
      for (let r = 0; r < size; r += 1) {
        const one = tie[2 * (local + r)] as number;
        const two = tie[2 * (local + r) + 1] as number;
        t11 -= one * one;
        t22 -= two * two;
        t12 -= one * two;
      }
      if (k > 0) {
        diagonal[k - 1] = carried + t11;
        this.off[at] = t12;
      }
      carried = t22;
      before = stored;
    }
    const last = end - first - 1;
    const missing = (model.targetKwh[i] as number) - before;
    const short = this.#point.short[i] as number;
    const wa = (this.#point.shortDual[2 * i] as number) / short;
    const wb = (this.#point.shortDual[2 * i + 1] as number) / (short - missing);
    this.shortPivot[i] = wa + wb;
    diagonal[last] = carried + wb - (wb * wb) / (wa + wb);
    // Elimination from the last energy to the first.
    let next = 0;
    for (let k = last; k >= 0; k -= 1) {
      const off = k < last ? (this.off[offset + k + 1] as number) : 0;
      const pivot = (diagonal[k] as number) - (k < last ? (off * off) / next : 0);
      this.pivot[offset + k] = pivot;
      next = pivot;
    }
  }

  /**
   * Solves vehicle `i`'s factored system and writes its step to the point, or adds to it. Right-hand sides: of stored
   * energies by slot of the window, of locals one after another, and of the shortfall; the first two are overwritten.
   */
  solve(i: number, right: Float64Array, localRight: Float64Array, shortRight: number, add: boolean): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const offset = model.offset[i] as number;
    const last = end - first - 1;
    const { energyStep: energies, localStep: locals } = this.#point;
    const m = this.chol;
    const tie = this.tie;
    const short = this.#point.short[i] as number;
    const shortPivot = this.shortPivot[i] as number;
    const missing = (model.targetKwh[i] as number) - (this.#point.energy[offset + last] as number);
    const wb = (this.#point.shortDual[2 * i + 1] as number) / (short - missing);
    right[last] = (right[last] as number) - (wb / shortPivot) * shortRight;
    let place = 0;
    for (let t = first; t < end; t += 1) {
      const k = t - first;
      const local = this.#point.index.localAt(i, t);
      const square = this.#point.index.squareAt(i, t);
      const size = 1 + (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
      for (let r = 0; r < size; r += 1) {
        let value = localRight[place + r] as number;
        for (let c = 0; c < r; c += 1)
          value -= (m[square + r * size + c] as number) * (localRight[place + c] as number);
        value /= m[square + r * size + r] as number;
        localRight[place + r] = value;
        right[k] = (right[k] as number) - (tie[2 * (local + r) + 1] as number) * value;
        if (k > 0) right[k - 1] = (right[k - 1] as number) - (tie[2 * (local + r)] as number) * value;
      }
      place += size;
    }
    for (let k = last - 1; k >= 0; k -= 1) {
      right[k] =
        (right[k] as number) -
        ((this.off[offset + k + 1] as number) / (this.pivot[offset + k + 1] as number)) *
          (right[k + 1] as number);
    }
    let above = 0;
    for (let k = 0; k <= last; k += 1) {
      const off = k > 0 ? (this.off[offset + k] as number) : 0;
      above = ((right[k] as number) - off * above) / (this.pivot[offset + k] as number);
      right[k] = above;
    }
    place = 0;
    for (let t = first; t < end; t += 1) {
      const k = t - first;
      const local = this.#point.index.localAt(i, t);
      const square = this.#point.index.squareAt(i, t);
      const size = 1 + (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
      const after = right[k] as number;
      const ahead = k > 0 ? (right[k - 1] as number) : 0;
      for (let r = size - 1; r >= 0; r -= 1) {
        let value =
          (localRight[place + r] as number) -
          (tie[2 * (local + r)] as number) * ahead -
          (tie[2 * (local + r) + 1] as number) * after;
        for (let c = r + 1; c < size; c += 1)
          value -= (m[square + c * size + r] as number) * (localRight[place + c] as number);
        localRight[place + r] = value / (m[square + r * size + r] as number);
      }
      for (let r = 0; r < size; r += 1) {
        const value = localRight[place + r] as number;
        locals[local + r] = add ? (locals[local + r] as number) + value : value;
      }
      energies[offset + k] = add ? (energies[offset + k] as number) + after : after;
      place += size;
    }
    const shortStep = (shortRight - wb * (right[last] as number)) / shortPivot;
    this.#point.shortStep[i] = add ? (this.#point.shortStep[i] as number) + shortStep : shortStep;
  }
}

/** Cholesky of a small matrix at a place in an array, lower triangle, in place. */
function choleskyAt(m: Float64Array, at: number, size: number): void {
  for (let c = 0; c < size; c += 1) {
    let pivot = m[at + c * size + c] as number;
    for (let p = 0; p < c; p += 1) pivot -= (m[at + c * size + p] as number) ** 2;
    const root = Math.sqrt(Math.max(pivot, 1e-300));
    m[at + c * size + c] = root;
    for (let r = c + 1; r < size; r += 1) {
      let value = m[at + r * size + c] as number;
      for (let p = 0; p < c; p += 1)
        value -= (m[at + r * size + p] as number) * (m[at + c * size + p] as number);
      m[at + r * size + c] = value / root;
    }
  }
}
