import type { FleetModel } from '../fleet-model.js';
import { LocalIndex } from './local-index.js';
import type { ShareLayout } from './share-layout.js';
import { CLOSED, lacksDown, lacksUp, SLOT_BOUNDS, SlotBounds, WIDENED } from './slot-bounds.js';

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
  readonly bounds: SlotBounds;
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
  readonly #value = new Float64Array(SLOT_BOUNDS);
  readonly #affine = new Float64Array(SLOT_BOUNDS);

  /** `ways` holds slots to one direction, flat as in FleetModel. */
  constructor(model: FleetModel, layout: ShareLayout, ways?: Uint8Array) {
    this.#model = model;
    this.#layout = layout;
    this.bounds = new SlotBounds(model, layout, ways);
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
      const mostIn = this.bounds.mostIn(i, at);
      const mostOut = this.bounds.mostOut(i, at);
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
      this.bounds.distances(i, t, before, stored, local, this.local, 1, this.#value);
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
      this.bounds.distances(i, t, before, stored, local, this.local, 1, g);
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
    this.bounds.distances(i, t, before, stored, local, this.local, 1, g);
    if (corrected > 0) {
      const move = this.#affine;
      this.bounds.distances(i, t, beforeAffine, storedAffine, local, this.localAffine, 0, move);
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
}
