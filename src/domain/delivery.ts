import type { DispatchId, EvseId } from './ids.js';

/** How the power without the order is found: named methods, none of them hidden in a number. */
export const DELIVERY_BASELINES = ['nominated-plan', 'meter-before-meter-after', 'zero'] as const;
export type DeliveryBaseline = (typeof DELIVERY_BASELINES)[number];

/** One step of a delivery, [startMs, endMs), powers in kW signed from the grid's side, import > 0. */
export interface DeliveryStep {
  readonly startMs: number;
  readonly endMs: number;
  readonly baselineKw: number;
  readonly askedKw: number;
  readonly meteredKw: number;
  /** Energy delivered of what was asked, in its direction, kWh ≥ 0. */
  readonly creditedKwh: number;
  /** EVSEs whose meter said nothing in this step. */
  readonly missing: readonly EvseId[];
}

/** Proof of what an order delivered. Energies in kWh; deviations from the baseline, in the order's direction, ≥ 0. */
export interface DeliveryReport {
  readonly dispatchId: DispatchId;
  readonly startMs: number;
  readonly endMs: number;
  /** Up: less import or more export than the baseline. */
  readonly direction: 'up' | 'down';
  readonly baseline: DeliveryBaseline;
  /** Readings may still come. */
  readonly provisional: boolean;
  readonly stepMinutes: number;
  readonly steps: readonly DeliveryStep[];
  readonly askedKwh: number;
  readonly creditedKwh: number;
  /** credited / asked; null when nothing was asked. */
  readonly deliveryRatio: number | null;
  /** Seconds from the order's start to the end of the first step with any, and with all of the asked power. */
  readonly initiationS: number | null;
  readonly fullActivationS: number | null;
  /** Largest |metered − asked| of a step, and the share of steps within the tolerance. */
  readonly worstErrorKw: number;
  readonly withinTolerance: number | null;
  readonly toleranceFraction: number;
  /** Steps in which a meter was silent. */
  readonly missingSteps: number;
  /** Metered over the order's time, never netted. */
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly evses: readonly {
    readonly evseId: EvseId;
    readonly importKwh: number;
    readonly exportKwh: number;
    readonly missingSteps: number;
  }[];
}
