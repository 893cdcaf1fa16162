import type { Backend, BackendName } from './backend.js';
import { fleetBackend } from './backends/fleet.js';
import { createLinearProgramBackend } from './backends/linear-program-backend.js';
import { evaluatePlan } from './evaluate-plan.js';
import { createExplanation, type Explanation } from './explanation.js';
import { createFleetModel } from './fleet-model.js';
import { lowerBound } from './lower-bound.js';
import type { Multipliers } from './multipliers.js';
import { type PlanDocument, relativeGap } from './plan.js';
import type { ProblemDocument } from './problem.js';
import { describeSchedule, statusOf } from './schedule.js';
import { createWarmStart, multipliersFor, type WarmStart } from './warm-start.js';

export interface SolveOptions {
  /** Default `fleet`. */
  readonly backend?: BackendName;
  /** Relative gap to stop at, default 1e-4. */
  readonly gap?: number;
  readonly timeLimitMs?: number;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Among plans of equal cost, the one nearest to this. A vehicle is found by its id; its `netKw` is matched
   * from its end backward, so that slots that have passed may be missing from either plan.
   */
  readonly previous?: PlanDocument | undefined;
  /** From an earlier result; prices and, when `previous` is absent, its plan are where the search starts. */
  readonly warm?: WarmStart | undefined;
  /** 0 solves coupled problems on the caller's thread, anything else (the default) in a worker thread. */
  readonly threads?: number;
}

export interface SolveResult {
  readonly plan: PlanDocument;
  readonly warm: WarmStart;
  readonly explanation: Explanation;
}

const DEFAULT_GAP = 1e-4;
/** Vehicles from which sharing memory with the worker thread is cheaper than copying. */
const SHARED_FROM = 1000;

/**
 * Finds a plan of least cost. The problem must come from parseProblem. Objective and bound are recomputed from
 * the plan and the multipliers by evaluatePlan and lowerBound, whichever backend found them; `optimal` means that
 * these two are within the gap. Rejects only when aborted or when a backend fails for want of memory.
 */
export async function solve(problem: ProblemDocument, options: SolveOptions = {}): Promise<SolveResult> {
  options.signal?.throwIfAborted();
  const started = performance.now();
  const gapAsked = options.gap ?? DEFAULT_GAP;
  const threads = options.threads ?? 1;
  const model = createFleetModel(problem, problem.vehicles.length >= SHARED_FROM && threads > 0);
  const { warm } = options;
  const backend = backendOf(options.backend ?? 'fleet');
  const schedule = await backend.solve({
    problem,
    model,
    gap: gapAsked,
    deadlineMs: started + (options.timeLimitMs ?? Number.POSITIVE_INFINITY),
    threads,
    signal: options.signal,
    previous: options.previous ?? warm?.plan,
    warm: warm === undefined ? undefined : multipliersFor(problem, warm),
  });
  const described = describeSchedule(problem, model, schedule);
  const unrated: PlanDocument = {
    version: 1,
    status: 'feasible',
    objective: 0,
    lowerBound: 0,
    gap: 0,
    backend: backend.name,
    solveMilliseconds: 0,
    ...described,
  };
  const { objective } = evaluatePlan(problem, unrated);
  const proved = provedBound(problem, schedule.multipliers, schedule.provedBound);
  // Two sums over the same terms may differ in their last digits; a bound above a plan's cost is none.
  const bound = Math.min(proved, objective);
  const gap = relativeGap(objective, bound);
  const plan: PlanDocument = {
    ...unrated,
    status: statusOf(gap, gapAsked),
    objective,
    lowerBound: bound,
    gap,
    solveMilliseconds: performance.now() - started,
  };
  return {
    plan,
    warm: createWarmStart(problem, plan, schedule.multipliers),
    explanation: createExplanation(problem, plan, schedule.multipliers),
  };
}

/** The best of what the multipliers prove; with reserves sold, only the backend's own proof covers them. */
function provedBound(
  problem: ProblemDocument,
  multipliers: Multipliers,
  proved = Number.NEGATIVE_INFINITY,
): number {
  return problem.reserves.length > 0 ? proved : Math.max(proved, lowerBound(problem, multipliers));
}

function backendOf(name: BackendName): Backend {
  return name === 'fleet' ? fleetBackend : createLinearProgramBackend(name);
}
