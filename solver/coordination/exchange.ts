import { feasibleShare } from '../even-ties.js';
import type { FleetModel } from '../fleet-model.js';

/** Exchanges smaller than this, kW, are not worth making. */
const LEAST_KW = 1e-9;

/**
 * Two vehicles of one site exchange power slot by slot so that their distances from a reference schedule even out,
 * (34). Where both charge, or both discharge, what one gives the other takes, and what each gives it takes back in
 * other slots: net power of fleet and site, energy at departure and cost stay as they are, whatever the prices and
 * efficiencies.
 */
export class Exchange {
  readonly #model: FleetModel;
  readonly #change: Float64Array;
  readonly #reference: Float64Array | undefined;
  readonly #given: Float64Array;
  readonly #shiftI: Float64Array;
  readonly #shiftJ: Float64Array;

  /** Works on `change`; the reference is zero where it is not a number or absent. */
  constructor(model: FleetModel, change: Float64Array, reference: Float64Array | undefined) {
    this.#model = model;
    this.#change = change;
    this.#reference = reference;
    this.#given = new Float64Array(model.slotCount);
    this.#shiftI = new Float64Array(model.slotCount);
    this.#shiftJ = new Float64Array(model.slotCount);
  }

  between(i: number, j: number): void {
    this.#exchange(i, j, 1);
    this.#exchange(i, j, -1);
  }

  #exchange(i: number, j: number, sign: 1 | -1): void {
    const model = this.#model;
    const first = Math.max(model.firstSlot[i] as number, model.firstSlot[j] as number);
    const end = Math.min(model.endSlot[i] as number, model.endSlot[j] as number);
    if (end - first < 2) return;
    const atI = (model.offset[i] as number) - (model.firstSlot[i] as number);
    const atJ = (model.offset[j] as number) - (model.firstSlot[j] as number);
    // Storage per kWh at the meter, and the most power, of this direction.
    const perI = this.#storedPerKwh(i, sign);
    const perJ = this.#storedPerKwh(j, sign);
    const mostI = ((sign > 0 ? model.chargeKwh[i] : model.dischargeKwh[i]) as number) / perI;
    const mostJ = ((sign > 0 ? model.chargeKwh[j] : model.dischargeKwh[j]) as number) / perJ;
    const change = this.#change;
    const given = this.#given;
    let sum = 0;
    let count = 0;
    for (let t = first; t < end; t += 1) {
      const own = (sign * (change[atI + t] as number)) / perI;
      const other = (sign * (change[atJ + t] as number)) / perJ;
      if (own < 0 || other < 0 || own + other <= LEAST_KW) {
        given[t] = Number.NaN;
        continue;
      }
      const offI = own - this.#wanted(atI + t, sign) / perI;
      const offJ = other - this.#wanted(atJ + t, sign) / perJ;
      given[t] = (offI - offJ) / 2;
      sum += (offI - offJ) / 2;
      count += 1;
    }
    if (count < 2) return;
    const mean = sum / count;
    let [out, back] = [0, 0];
    for (let t = first; t < end; t += 1) {
      if (Number.isNaN(given[t])) continue;
      const own = (sign * (change[atI + t] as number)) / perI;
      const other = (sign * (change[atJ + t] as number)) / perJ;
      const least = -Math.min(other, Math.max(0, mostI - own));
      const most = Math.min(own, Math.max(0, mostJ - other));
      const moved = Math.min(Math.max((given[t] as number) - mean, least), most);
      given[t] = moved;
      if (moved > 0) out += moved;
      else back -= moved;
    }
    if (Math.min(out, back) <= LEAST_KW) return;
    this.#move(i, j, sign, first, end, perI, perJ, out, back);
  }

  #storedPerKwh(i: number, sign: 1 | -1): number {
    const model = this.#model;
    return sign > 0 ? (model.chargeEfficiency[i] as number) : 1 / (model.dischargeEfficiency[i] as number);
  }

  #wanted(at: number, sign: 1 | -1): number {
    const wanted = this.#reference?.[at] ?? Number.NaN;
    // A reference in the other direction wants nothing of this one.
    return Number.isNaN(wanted) ? 0 : Math.max(0, sign * wanted);
  }

  /** Gives and takes back equal sums, as far as both vehicles' energy bounds allow. */
  #move(
    i: number,
    j: number,
    sign: 1 | -1,
    first: number,
    end: number,
    perI: number,
    perJ: number,
    out: number,
    back: number,
  ): void {
    const model = this.#model;
    const firstI = model.firstSlot[i] as number;
    const firstJ = model.firstSlot[j] as number;
    const shiftI = this.#shiftI.subarray(0, (model.endSlot[i] as number) - firstI).fill(0);
    const shiftJ = this.#shiftJ.subarray(0, (model.endSlot[j] as number) - firstJ).fill(0);
    for (let t = first; t < end; t += 1) {
      const raw = this.#given[t] as number;
      if (Number.isNaN(raw)) continue;
      const moved = raw * Math.min(1, raw > 0 ? back / out : out / back) * sign;
      shiftI[t - firstI] = -moved * perI;
      shiftJ[t - firstJ] = moved * perJ;
    }
    const share = Math.min(
      feasibleShare(model, i, this.#change, shiftI),
      feasibleShare(model, j, this.#change, shiftJ),
    );
    this.#add(i, shiftI, share);
    this.#add(j, shiftJ, share);
  }

  #add(i: number, shift: Float64Array, share: number): void {
    const at = this.#model.offset[i] as number;
    for (let k = 0; k < shift.length; k += 1) {
      if (shift[k] === 0) continue;
      this.#change[at + k] = (this.#change[at + k] as number) + share * (shift[k] as number);
    }
  }
}
