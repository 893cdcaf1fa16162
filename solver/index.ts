/** Ebbflow's fleet solver as a library of its own: a problem document in, a certified plan document out. */
export type { BackendName } from './backend.js';
export { type Evaluation, evaluatePlan, type Violation } from './evaluate-plan.js';
export type {
  BindingLimit,
  Explanation,
  ShortfallCause,
  SlotExplanation,
  VehicleExplanation,
} from './explanation.js';
export { lowerBound } from './lower-bound.js';
export type { Multipliers } from './multipliers.js';
export { parseProblem } from './parse-problem.js';
export {
  type PlanDocument,
  type PlanStatus,
  type ReserveShares,
  relativeGap,
  type VehiclePlan,
} from './plan.js';
export {
  type CommitmentDocument,
  type FleetLimitDocument,
  type HorizonDocument,
  type LimitKw,
  limitAt,
  type PriceDocument,
  type ProblemDocument,
  type ReserveDirection,
  type ReserveDocument,
  type SiteDocument,
  slotHours,
  type VehicleDocument,
} from './problem.js';
export { ProblemError, type ProblemFault } from './problem-error.js';
export { createReplanner, type Replanner } from './replan-vehicle.js';
export { type SolveOptions, type SolveResult, solve } from './solve.js';
export type { WarmStart } from './warm-start.js';
