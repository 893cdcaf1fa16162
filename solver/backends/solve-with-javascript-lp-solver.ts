import solverModule, { type Model } from 'javascript-lp-solver';
import type { LinearProgram } from '../linear-program.js';
import type { LinearProgramAnswer, LinearProgramJob } from './linear-program-job.js';

// As with highs: the types describe the CommonJS form, the module's default is the solver itself.
const solver = solverModule as unknown as typeof solverModule.default;

/**
 * Solves on the calling thread, which it blocks. Every column is shifted to begin at zero, the only lower
 * bound that javascript-lp-solver knows; upper bounds become rows.
 */
export async function solveWithJavascriptLpSolver(job: LinearProgramJob): Promise<LinearProgramAnswer> {
  const { program } = job;
  const model = {
    ...toModel(program),
    ...(Number.isFinite(job.timeLimitMs) ? { timeout: Math.max(1, job.timeLimitMs) } : {}),
  };
  const solution: unknown = solver.Solve(model, 1e-9);
  if (!isRecord(solution) || solution.feasible !== true) {
    return { status: 'failed', reason: 'javascript-lp-solver found no feasible plan' };
  }
  const columnValue = program.cost.map((_, j) => {
    const value = solution[`x${j}`];
    return (typeof value === 'number' ? value : 0) + (program.columnLower[j] as number);
  });
  return { status: 'solved', columnValue };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Constraint `r7` is row 7, `b12` the upper bound of column 12. */
function toModel(program: LinearProgram): Model {
  const variables: Record<string, Record<string, number>> = {};
  const constraints: Record<string, { min?: number; max?: number; equal?: number }> = {};
  program.cost.forEach((cost, j) => {
    const lower = program.columnLower[j] as number;
    const upper = program.columnUpper[j] as number;
    variables[`x${j}`] = { cost };
    if (Number.isFinite(upper)) {
      constraints[`b${j}`] = { max: upper - lower };
      variables[`x${j}`] = { cost, [`b${j}`]: 1 };
    }
  });
  program.rowLower.forEach((lower, i) => {
    const upper = program.rowUpper[i] as number;
    let shift = 0;
    for (let k = program.rowStart[i] as number; k < (program.rowStart[i + 1] as number); k += 1) {
      const j = program.column[k] as number;
      const value = program.value[k] as number;
      shift += value * (program.columnLower[j] as number);
      const terms = variables[`x${j}`];
      if (terms !== undefined) terms[`r${i}`] = (terms[`r${i}`] ?? 0) + value;
    }
    if (lower === upper) constraints[`r${i}`] = { equal: lower - shift };
    else {
      constraints[`r${i}`] = {
        ...(Number.isFinite(lower) ? { min: lower - shift } : {}),
        ...(Number.isFinite(upper) ? { max: upper - shift } : {}),
      };
    }
  });
  const ints = Object.fromEntries(program.binary.map((j) => [`x${j}`, true]));
  return { optimize: 'cost', opType: 'min', constraints, variables, ints };
}
