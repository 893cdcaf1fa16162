import type { LinearProgramAnswer, LinearProgramJob } from './linear-program-job.js';
import { solveWithHighs } from './solve-with-highs.js';
import { solveWithJavascriptLpSolver } from './solve-with-javascript-lp-solver.js';

/** Solves on the calling thread; whatever goes wrong is part of the answer. */
export async function answerLinearProgram(job: LinearProgramJob): Promise<LinearProgramAnswer> {
  // Not every solver takes a program without columns.
  if (job.program.cost.length === 0) return { status: 'solved', columnValue: [], rowDual: [] };
  const solve = job.solver === 'highs' ? solveWithHighs : solveWithJavascriptLpSolver;
  try {
    return await solve(job);
  } catch (error) {
    return { status: 'failed', reason: String(error) };
  }
}
