import type { FleetModel } from './fleet-model.js';
import { solvePiecewise } from './piecewise-kernel.js';

/**
 * Preferences among plans of equal cost, in money per kWh: earlier charging, and no cycling for nothing.
 * Small enough to lose less than 1e-9 of any cost that matters, large enough to order equal prices.
 */
const EARLINESS_PER_KWH = 1e-11;
const IDLENESS_PER_KWH = 2e-11;

/** A move smaller than this, kWh, is rounding. */
const NOTHING_KWH = 1e-11;

/**
 * Exact optimum of one vehicle for given prices, formulas (10) to (13).
 *
 * The cost-to-go of stored energy is convex and piecewise linear. It is kept as segments ordered by slope:
 *
 *     slope:   -5.00 | -0.31 -0.31 -0.22 -0.18 | 0
 *     length:   3.2  |  2.6   1.1   2.6   2.6  | 9.4        lengths sum to ceiling - floor
 *              head ->                         <- tail
 *
 * A slot inserts two segments by slope (charging, discharging) and trims as much from the ends. All that the
 * forward pass needs is two thresholds per slot: charge up to `chargeUpTo`, discharge down to `dischargeDownTo`.
 */
export class ChainKernel {
  readonly #slope: Float64Array;
  readonly #length: Float64Array;
  readonly #chargeUpTo: Float64Array;
  readonly #dischargeDownTo: Float64Array;
  readonly #mostIn: Float64Array;
  readonly #mostOut: Float64Array;
  readonly #middle: number;

  /** Buffers for windows of up to `slotCount` slots; no later call allocates. */
  constructor(slotCount: number) {
    // Each slot adds at most one segment at either end; the list starts in the middle.
    this.#middle = slotCount + 2;
    this.#slope = new Float64Array(2 * slotCount + 8);
    this.#length = new Float64Array(2 * slotCount + 8);
    this.#chargeUpTo = new Float64Array(slotCount);
    this.#dischargeDownTo = new Float64Array(slotCount);
    this.#mostIn = new Float64Array(slotCount);
    this.#mostOut = new Float64Array(slotCount);
  }

  /**
   * Solves vehicle `i` against prices per slot of the horizon (currency per kWh at the meter, multipliers
   * included) and writes the change of stored energy per slot of its window, kWh, to `change` from `at` on.
   * False, with nothing written, when a slot is not convex, (9). Cost: a few dozen operations per slot.
   */
  solve(
    model: FleetModel,
    i: number,
    importPerKwh: Float64Array,
    exportPerKwh: Float64Array,
    change: Float64Array,
    at: number,
  ): boolean {
    const length = (model.endSlot[i] as number) - (model.firstSlot[i] as number);
    this.#mostIn.fill(model.chargeKwh[i] as number, 0, length);
    this.#mostOut.fill(model.dischargeKwh[i] as number, 0, length);
    return this.solveCapped(
      model,
      i,
      importPerKwh,
      exportPerKwh,
      this.#mostIn,
      this.#mostOut,
      false,
      change,
      at,
    );
  }

