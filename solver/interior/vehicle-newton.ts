import type { FleetModel } from '../fleet-model.js';
import type { PriceStep } from './row-prices.js';
import type { ShareLayout } from './share-layout.js';
import { SLOT_BOUNDS, type VehiclePoint } from './vehicle-point.js';

/**
 * Newton steps of one vehicle after another, (32). Charge and shares of a slot stand only in that slot and are
 * eliminated there; stored energies then form a tridiagonal system. How a vehicle's rows answer to their prices follows
 * from it with one multiplication per pair of rows, since the inverse of a tridiagonal matrix is semiseparable.
 */
export class VehicleNewton {
  readonly #point: VehiclePoint;
  readonly #model: FleetModel;
  readonly #layout: ShareLayout;
  /** Cholesky factor of each slot's locals, and that times what ties them to the energies before and after. */
  readonly #chol: Float64Array;
  readonly #tie: Float64Array;
  /** How the rows of a slot answer to the energies before and after, locals eliminated. */
  readonly #answer: Float64Array;
  readonly #pivot: Float64Array;
  readonly #off: Float64Array;
  readonly #shortPivot: Float64Array;
  // Scratch of one slot or one vehicle.
  readonly #value = new Float64Array(SLOT_BOUNDS);
  readonly #weight = new Float64Array(SLOT_BOUNDS);
  readonly #push = new Float64Array(SLOT_BOUNDS);
  readonly #energyRight: Float64Array;
  readonly #localRight: Float64Array;
  #shortRight = 0;
  readonly #diagonal: Float64Array;
  readonly #forward: Float64Array;
  readonly #ratio: Float64Array;
  readonly #lead: Float64Array;
  readonly #columns: Float64Array;

