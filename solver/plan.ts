/** What one vehicle holds ready for one reserve, kW, one number per slot of the vehicle's window [firstSlot, endSlot). */
export interface ReserveShares {
  readonly upKw: readonly number[];
  readonly downKw: readonly number[];
}

export interface VehiclePlan {
  readonly id: string;
  /** Net power per slot of [firstSlot, endSlot), import positive. */
  readonly netKw: readonly number[];
  /** Energy missing to the target at endSlot. */
  readonly shortfallKwh: number;
  /** By reserve id; one number per slot of [firstSlot, endSlot). Only present when the problem has reserves. */
  readonly reserves?: Readonly<Record<string, ReserveShares>>;
}

/** `optimal`: the gap is within the one asked for; `feasible`: a valid plan with a larger gap. */
export type PlanStatus = 'optimal' | 'feasible';

/** Plan document, version 1. */
export interface PlanDocument {
  readonly version: 1;
  readonly status: PlanStatus;
  /** Total cost in the problem's currency; smaller is better. */
  readonly objective: number;
  /** No plan of any kind costs less. */
  readonly lowerBound: number;
  /** (objective − lowerBound) / max(1, |objective|). */
  readonly gap: number;
  readonly backend: string;
  readonly solveMilliseconds: number;
  readonly vehicles: readonly VehiclePlan[];
  /** Sum over the vehicles, one per slot of the horizon. */
  readonly fleet: { readonly netKw: readonly number[] };
  readonly reserves: readonly { readonly id: string; readonly kw: number }[];
}

/** Relative distance of an objective from its lower bound. */
export function relativeGap(objective: number, lowerBound: number): number {
  return Math.max(0, objective - lowerBound) / Math.max(1, Math.abs(objective));
}
