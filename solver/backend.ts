import type { FleetModel } from './fleet-model.js';
import type { Multipliers } from './multipliers.js';
import type { PlanDocument } from './plan.js';
import type { ProblemDocument } from './problem.js';
import type { Schedule } from './schedule.js';

export type BackendName = 'fleet' | 'highs' | 'javascript-lp-solver';

/** What every backend is given. */
export interface BackendRequest {
  readonly problem: ProblemDocument;
  readonly model: FleetModel;
  /** Relative gap at which to stop. */
  readonly gap: number;
  /** On the clock of `monotonicMs`; infinite for none. */
  readonly deadlineMs: number;
  /** Zero: everything on the caller's thread. */
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
  readonly previous?: PlanDocument | undefined;
  readonly warm?: Multipliers | undefined;
}

/** A way to find a schedule. Always finds one: a target that cannot be met is part of the answer. */
export interface Backend {
  readonly name: BackendName;
  /** Rejects only when aborted or when the machine fails. */
  solve(request: BackendRequest): Promise<Schedule>;
}