  constructor(model: FleetModel, layout: ShareLayout, point: VehiclePoint) {
    this.#model = model;
    this.#layout = layout;
    this.#point = point;
    const { index } = point;
    const slots = layout.slotCount;
    const energies = point.energy.length;
    const reals = (length: number): Float64Array => new Float64Array(length);
    this.#chol = reals(index.squareCount);
    this.#tie = reals(2 * index.localCount);
    this.#answer = reals(2 * index.localCount);
    this.#pivot = reals(energies);
    this.#off = reals(energies);
    this.#shortPivot = reals(model.vehicleCount);
    this.#energyRight = reals(slots);
    this.#localRight = reals(index.horizonLocals);
    this.#diagonal = reals(slots);
    this.#forward = reals(slots);
    this.#ratio = reals(slots);
    this.#lead = reals(index.horizonLocals);
    this.#columns = reals(index.widest ** 2);
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
    const diagonal = this.#diagonal;
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
      this.#point.distances(i, t, before, stored, local, this.#point.local, 1, g);
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
      const m = this.#chol;
      const tie = this.#tie;
      const answer = this.#answer;
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
        this.#off[at] = t12;
      }
      carried = t22;
      before = stored;
    }
    const last = end - first - 1;
    const missing = (model.targetKwh[i] as number) - before;
    const short = this.#point.short[i] as number;
    const wa = (this.#point.shortDual[2 * i] as number) / short;
    const wb = (this.#point.shortDual[2 * i + 1] as number) / (short - missing);
    this.#shortPivot[i] = wa + wb;
    diagonal[last] = carried + wb - (wb * wb) / (wa + wb);
    // Elimination from the last energy to the first.
    let next = 0;
    for (let k = last; k >= 0; k -= 1) {
      const off = k < last ? (this.#off[offset + k + 1] as number) : 0;
      const pivot = (diagonal[k] as number) - (k < last ? (off * off) / next : 0);
      this.#pivot[offset + k] = pivot;
      next = pivot;
    }
  }

  /** Adds how vehicle `i`'s rows answer to their prices to the upper triangle of a rows × rows matrix. */
  addCurvature(i: number, matrix: Float64Array, size: number): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const offset = model.offset[i] as number;
    const last = end - first - 1;
    const { rowStart, netRow } = layout;
    const perIn = 1 / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    const answer = this.#answer;
    const forward = this.#forward;
    const ratio = this.#ratio;
    const lead = this.#lead;
    const base = rowStart[first] as number;
    // Diagonal of the inverse of the energies' system, and the ratio of its neighbours going down a column.
    for (let k = 0; k <= last; k += 1) {
      const off = k > 0 ? (this.#off[offset + k] as number) : 0;
      const own = this.#diagonal[k] as number;
      forward[k] = own - (k > 0 ? (off * off) / (forward[k - 1] as number) : 0);
      ratio[k] = -off / (this.#pivot[offset + k] as number);
    }
    const inverse = this.#diagonal;
    for (let k = 0; k <= last; k += 1) {
      inverse[k] =
        1 / ((forward[k] as number) + (this.#pivot[offset + k] as number) - (this.#diagonal[k] as number));
      const local = this.#point.index.localAt(i, first + k);
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
      const local = this.#point.index.localAt(i, t);
      const square = this.#point.index.squareAt(i, t);
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
    const m = this.#chol;
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

  /**
   * Newton step of vehicle `i` at given row prices towards products of `aim`; with `corrected`, second-order terms of
   * the affine step are taken in. Adds what the step does to the rows to `activity` and `siteKw`.
   */
  step(
    i: number,
    prices: PriceStep,
    aim: number,
    corrected: number,
    activity: Float64Array,
    siteActivity: Float64Array,
  ): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const offset = model.offset[i] as number;
    const wear = model.wearPerKwh[i] as number;
    const perIn = 1 / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    const perBoth = perIn - perOut;
    const outKwh = 1 / (model.dischargeEfficiency[i] as number);
    const inKwh = model.chargeEfficiency[i] as number;
    const site = model.siteIndex[i] as number;
    const right = this.#energyRight;
    const localRight = this.#localRight;
    const push = this.#push;
    let before = model.startKwh[i] as number;
    let beforeAffine = 0;
    right.fill(0, 0, end - first);
    let m = 0;
    for (let t = first; t < end; t += 1) {
      const k = t - first;
      const at = offset + k;
      const stored = this.#point.energy[at] as number;
      const storedAffine = this.#point.energyAffine[at] as number;
      const local = this.#point.index.localAt(i, t);
      const from = layout.shareStart[t] as number;
      const size = 1 + (layout.shareStart[t + 1] as number) - from;
      const down = 1 + (layout.upCount[t] as number);
      this.#point.pushes(
        i,
        t,
        before,
        stored,
        beforeAffine,
        storedAffine,
        local,
        at,
        aim,
        corrected,
        this.#value,
        push,
      );
      let row = layout.rowStart[t] as number;
      let net = 0;
      if (layout.netRow[t] === 1) {
        net = prices.rows[row] as number;
        row += 1;
      }
      if (site >= 0) net += prices.site[site * layout.slotCount + t] as number;
      const buy = (model.importPerKwh[t] as number) / (model.chargeEfficiency[i] as number);
      const sell = ((model.exportPerKwh[t] as number) - wear) * (model.dischargeEfficiency[i] as number);
      const p6 = push[6] as number;
      const p9 = push[9] as number;
      const swing = (push[2] as number) - (push[3] as number) - perOut * (p6 - p9) + sell + net * perOut;
      localRight[m] =
        (push[0] as number) -
        (push[1] as number) +
        (push[2] as number) -
        (push[3] as number) +
        perBoth * (p6 - p9) -
        (buy - sell + net * perBoth);
      for (let r = 1; r < size; r += 1) {
        const isUp = r < down;
        const share = this.#point.local[local + r] as number;
        const z = this.#point.shareDual[local + r] as number;
        let target = aim;
        if (corrected > 0) {
          const move = this.#point.localAffine[local + r] as number;
          target += corrected * z * move * (1 + move / share);
        }
        const kwh = (layout.sustainHours[from + r - 1] as number) * (isUp ? outKwh : inKwh);
        localRight[m + r] =
          target / share -
          (layout.powerFactor[from + r - 1] as number) * (isUp ? p6 : p9) -
          kwh *
            (isUp ? (push[7] as number) + (push[8] as number) : (push[10] as number) + (push[11] as number)) -
          (prices.rows[row + r - 1] as number);
      }
      right[k] =
        (right[k] as number) -
        swing +
        (push[4] as number) -
        (push[5] as number) +
        (push[8] as number) -
        (push[11] as number);
      if (k > 0) right[k - 1] = (right[k - 1] as number) + swing + (push[7] as number) - (push[10] as number);
      m += size;
      before = stored;
      beforeAffine = storedAffine;
    }
    const missing = (model.targetKwh[i] as number) - before;
    const short = this.#point.short[i] as number;
    const shortAffine = this.#point.shortAffine[i] as number;
    const za = this.#point.shortDual[2 * i] as number;
    const zb = this.#point.shortDual[2 * i + 1] as number;
    let [aimA, aimB] = [aim, aim];
    if (corrected > 0) {
      const together = shortAffine + beforeAffine;
      aimA += corrected * za * shortAffine * (1 + shortAffine / short);
      aimB += corrected * zb * together * (1 + together / (short - missing));
    }
    const pushA = aimA / short;
    const pushB = aimB / (short - missing);
    this.#shortRight = pushA + pushB - model.penaltyPerKwh;
    right[end - first - 1] = (right[end - first - 1] as number) + pushB;
    this.#solve(i, this.#point.energyStep, this.#point.localStep, false);
    this.#point.addStepActivity(i, activity, siteActivity);
  }

  /** The step's answer to a change of prices, added to the step. */
  answerPrices(i: number, change: PriceStep): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const perIn = 1 / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    const site = model.siteIndex[i] as number;
    const right = this.#energyRight;
    right.fill(0, 0, end - first);
    let m = 0;
    for (let t = first; t < end; t += 1) {
      const k = t - first;
      const size = 1 + (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
      let row = layout.rowStart[t] as number;
      let net = 0;
      if (layout.netRow[t] === 1) {
        net = change.rows[row] as number;
        row += 1;
      }
      if (site >= 0) net += change.site[site * layout.slotCount + t] as number;
      this.#localRight[m] = -net * (perIn - perOut);
      for (let r = 1; r < size; r += 1) this.#localRight[m + r] = -(change.rows[row + r - 1] as number);
      right[k] = (right[k] as number) - net * perOut;
      if (k > 0) right[k - 1] = (right[k - 1] as number) + net * perOut;
      m += size;
    }
    this.#shortRight = 0;
    this.#solve(i, this.#point.energyStep, this.#point.localStep, true);
  }

  /** Solves vehicle `i`'s factored system for the right-hand side in the buffers. */
  #solve(i: number, energies: Float64Array, locals: Float64Array, add: boolean): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const offset = model.offset[i] as number;
    const last = end - first - 1;
    const right = this.#energyRight;
    const localRight = this.#localRight;
    const m = this.#chol;
    const tie = this.#tie;
    const short = this.#point.short[i] as number;
    const shortPivot = this.#shortPivot[i] as number;
    const missing = (model.targetKwh[i] as number) - (this.#point.energy[offset + last] as number);
    const wb = (this.#point.shortDual[2 * i + 1] as number) / (short - missing);
    right[last] = (right[last] as number) - (wb / shortPivot) * this.#shortRight;
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
        ((this.#off[offset + k + 1] as number) / (this.#pivot[offset + k + 1] as number)) *
          (right[k + 1] as number);
    }
    let above = 0;
    for (let k = 0; k <= last; k += 1) {
      const off = k > 0 ? (this.#off[offset + k] as number) : 0;
      above = ((right[k] as number) - off * above) / (this.#pivot[offset + k] as number);
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
    const shortStep = (this.#shortRight - wb * (right[last] as number)) / shortPivot;
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
