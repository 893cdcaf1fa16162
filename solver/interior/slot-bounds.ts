import type { FleetModel } from '../fleet-model.js';
import type { ShareLayout } from './share-layout.js';

/** Bounds are widened by this, kWh or kW, so that every vehicle has an inside; the plan is cut back to them. */
export const WIDENED = 1e-7;
/** A direction without power is held open by this, kWh: what is discharged is a difference and not exact to less. */
export const CLOSED = 1e-5;
/** What a slot may do besides nothing: both ways unless told. */
export const CHARGE_ONLY = 1;
export const DISCHARGE_ONLY = 2;
/** Bounds of a slot that every vehicle has, see `distances`. */
export const SLOT_BOUNDS = 12;

/** The bounds that every slot of every vehicle has, (6) and (7), as distances that must not fall below zero. */
export class SlotBounds {
  readonly #model: FleetModel;
  readonly #layout: ShareLayout;
  readonly #ways: Uint8Array | undefined;

  /** `ways` holds slots to one direction, flat as in FleetModel. */
  constructor(model: FleetModel, layout: ShareLayout, ways?: Uint8Array) {
    this.#model = model;
    this.#layout = layout;
    this.#ways = ways;
  }

  /** Most that a window slot may charge, kWh in storage. */
  mostIn(i: number, at: number): number {
    const most = this.#model.chargeKwh[i] as number;
    return most === 0 || this.#ways?.[at] === DISCHARGE_ONLY ? CLOSED : most + WIDENED;
  }

  /** The same for what it may discharge. */
  mostOut(i: number, at: number): number {
    const most = this.#model.dischargeKwh[i] as number;
    return most === 0 || this.#ways?.[at] === CHARGE_ONLY ? CLOSED : most + WIDENED;
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
    out[1] = one * this.mostIn(i, at) - a;
    out[2] = b;
    out[3] = one * this.mostOut(i, at) - b;
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
}

/** Whether no share of the slot is upward; its three bounds then stand for nothing. */
export function lacksUp(layout: ShareLayout, t: number): boolean {
  return layout.upCount[t] === 0;
}
/** The same for downward shares. */
export function lacksDown(layout: ShareLayout, t: number): boolean {
  return (layout.shareStart[t + 1] as number) - (layout.shareStart[t] as number) === layout.upCount[t];
}