  /**
   * The optimum whether or not all slots are convex; false when it took the last resort, a schedule that is feasible
   * but need not be the best because there are too many slots that are not convex.
   */
  solveAny(
    model: FleetModel,
    i: number,
    importPerKwh: Float64Array,
    exportPerKwh: Float64Array,
    change: Float64Array,
    at: number,
  ): boolean {
    if (this.solve(model, i, importPerKwh, exportPerKwh, change, at)) return true;
    if (solvePiecewise(model, i, importPerKwh, exportPerKwh, change, at)) return true;
    this.solveCapped(model, i, importPerKwh, exportPerKwh, this.#mostIn, this.#mostOut, true, change, at);
    return false;
  }

  /**
   * As `solve`, with the most that each slot of the window can add to and take from storage, kWh. With
   * `convexify`, a slot that would pay for burning energy earns only as much for discharging as charging costs:
   * the schedule is feasible but need not be the best.
   */
  solveCapped(
    model: FleetModel,
    i: number,
    importPerKwh: Float64Array,
    exportPerKwh: Float64Array,
    mostInOf: Float64Array,
    mostOutOf: Float64Array,
    convexify: boolean,
    change: Float64Array,
    at: number,
  ): boolean {
    const slopes = this.#slope;
    const lengths = this.#length;
    const chargeUpTo = this.#chargeUpTo;
    const dischargeDownTo = this.#dischargeDownTo;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const floor = model.floorKwh[i] as number;
    const ceiling = model.ceilingKwh[i] as number;
    const target = model.targetKwh[i] as number;
    const perStoredIn = 1 / (model.chargeEfficiency[i] as number);
    const perStoredOut = model.dischargeEfficiency[i] as number;
    const wear = (model.wearPerKwh[i] as number) + IDLENESS_PER_KWH;
    const earliness = EARLINESS_PER_KWH / model.slotCount;

    // Terminal cost-to-go, (8): slope −penalty below the target, flat above it.
    let head = this.#middle;
    let tail = head;
    const wanted = Math.min(target, ceiling) - floor;
    if (wanted > 0) {
      slopes[tail] = -model.penaltyPerKwh;
      lengths[tail] = wanted;
      tail += 1;
    }
    const spare = ceiling - floor - Math.max(0, wanted);
    if (spare > 0) {
      slopes[tail] = 0;
      lengths[tail] = spare;
      tail += 1;
    }

    for (let t = end - 1; t >= first; t -= 1) {
      const buy = -((importPerKwh[t] as number) + earliness * t) * perStoredIn;
      let sell = -((exportPerKwh[t] as number) - wear) * perStoredOut;
      const mostIn = mostInOf[t - first] as number;
      const mostOut = mostOutOf[t - first] as number;
      if (buy > sell && mostIn > 0 && mostOut > 0) {
        if (!convexify) return false;
        sell = buy;
      }

      // Energy below which charging pays, measured from the floor.
      let below = 0;
      let at1 = head;
      while (at1 < tail && (slopes[at1] as number) < buy) {
        below += lengths[at1] as number;
        at1 += 1;
      }
      chargeUpTo[t - first] = floor + below;
      if (below > 0 && mostIn > 0) {
        const inserted = Math.min(below, mostIn);
        let rest = inserted;
        while (head < at1 && (lengths[head] as number) <= rest) {
          rest -= lengths[head] as number;
          head += 1;
        }
        if (head < at1) lengths[head] = (lengths[head] as number) - rest;
        for (let k = head; k < at1; k += 1) {
          slopes[k - 1] = slopes[k] as number;
          lengths[k - 1] = lengths[k] as number;
        }
        head -= 1;
        slopes[at1 - 1] = buy;
        lengths[at1 - 1] = inserted;
      }

      // Energy above which discharging pays, measured from the ceiling.
      let above = 0;
      let at2 = tail - 1;
      while (at2 >= head && (slopes[at2] as number) > sell) {
        above += lengths[at2] as number;
        at2 -= 1;
      }
      dischargeDownTo[t - first] = ceiling - above;
      if (above > 0 && mostOut > 0) {
        const inserted = Math.min(above, mostOut);
        let rest = inserted;
        while (tail - 1 > at2 && (lengths[tail - 1] as number) <= rest) {
          rest -= lengths[tail - 1] as number;
          tail -= 1;
        }
        if (tail - 1 > at2) lengths[tail - 1] = (lengths[tail - 1] as number) - rest;
        if (at2 >= head && slopes[at2] === sell) {
          lengths[at2] = (lengths[at2] as number) + inserted;
        } else {
          for (let k = tail - 1; k > at2; k -= 1) {
            slopes[k + 1] = slopes[k] as number;
            lengths[k + 1] = lengths[k] as number;
          }
          tail += 1;
          slopes[at2 + 1] = sell;
          lengths[at2 + 1] = inserted;
        }
      }
    }

    // Forward, (13): towards the thresholds as far as the power allows.
    let energy = model.startKwh[i] as number;
    for (let t = 0; t < end - first; t += 1) {
      const mostIn = mostInOf[t] as number;
      const mostOut = mostOutOf[t] as number;
      const up = chargeUpTo[t] as number;
      const down = dischargeDownTo[t] as number;
      let next = energy;
      if (energy < up - NOTHING_KWH) next = up - energy < mostIn ? up : energy + mostIn;
      else if (energy > down + NOTHING_KWH) next = energy - down < mostOut ? down : energy - mostOut;
      change[at + t] = next - energy;
      energy = next;
    }
    return true;
  }
}
