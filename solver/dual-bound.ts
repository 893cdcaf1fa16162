import type { LinearProgram } from './linear-program.js';

/**
 * Weak duality: for any row multipliers, a number that no solution of the program undercuts, (20). Needs
 * bounded columns wherever a multiplier leaves a cost below zero; −∞ otherwise. Binary columns are relaxed.
 */
export function dualBound(program: LinearProgram, rowDual: ArrayLike<number>): number {
  const reduced = Float64Array.from(program.cost);
  let bound = 0;
  program.rowLower.forEach((lower, i) => {
    const upper = program.rowUpper[i] as number;
    let dual = rowDual[i] ?? 0;
    // A row without a bound on one side carries no price on that side.
    if ((dual > 0 && lower === Number.NEGATIVE_INFINITY) || (dual < 0 && upper === Number.POSITIVE_INFINITY))
      dual = 0;
    if (dual === 0) return;
    bound += dual * (dual > 0 ? lower : upper);
    for (let k = program.rowStart[i] as number; k < (program.rowStart[i + 1] as number); k += 1) {
      const j = program.column[k] as number;
      reduced[j] = (reduced[j] as number) - dual * (program.value[k] as number);
    }
  });
  reduced.forEach((cost, j) => {
    if (cost !== 0) bound += cost * ((cost > 0 ? program.columnLower[j] : program.columnUpper[j]) as number);
  });
  return bound;
}
