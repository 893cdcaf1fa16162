import type { FleetModel } from '../fleet-model.js';
import type { PriceStep } from './row-prices.js';
import type { ShareLayout } from './share-layout.js';
import { SLOT_BOUNDS } from './slot-bounds.js';
import { VehicleCurvature } from './vehicle-curvature.js';
import { VehicleFactor } from './vehicle-factor.js';
import type { VehiclePoint } from './vehicle-point.js';

/** Newton steps of one vehicle after another, (32): right-hand sides, and what the rows are told of the steps. */
export class VehicleNewton {
  readonly #point: VehiclePoint;
  readonly #model: FleetModel;
  readonly #layout: ShareLayout;
  readonly #factor: VehicleFactor;
  readonly #curvature: VehicleCurvature;
  // Scratch of one slot or one vehicle.
  readonly #value = new Float64Array(SLOT_BOUNDS);
  readonly #push = new Float64Array(SLOT_BOUNDS);
  readonly #energyRight: Float64Array;
  readonly #localRight: Float64Array;

  constructor(model: FleetModel, layout: ShareLayout, point: VehiclePoint) {
    this.#model = model;
    this.#layout = layout;
    this.#point = point;
    this.#factor = new VehicleFactor(model, layout, point);
    this.#curvature = new VehicleCurvature(model, layout, point.index, this.#factor);
    this.#energyRight = new Float64Array(layout.slotCount);
    this.#localRight = new Float64Array(point.index.horizonLocals);
  }

  /** Factors vehicle `i`'s Newton matrix at the present point. */
  factor(i: number): void {
    this.#factor.factor(i);
  }

  /** Adds how the rows of vehicle `i`, the one factored last, answer to their prices. */
  addCurvature(i: number, matrix: Float64Array, size: number): void {
    this.#curvature.add(i, matrix, size);
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
    const shortRight = pushA + pushB - model.penaltyPerKwh;
    right[end - first - 1] = (right[end - first - 1] as number) + pushB;
    this.#factor.solve(i, right, localRight, shortRight, false);
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
    this.#factor.solve(i, right, this.#localRight, 0, true);
  }
}
