import type { FleetModel } from '../fleet-model.js';
import { LocalIndex } from './local-index.js';
import type { PriceStep } from './row-prices.js';
import type { ShareLayout } from './share-layout.js';
import { addBound, type StepSurvey } from './step-survey.js';

/** Bounds are widened by this, kWh or kW, so that every vehicle has an inside; the plan is cut back to them. */
const WIDENED = 1e-7;
/** A direction without power is held open by this, kWh: what is discharged is a difference and not exact to less. */
const CLOSED = 1e-5;
/** What a slot may do besides nothing: both ways unless told. */
export const CHARGE_ONLY = 1;
export const DISCHARGE_ONLY = 2;
/** Bounds of a slot that every vehicle has, see `distances`. */
export const SLOT_BOUNDS = 12;

/**
 * Where the vehicles stand in the interior point, (31): variables, the multipliers of their bounds, and the step.
 *
 * Variables of a slot are what is charged `a` (kWh in storage), the shares (kW) and the stored energy after it. What is
 * discharged is b = a − (E − E before), so the balance (6) holds by construction:
 *
 *     local   a₀ u₀ d₀ | a₁ u₁ d₁ | …      at index.localAt(i, t)
 *     energy     E₀    |    E₁    | …      at model.offset[i] + k
 */
export class VehiclePoint {
  readonly index: LocalIndex;
  readonly energy: Float64Array;
  readonly local: Float64Array;
  readonly short: Float64Array;
  readonly dual: Float64Array;
  readonly shareDual: Float64Array;
  readonly shortDual: Float64Array;
  readonly energyStep: Float64Array;
  readonly localStep: Float64Array;
  readonly shortStep: Float64Array;
  /** The affine step, which the corrector takes in. */
  readonly energyAffine: Float64Array;
  readonly localAffine: Float64Array;
  readonly shortAffine: Float64Array;
  readonly #model: FleetModel;
  readonly #layout: ShareLayout;
  readonly #ways: Uint8Array | undefined;
  readonly #value = new Float64Array(SLOT_BOUNDS);
  readonly #slope = new Float64Array(SLOT_BOUNDS);
  readonly #affine = new Float64Array(SLOT_BOUNDS);
  readonly #push = new Float64Array(SLOT_BOUNDS);

  /** `ways` holds slots to one direction, flat as in FleetModel. */
  constructor(model: FleetModel, layout: ShareLayout, ways?: Uint8Array) {
    this.#model = model;
    this.#layout = layout;
    this.#ways = ways;
    this.index = new LocalIndex(model, layout);
    const count = model.vehicleCount;
    const energies = model.offset[count] as number;
    const locals = this.index.localCount;
    const reals = (length: number): Float64Array => new Float64Array(length);
    this.energy = reals(energies);
    this.local = reals(locals);
    this.short = reals(count);
    this.dual = reals(SLOT_BOUNDS * energies);
    this.shareDual = reals(locals);
    this.shortDual = reals(2 * count);
    this.energyStep = reals(energies);
    this.localStep = reals(locals);
    this.shortStep = reals(count);
    this.energyAffine = reals(energies);
    this.localAffine = reals(locals);
    this.shortAffine = reals(count);
  }

