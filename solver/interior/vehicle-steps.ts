import type { FleetModel } from '../fleet-model.js';
import type { ShareLayout } from './share-layout.js';
import { SLOT_BOUNDS } from './slot-bounds.js';
import { addBound, type StepSurvey } from './step-survey.js';
import type { VehiclePoint } from './vehicle-point.js';

/** Which multiplier a bound has: of the slot, of a share, of the shortfall. */
const OF_SLOT = 0;
const OF_SHARE = 1;
const OF_SHORTFALL = 2;

/** How far the vehicles can go along their steps, and going there, (33). */
export class VehicleSteps {
  readonly #model: FleetModel;
  readonly #layout: ShareLayout;
  readonly #point: VehiclePoint;
  readonly #slotValue = new Float64Array(SLOT_BOUNDS);
  readonly #slotStep = new Float64Array(SLOT_BOUNDS);
  readonly #push = new Float64Array(SLOT_BOUNDS);
  // The bounds of one vehicle: distance, multiplier, how both move along the step, and where the multiplier stands.
  readonly #distance: Float64Array;
  readonly #multiplier: Float64Array;
  readonly #distanceStep: Float64Array;
  readonly #multiplierStep: Float64Array;
  readonly #at: Int32Array;
  readonly #kind: Uint8Array;

  constructor(model: FleetModel, layout: ShareLayout, point: VehiclePoint) {
    this.#model = model;
    this.#layout = layout;
    this.#point = point;
    const most = SLOT_BOUNDS * layout.slotCount + point.index.horizonLocals + 2;
    this.#distance = new Float64Array(most);
    this.#multiplier = new Float64Array(most);
    this.#distanceStep = new Float64Array(most);
    this.#multiplierStep = new Float64Array(most);
    this.#at = new Int32Array(most);
    this.#kind = new Uint8Array(most);
  }

  /** Adds vehicle `i`'s bounds to a survey of the step. */
  survey(i: number, aim: number, corrected: number, survey: StepSurvey): void {
    const count = this.#gather(i, aim, corrected);
    for (let n = 0; n < count; n += 1)
      addBound(
        survey,
        this.#distance[n] as number,
        this.#multiplier[n] as number,
        this.#distanceStep[n] as number,
        this.#multiplierStep[n] as number,
      );
  }

  advance(i: number, aim: number, corrected: number, primal: number, dual: number): void {
    const model = this.#model;
    const point = this.#point;
    const count = this.#gather(i, aim, corrected);
    for (let n = 0; n < count; n += 1) {
      const kind = this.#kind[n] as number;
      const into = kind === OF_SLOT ? point.dual : kind === OF_SHARE ? point.shareDual : point.shortDual;
      into[this.#at[n] as number] =
        (this.#multiplier[n] as number) + dual * (this.#multiplierStep[n] as number);
    }
    const length = (model.endSlot[i] as number) - (model.firstSlot[i] as number);
    const offset = model.offset[i] as number;
    for (let at = offset; at < offset + length; at += 1)
      point.energy[at] = (point.energy[at] as number) + primal * (point.energyStep[at] as number);
    const end = point.index.localAt(i, model.endSlot[i] as number);
    for (let at = point.index.localAt(i, model.firstSlot[i] as number); at < end; at += 1)
      point.local[at] = (point.local[at] as number) + primal * (point.localStep[at] as number);
    point.short[i] = (point.short[i] as number) + primal * (point.shortStep[i] as number);
  }

  /** Gathers the bounds of vehicle `i`; returns how many they are. */
  #gather(i: number, aim: number, corrected: number): number {
    const model = this.#model;
    const layout = this.#layout;
    const point = this.#point;
    const first = model.firstSlot[i] as number;
    const end = model.endSlot[i] as number;
    const values = this.#slotValue;
    const steps = this.#slotStep;
    const push = this.#push;
    let before = model.startKwh[i] as number;
    let beforeStep = 0;
    let beforeAffine = 0;
    let n = 0;
    for (let t = first; t < end; t += 1) {
      const at = (model.offset[i] as number) + t - first;
      const stored = point.energy[at] as number;
      const storedStep = point.energyStep[at] as number;
      const storedAffine = point.energyAffine[at] as number;
      const local = point.index.localAt(i, t);
      point.pushes(i, t, before, stored, beforeAffine, storedAffine, local, at, aim, corrected, values, push);
      point.bounds.distances(i, t, beforeStep, storedStep, local, point.localStep, 0, steps);
      const size = 1 + (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
      const down = 1 + (layout.upCount[t] as number);
      for (let j = 0; j < SLOT_BOUNDS; j += 1) {
        if ((j >= 6 && j < 9 && down === 1) || (j >= 9 && down === size)) continue;
        const s = values[j] as number;
        const z = point.dual[SLOT_BOUNDS * at + j] as number;
        const ds = steps[j] as number;
        this.#distance[n] = s;
        this.#multiplier[n] = z;
        this.#distanceStep[n] = ds;
        this.#multiplierStep[n] = (push[j] as number) - z - (z * ds) / s;
        this.#at[n] = SLOT_BOUNDS * at + j;
        this.#kind[n] = OF_SLOT;
        n += 1;
      }
      for (let r = 1; r < size; r += 1) {
        const s = point.local[local + r] as number;
        const z = point.shareDual[local + r] as number;
        const ds = point.localStep[local + r] as number;
        const affine = point.localAffine[local + r] as number;
        this.#add(n, s, z, ds, aim, corrected, affine, local + r, OF_SHARE);
        n += 1;
      }
      before = stored;
      beforeStep = storedStep;
      beforeAffine = storedAffine;
    }
    const missing = (model.targetKwh[i] as number) - before;
    const short = point.short[i] as number;
    const shortStep = point.shortStep[i] as number;
    const shortAffine = point.shortAffine[i] as number;
    const [za, zb] = [point.shortDual[2 * i] as number, point.shortDual[2 * i + 1] as number];
    this.#add(n, short, za, shortStep, aim, corrected, shortAffine, 2 * i, OF_SHORTFALL);
    const together = shortAffine + beforeAffine;
    const rest = short - missing;
    this.#add(n + 1, rest, zb, shortStep + beforeStep, aim, corrected, together, 2 * i + 1, OF_SHORTFALL);
    return n + 2;
  }

  #add(
    n: number,
    s: number,
    z: number,
    ds: number,
    aim: number,
    corrected: number,
    affine: number,
    at: number,
    kind: number,
  ): void {
    const target = corrected > 0 ? aim + corrected * z * affine * (1 + affine / s) : aim;
    this.#distance[n] = s;
    this.#multiplier[n] = z;
    this.#distanceStep[n] = ds;
    this.#multiplierStep[n] = (target - z * ds) / s - z;
    this.#at[n] = at;
    this.#kind[n] = kind;
  }
}
