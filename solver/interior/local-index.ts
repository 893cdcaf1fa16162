import type { FleetModel } from '../fleet-model.js';
import type { ShareLayout } from './share-layout.js';

/**
 * Where the numbers of one vehicle and slot stand in flat arrays. Locals of a slot are what it charges, then its shares;
 * squares are as many numbers as a slot's locals times themselves.
 */
export class LocalIndex {
  readonly localCount: number;
  readonly squareCount: number;
  /** Most locals that one slot has, and that all slots of the horizon have together. */
  readonly widest: number;
  readonly horizonLocals: number;
  readonly #model: FleetModel;
  readonly #slotLocal: Int32Array;
  readonly #slotSquare: Int32Array;
  readonly #vehicleLocal: Int32Array;
  readonly #vehicleSquare: Int32Array;

  constructor(model: FleetModel, layout: ShareLayout) {
    const slots = layout.slotCount;
    const count = model.vehicleCount;
    this.#model = model;
    this.#slotLocal = new Int32Array(slots + 1);
    this.#slotSquare = new Int32Array(slots + 1);
    let widest = 1;
    for (let t = 0; t < slots; t += 1) {
      const size = 1 + (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number);
      widest = Math.max(widest, size);
      this.#slotLocal[t + 1] = (this.#slotLocal[t] as number) + size;
      this.#slotSquare[t + 1] = (this.#slotSquare[t] as number) + size * size;
    }
    this.#vehicleLocal = startsOf(model, this.#slotLocal);
    this.#vehicleSquare = startsOf(model, this.#slotSquare);
    this.widest = widest;
    this.horizonLocals = this.#slotLocal[slots] as number;
    this.localCount = this.#vehicleLocal[count] as number;
    this.squareCount = this.#vehicleSquare[count] as number;
  }

  /** First local of vehicle `i` in slot `t`; with the end of its window, where its locals end. */
  localAt(i: number, t: number): number {
    const first = this.#model.firstSlot[i] as number;
    return (
      (this.#vehicleLocal[i] as number) + (this.#slotLocal[t] as number) - (this.#slotLocal[first] as number)
    );
  }

  squareAt(i: number, t: number): number {
    const first = this.#model.firstSlot[i] as number;
    return (
      (this.#vehicleSquare[i] as number) +
      (this.#slotSquare[t] as number) -
      (this.#slotSquare[first] as number)
    );
  }
}

/** First entry of every vehicle, from the first entries of the slots. */
function startsOf(model: FleetModel, slotStart: Int32Array): Int32Array {
  const starts = new Int32Array(model.vehicleCount + 1);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const first = slotStart[model.firstSlot[i] as number] as number;
    starts[i + 1] = (starts[i] as number) + (slotStart[model.endSlot[i] as number] as number) - first;
  }
  return starts;
}
