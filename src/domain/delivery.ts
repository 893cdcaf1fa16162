import type { DispatchId, EvseId } from './ids.js';

/** How the power without the order is found: named methods, none of them hidden in a number. */
export const DELIVERY_BASELINES = [
  'nominated-plan',
  'meter-before-meter-after',
  'high-x-of-y',
  'control-group',
  'zero',
  'zero-for-discharge',
] as const;
export type DeliveryBaseline = (typeof DELIVERY_BASELINES)[number];

/** The numbers behind the baseline methods: data, so that a market's own rule is a matter of values. */
export interface BaselineRules {
  /** IANA name; like days and their times are local to it. */
  readonly timeZone: string;
  /** Days written `2026-12-25` that count as weekend. */
  readonly holidays: readonly string[];
  /** high X of Y: mean of the `highest` (X) of the last `ofDays` (Y) like days. */
  readonly highest: number;
  readonly ofDays: number;
  /** Moves the baseline to the level of the day itself, as metered before the order. */
  readonly adjustment: 'none' | 'additive' | 'multiplicative';
  /** Most that the adjustment may change, as a share of the unadjusted baseline's mean magnitude. */
  readonly adjustmentCapFraction: number;
  /** The adjustment looks at [start − from, start − to). */
  readonly adjustmentFromMinutes: number;
  readonly adjustmentToMinutes: number;
  /** control group: how many of the nearest EVSEs stand for one that was dispatched, and the least size of the group. */
  readonly neighbours: number;
  readonly leastControls: number;
  /** Non-event like days that a method is judged on. */
  readonly judgedDays: number;
}

/**
 * High 4 of 5 with a symmetric adjustment is PJM's weekday baseline; the cap of 20 % is CAISO's, and looking
 * no nearer than an hour before the order keeps its notice out of the adjustment.
 */
export const DEFAULT_BASELINE_RULES: BaselineRules = {
  timeZone: 'UTC',
  holidays: [],
  highest: 4,
  ofDays: 5,
  adjustment: 'additive',
  adjustmentCapFraction: 0.2,
  adjustmentFromMinutes: 180,
  adjustmentToMinutes: 60,
  neighbours: 3,
  leastControls: 5,
  judgedDays: 10,
};

/** How well a baseline method fits days without an order, over the order's time of day. B baseline, P metered, kW. */
export interface BaselineKpis {
  readonly baseline: DeliveryBaseline;
  /** Days judged, newest first, written `2026-01-19`. */
  readonly days: readonly string[];
  readonly steps: number;
  /** mean(B − P); > 0 = more import than came. */
  readonly biasKw: number | null;
  readonly maeKw: number | null;
  readonly rmseKw: number | null;
  /** RMSE / |mean(P)|; null where nothing was metered on average. */
  readonly rrmse: number | null;
  /** Share of the steps with |B − P| within the tolerance of |P|. */
  readonly withinTolerance: number | null;
  /** Manipulation check: mean(B − P) in the hour before this order, and in that hour of the judged days. */
  readonly biasBeforeOrderKw: number | null;
  readonly usualBiasBeforeKw: number | null;
}

/** A like day that a baseline does not use, and why. */
export interface ExcludedDay {
  readonly day: string;
  /** An order was on it; meters were silent; nothing is on record. */
  readonly reason: 'order' | 'silent-meter' | 'no-record';
}

/** What stands behind a baseline that looks at other days or other EVSEs. */
export interface BaselineBasis {
  readonly rules: BaselineRules;
  /** Like days whose power was averaged, newest first. */
  readonly days: readonly string[];
  readonly excludedDays: readonly ExcludedDay[];
  /** kW that the same-day adjustment added, and the factor where it multiplies. */
  readonly adjustmentKw: number;
  readonly adjustmentFactor: number;
  /** EVSEs of the control group, and how many dispatched ones each stands for. */
  readonly controls: readonly { readonly evseId: EvseId; readonly standsFor: number }[];
}

/** One method beside the others: what the order would be credited, and how far the method can be trusted. */
export interface BaselineComparison {
  readonly baseline: DeliveryBaseline;
  /** Why the method cannot be used here; null when it can. */
  readonly unavailable: string | null;
  readonly creditedKwh: number | null;
  readonly deliveryRatio: number | null;
  readonly kpis: BaselineKpis | null;
}

/** One step of a delivery, [startMs, endMs), powers in kW signed from the grid's side, import > 0. */
export interface DeliveryStep {
  readonly startMs: number;
  readonly endMs: number;
  readonly baselineKw: number;
  readonly askedKw: number;
  readonly meteredKw: number;
  /** Metered, never netted, kWh ≥ 0. */
  readonly importKwh: number;
  readonly exportKwh: number;
  /** Energy delivered of what was asked, in its direction, kWh ≥ 0. */
  readonly creditedKwh: number;
  /** EVSEs whose meter said nothing in this step. */
  readonly missing: readonly EvseId[];
  /** Others whose meter was not read at the step's edges: what lies between two readings counts as even power. */
  readonly estimated: readonly EvseId[];
}

/** Proof of what an order delivered. Energies in kWh, whole Wh; powers whole W; deviations from the baseline, in the order's direction, ≥ 0. */
export interface DeliveryReport {
  readonly dispatchId: DispatchId;
  readonly startMs: number;
  readonly endMs: number;
  /** Up: less import or more export than the baseline. */
  readonly direction: 'up' | 'down';
  readonly baseline: DeliveryBaseline;
  /** Days, EVSEs and adjustment behind it; null for a method that needs none. */
  readonly basis: BaselineBasis | null;
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
  /** Short of, and beyond, what was asked by more than the tolerance, kWh ≥ 0. */
  readonly underKwh: number;
  readonly overKwh: number;
  /** Share of the time of the plugged-in EVSEs in which their meters spoke; null when none was there. */
  readonly availability: number | null;
  /** Steps in which a meter was silent. */
  readonly missingSteps: number;
  /** Steps in which a meter was not read at an edge. */
  readonly estimatedSteps: number;
  /** Metered over the order's time, never netted. */
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly evses: readonly {
    readonly evseId: EvseId;
    readonly importKwh: number;
    readonly exportKwh: number;
    readonly missingSteps: number;
    readonly estimatedSteps: number;
  }[];
}
