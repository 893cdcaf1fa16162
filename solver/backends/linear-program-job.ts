import type { LinearProgram } from '../linear-program.js';

export interface LinearProgramJob {
  readonly solver: 'highs' | 'javascript-lp-solver';
  readonly program: LinearProgram;
  /** Relative gap for programs with binary columns. */
  readonly gap: number;
  /** Infinite for none. */
  readonly timeLimitMs: number;
  /** HiGHS' own choice of method; interior point is the better one for large coupled programs. */
  readonly method: 'simplex' | 'ipm';
}

export type LinearProgramAnswer =
  | {
      readonly status: 'solved';
      readonly columnValue: ArrayLike<number>;
      /** Row duals; absent from solvers that give none and from programs with binary columns. */
      readonly rowDual?: ArrayLike<number>;
    }
  /** Time was up; the best solution with binary columns found by then, if there is one that keeps every row. */
  | { readonly status: 'time-limit'; readonly columnValue?: ArrayLike<number> }
  | { readonly status: 'failed'; readonly reason: string };