  /** Most that a window slot may charge, kWh in storage. */
  #mostIn(i: number, at: number): number {
    const most = this.#model.chargeKwh[i] as number;
    return most === 0 || this.#ways?.[at] === DISCHARGE_ONLY ? CLOSED : most + WIDENED;
  }

  #mostOut(i: number, at: number): number {
    const most = this.#model.dischargeKwh[i] as number;
    return most === 0 || this.#ways?.[at] === CHARGE_ONLY ? CLOSED : most + WIDENED;
  }

  /** A point well inside vehicle `i`'s bounds, with multipliers that make every product `aim`. */
  begin(i: number, aim: number): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const floor = (model.floorKwh[i] as number) - WIDENED;
    const ceiling = (model.ceilingKwh[i] as number) + WIDENED;
    const wish = Math.min(
      Math.max(model.targetKwh[i] as number, floor + 0.3 * (ceiling - floor)),
      ceiling - 0.3 * (ceiling - floor),
    );
    let before = model.startKwh[i] as number;
    for (let t = first; t < end; t += 1) {
      const at = (model.offset[i] as number) + t - first;
      const local = this.index.localAt(i, t);
      const mostIn = this.#mostIn(i, at);
      const mostOut = this.#mostOut(i, at);
      const both = 0.25 * Math.min(mostIn, mostOut);
      // A slot that goes one way only has to move a little to be inside its bounds.
      const part = 0.7 / (end - t + 1);
      let moved = Math.min(Math.max(wish - before, -0.5 * mostOut), 0.5 * mostIn);
      if (mostOut <= CLOSED) moved = Math.min(0.5 * mostIn, part * (ceiling - before));
      else if (mostIn <= CLOSED) moved = -Math.min(0.5 * mostOut, part * (before - floor));
      const stored = before + moved;
      this.energy[at] = stored;
      this.local[local] = Math.max(moved, 0) + both;
      const from = layout.shareStart[t] as number;
      const count = (layout.shareStart[t + 1] as number) - from;
      const up = layout.upCount[t] as number;
      this.local.fill(0, local + 1, local + 1 + count);
      this.distances(i, t, before, stored, local, this.local, 1, this.#value);
      const g = this.#value;
      const inverse = 1 / (model.dischargeEfficiency[i] as number);
      for (let j = 0; j < count; j += 1) {
        const kwh = layout.sustainHours[from + j] as number;
        const power = (j < up ? g[6] : g[9]) as number;
        const stock =
          j < up ? Math.min(g[7] as number, g[8] as number) : Math.min(g[10] as number, g[11] as number);
        const perKw = kwh * (j < up ? inverse : (model.chargeEfficiency[i] as number));
        const most = Math.min(
          power / (layout.powerFactor[from + j] as number),
          stock / Math.max(perKw, 1e-9),
        );
        this.local[local + 1 + j] = (0.5 * most) / (j < up ? up : count - up);
      }
      this.distances(i, t, before, stored, local, this.local, 1, g);
      for (let k = 0; k < SLOT_BOUNDS; k += 1) this.dual[SLOT_BOUNDS * at + k] = aim / (g[k] as number);
      for (let j = 1; j <= count; j += 1) this.shareDual[local + j] = aim / (this.local[local + j] as number);
      before = stored;
    }
    const missing = (model.targetKwh[i] as number) - before;
    const short = Math.max(missing, 0) + 0.1 * (1 + Math.abs(missing));
    this.short[i] = short;
    this.shortDual[2 * i] = aim / short;
    this.shortDual[2 * i + 1] = aim / (short - missing);
  }

  /**
   * Distances of a slot from its bounds (`one` = 1), or how they move along a step (`one` = 0):
   *
   *     0 a   1 most − a   2 b   3 most − b   4 E − floor   5 ceiling − E
   *     6 p + P⁻ − Σφu    7, 8 energy before and after − floor − Σuh/η⁻
   *     9 P⁺ − p − Σφd   10, 11 ceiling − energy before and after − Σdhη⁺
   */
  distances(
    i: number,
    t: number,
    before: number,
    stored: number,
    local: number,
    locals: Float64Array,
    one: number,
    out: Float64Array,
  ): void {
    const model = this.#model;
    const layout = this.#layout;
    const perIn = 1 / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    const floor = one * ((model.floorKwh[i] as number) - WIDENED);
    const ceiling = one * ((model.ceilingKwh[i] as number) + WIDENED);
    const a = locals[local] as number;
    const b = a - stored + before;
    const at = (model.offset[i] as number) + t - (model.firstSlot[i] as number);
    out[0] = a;
    out[1] = one * this.#mostIn(i, at) - a;
    out[2] = b;
    out[3] = one * this.#mostOut(i, at) - b;
    out[4] = stored - floor;
    out[5] = ceiling - stored;
    const from = layout.shareStart[t] as number;
    const end = layout.shareStart[t + 1] as number;
    const down = from + (layout.upCount[t] as number);
    const netKw = perIn * a - perOut * b;
    let power = 0;
    let kwh = 0;
    for (let j = from; j < down; j += 1) {
      const share = locals[local + 1 + j - from] as number;
      power += (layout.powerFactor[j] as number) * share;
      kwh += (layout.sustainHours[j] as number) * share;
    }
    kwh /= model.dischargeEfficiency[i] as number;
    out[6] = netKw + one * perOut * ((model.dischargeKwh[i] as number) + CLOSED) - power;
    out[7] = before - floor - kwh;
    out[8] = stored - floor - kwh;
    power = 0;
    kwh = 0;
    for (let j = down; j < end; j += 1) {
      const share = locals[local + 1 + j - from] as number;
      power += (layout.powerFactor[j] as number) * share;
      kwh += (layout.sustainHours[j] as number) * share;
    }
    kwh *= model.chargeEfficiency[i] as number;
    out[9] = one * perIn * ((model.chargeKwh[i] as number) + CLOSED) - netKw - power;
    out[10] = ceiling - before - kwh;
    out[11] = ceiling - stored - kwh;
    // Where there is no share of a direction, its three distances stand for nothing.
    if (from === down) {
      out[6] = one;
      out[7] = one;
      out[8] = one;
    }
    if (down === end) {
      out[9] = one;
      out[10] = one;
      out[11] = one;
    }
  }

  /** Newton right-hand sides aim/s of a slot's bounds. */
  pushes(
    i: number,
    t: number,
    before: number,
    stored: number,
    beforeAffine: number,
    storedAffine: number,
    local: number,
    at: number,
    aim: number,
    corrected: number,
    g: Float64Array,
    push: Float64Array,
  ): void {
    this.distances(i, t, before, stored, local, this.local, 1, g);
    if (corrected > 0) {
      const move = this.#affine;
      this.distances(i, t, beforeAffine, storedAffine, local, this.localAffine, 0, move);
      for (let j = 0; j < SLOT_BOUNDS; j += 1) {
        const d = move[j] as number;
        push[j] =
          (aim + corrected * (this.dual[SLOT_BOUNDS * at + j] as number) * d * (1 + d / (g[j] as number))) /
          (g[j] as number);
      }
    } else for (let j = 0; j < SLOT_BOUNDS; j += 1) push[j] = aim / (g[j] as number);
    if (lacksUp(this.#layout, t)) push.fill(0, 6, 9);
    if (lacksDown(this.#layout, t)) push.fill(0, 9, 12);
  }

  /** Adds what the present point does to the rows. */
  addActivity(i: number, activity: Float64Array, siteActivity: Float64Array): void {
    this.#rowsOf(i, this.energy, this.local, this.#model.startKwh[i] as number, activity, siteActivity);
  }

  /** Adds what the step does to the rows. */
  addStepActivity(i: number, activity: Float64Array, siteActivity: Float64Array): void {
    this.#rowsOf(i, this.energyStep, this.localStep, 0, activity, siteActivity);
  }

  #rowsOf(
    i: number,
    energies: Float64Array,
    locals: Float64Array,
    start: number,
    activity: Float64Array,
    siteActivity: Float64Array,
  ): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const perIn = 1 / ((model.chargeEfficiency[i] as number) * model.slotHours);
    const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    const site = model.siteIndex[i] as number;
    let before = start;
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const stored = energies[(model.offset[i] as number) + t - first] as number;
      const local = this.index.localAt(i, t);
      const a = locals[local] as number;
      const netKw = perIn * a - perOut * (a - stored + before);
      let row = layout.rowStart[t] as number;
      if (layout.netRow[t] === 1) {
        activity[row] = (activity[row] as number) + netKw;
        row += 1;
      }
      if (site >= 0) {
        const at = site * layout.slotCount + t;
        siteActivity[at] = (siteActivity[at] as number) + netKw;
      }
      const count = (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
      for (let j = 0; j < count; j += 1)
        activity[row + j] = (activity[row + j] as number) + (locals[local + 1 + j] as number);
      before = stored;
    }
  }

  /** Keeps vehicle `i`'s present step as the affine one. */
  keepAffine(i: number): void {
    const model = this.#model;
    const end = model.offset[i + 1] as number;
    for (let at = model.offset[i] as number; at < end; at += 1)
      this.energyAffine[at] = this.energyStep[at] as number;
    const localEnd = this.index.localAt(i, model.endSlot[i] as number);
    for (let at = this.index.localAt(i, model.firstSlot[i] as number); at < localEnd; at += 1)
      this.localAffine[at] = this.localStep[at] as number;
    this.shortAffine[i] = this.shortStep[i] as number;
  }

  /** Visits every bound of vehicle `i`: its distance, its multiplier, and how both move along the step. */
  #each(
    i: number,
    aim: number,
    corrected: number,
    visit: (s: number, z: number, ds: number, dz: number, at: number, kind: 0 | 1 | 2) => void,
  ): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const g = this.#value;
    const d = this.#slope;
    const push = this.#push;
    let before = model.startKwh[i] as number;
    let beforeStep = 0;
    let beforeAffine = 0;
    for (let t = first; t < end; t += 1) {
      const at = (model.offset[i] as number) + t - first;
      const stored = this.energy[at] as number;
      const storedStep = this.energyStep[at] as number;
      const storedAffine = this.energyAffine[at] as number;
      const local = this.index.localAt(i, t);
      this.pushes(i, t, before, stored, beforeAffine, storedAffine, local, at, aim, corrected, g, push);
      this.distances(i, t, beforeStep, storedStep, local, this.localStep, 0, d);
      const size = 1 + (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
      const down = 1 + (layout.upCount[t] as number);
      for (let j = 0; j < SLOT_BOUNDS; j += 1) {
        if ((j >= 6 && j < 9 && down === 1) || (j >= 9 && down === size)) continue;
        const s = g[j] as number;
        const z = this.dual[SLOT_BOUNDS * at + j] as number;
        const ds = d[j] as number;
        visit(s, z, ds, (push[j] as number) - z - (z * ds) / s, SLOT_BOUNDS * at + j, 0);
      }
      for (let r = 1; r < size; r += 1) {
        const s = this.local[local + r] as number;
        const z = this.shareDual[local + r] as number;
        const ds = this.localStep[local + r] as number;
        let target = aim;
        if (corrected > 0) {
          const move = this.localAffine[local + r] as number;
          target += corrected * z * move * (1 + move / s);
        }
        visit(s, z, ds, (target - z * ds) / s - z, local + r, 1);
      }
      before = stored;
      beforeStep = storedStep;
      beforeAffine = storedAffine;
    }
    const missing = (model.targetKwh[i] as number) - before;
    const short = this.short[i] as number;
    const shortStep = this.shortStep[i] as number;
    const shortAffine = this.shortAffine[i] as number;
    for (let which = 0; which < 2; which += 1) {
      const s = which === 0 ? short : short - missing;
      const ds = which === 0 ? shortStep : shortStep + beforeStep;
      const z = this.shortDual[2 * i + which] as number;
      let target = aim;
      if (corrected > 0) {
        const move = which === 0 ? shortAffine : shortAffine + beforeAffine;
        target += corrected * z * move * (1 + move / s);
      }
      visit(s, z, ds, (target - z * ds) / s - z, 2 * i + which, 2);
    }
  }

  /** Adds vehicle `i`'s bounds to a survey of the step. */
  survey(i: number, aim: number, corrected: number, survey: StepSurvey): void {
    this.#each(i, aim, corrected, (s, z, ds, dz) => addBound(survey, s, z, ds, dz));
  }

  advance(i: number, aim: number, corrected: number, primal: number, dual: number): void {
    const model = this.#model;
    this.#each(i, aim, corrected, (_s, z, _ds, dz, at, kind) => {
      const into = kind === 0 ? this.dual : kind === 1 ? this.shareDual : this.shortDual;
      into[at] = z + dual * dz;
    });
    const length = (model.endSlot[i] as number) - (model.firstSlot[i] as number);
    const offset = model.offset[i] as number;
    for (let at = offset; at < offset + length; at += 1)
      this.energy[at] = (this.energy[at] as number) + primal * (this.energyStep[at] as number);
    const end = this.index.localAt(i, model.endSlot[i] as number);
    for (let at = this.index.localAt(i, model.firstSlot[i] as number); at < end; at += 1)
      this.local[at] = (this.local[at] as number) + primal * (this.localStep[at] as number);
    this.short[i] = (this.short[i] as number) + primal * (this.shortStep[i] as number);
  }

  /**
   * What a stored kWh of vehicle `i` is worth after each slot of its window, (30): what the next slot gives for it by
   * its own multipliers, and after the last one what it saves of a shortfall. Flat as in FleetModel.
   */
  readEnergyValues(i: number, prices: PriceStep, values: Float64Array): void {
    const model = this.#model;
    const layout = this.#layout;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const site = model.siteIndex[i] as number;
    const perOut = (model.dischargeEfficiency[i] as number) / model.slotHours;
    if (first === end) return;
    for (let t = first + 1; t < end; t += 1) {
      const at = (model.offset[i] as number) + t - first;
      const z = (j: number): number => this.dual[SLOT_BOUNDS * at + j] as number;
      let net = layout.netRow[t] === 1 ? (prices.rows[layout.rowStart[t] as number] as number) : 0;
      if (site >= 0) net += prices.site[site * layout.slotCount + t] as number;
      const sell =
        ((model.exportPerKwh[t] as number) - (model.wearPerKwh[i] as number)) *
        (model.dischargeEfficiency[i] as number);
      const upHeld = lacksUp(layout, t) ? 0 : 1;
      const downHeld = lacksDown(layout, t) ? 0 : 1;
      values[at - 1] =
        sell +
        net * perOut +
        z(2) -
        z(3) -
        perOut * (upHeld * z(6) - downHeld * z(9)) +
        upHeld * z(7) -
        downHeld * z(10);
    }
    values[(model.offset[i + 1] as number) - 1] = this.shortDual[2 * i + 1] as number;
  }
}

/** Whether no share of the slot is upward; its three bounds then stand for nothing. */
export function lacksUp(layout: ShareLayout, t: number): boolean {
  return layout.upCount[t] === 0;
}
/** The same for downward shares. */
export function lacksDown(layout: ShareLayout, t: number): boolean {
  return (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number) === layout.upCount[t];
}
