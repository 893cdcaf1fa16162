import type { Backend, BackendName } from './backend.js';
import { fleetBackend, fleetSchedule } from './backends/fleet.js';
import { createLinearProgramBackend } from './backends/linear-program-backend.js';
import { monotonicMs } from './backends/monotonic-clock.js';
import { evaluatePlan } from './evaluate-plan.js';
import { createExplanation, type Explanation } from './explanation.js';
import { createFleetModel } from './fleet-model.js';
import { lowerBound } from './lower-bound.js';
import { type PlanDocument, relativeGap } from './plan.js';
import type { ProblemDocument } from './problem.js';
import { describeSchedule, type Schedule, statusOf } from './schedule.js';
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
/** Of a time limit where prices make slots that are not convex; the rest is for the certificate. */
const SEARCH_SHARE = 0.7;
/** A time limit may be overrun by 10 % and 50 ms; the certificate takes the short way from here on. */
const OVERTIME_MS = 25;
/** Vehicles from which sharing memory with the worker thread is cheaper than copying. */
const SHARED_FROM = 1000;

/**
 * Finds a plan of least cost. The problem must come from parseProblem. Objective and bound are recomputed from
 * the plan and the multipliers by evaluatePlan and lowerBound, whichever backend found them; `optimal` means that
 * these two are within the gap. Rejects only when aborted or when a backend fails for want of memory.
 */
export async function solve(problem: ProblemDocument, options: SolveOptions = {}): Promise<SolveResult> {
  options.signal?.throwIfAborted();
  const started = monotonicMs();
  const limitMs = options.timeLimitMs ?? Number.POSITIVE_INFINITY;
  const gapAsked = options.gap ?? DEFAULT_GAP;
  const threads = options.threads ?? 1;
  const model = createFleetModel(problem, problem.vehicles.length >= SHARED_FROM && threads > 0);
  const { warm } = options;
  const backend = backendOf(options.backend ?? 'fleet');
  const schedule = await backend.solve({
    problem,
    model,
    gap: gapAsked,
    deadlineMs: started + limitMs * (mayBurn(problem) ? SEARCH_SHARE : 1),
    threads,
    signal: options.signal,
    previous: options.previous ?? warm?.plan,
    warm: warm === undefined ? undefined : multipliersFor(problem, warm),
  });
  const described = describeSchedule(problem, model, schedule);
  const { objective } = evaluatePlan(problem, described);
  const outOfTime = (): boolean => monotonicMs() > started + limitMs + OVERTIME_MS;
  const proved = provedBound(problem, schedule, outOfTime);
  // Two sums over the same terms may differ in their last digits; a bound above a plan's cost is none.
  const bound = Math.min(proved, objective);
  const gap = relativeGap(objective, bound);
  const plan: PlanDocument = {
    version: 1,
    status: statusOf(gap, gapAsked),
    objective,
    lowerBound: bound,
    gap,
    backend: backend.name,
    solveMilliseconds: monotonicMs() - started,
    ...described,
  };
  return {
    plan,
    warm: createWarmStart(problem, plan, schedule.multipliers),
    explanation: createExplanation(problem, plan, schedule.multipliers),
  };
}

/** The best of what the multipliers prove and of what the backend proved in another way. */
function provedBound(
  problem: ProblemDocument,
  { multipliers, provedBound: proved = Number.NEGATIVE_INFINITY }: Schedule,
  outOfTime: () => boolean,
): number {
  // Without prices of shares the multipliers leave what is sold unpaid.
  const unpaid = problem.reserves.length > 0 && multipliers.reserves === undefined;
  return unpaid ? proved : Math.max(proved, lowerBound(problem, multipliers, outOfTime));
}

/** Whether prices alone make a slot that is not convex, (9), for some vehicle: then the certificate takes longer. */
function mayBurn({ prices: { importPerKwh, exportPerKwh } }: ProblemDocument): boolean {
  return importPerKwh.some((price, t) => price < 0 || price < (exportPerKwh[t] as number));
}

function backendOf(name: BackendName): Backend {
  return name === 'fleet' ? fleetBackend : createLinearProgramBackend(name, fleetSchedule);
}
