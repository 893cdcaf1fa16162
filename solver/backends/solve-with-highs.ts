import highsModule from 'highs';
import type { LinearProgramAnswer, LinearProgramJob } from './linear-program-job.js';

// The package's types describe its CommonJS form; what is loaded is the module form, whose default is the loader.
const loadHighs = highsModule as unknown as typeof highsModule.default;

let loading: ReturnType<typeof loadHighs> | undefined;

/** Solves on the calling thread, which it blocks. */
export async function solveWithHighs(job: LinearProgramJob): Promise<LinearProgramAnswer> {
  loading ??= loadHighs();
  const highs = await loading;
  const { program } = job;
  const columns = program.cost.length;
  const rows = program.rowLower.length;
  const kinds = new Int32Array(columns);
  for (const column of program.binary) kinds[column] = 1;
  const model = highs.createModel({
    numCols: columns,
    numRows: rows,
    colCost: Float64Array.from(program.cost),
    colLower: Float64Array.from(program.columnLower),
    colUpper: Float64Array.from(program.columnUpper),
    rowLower: Float64Array.from(program.rowLower),
    rowUpper: Float64Array.from(program.rowUpper),
    matrix: {
      format: 'csr',
      numRows: rows,
      numCols: columns,
      starts: Int32Array.from(program.rowStart),
      indices: Int32Array.from(program.column),
      values: Float64Array.from(program.value),
    },
    ...(program.binary.length > 0 ? { integrality: kinds } : {}),
  });
  try {
    model.options.set({ output_flag: false });
    if (program.binary.length > 0) model.options.set({ mip_rel_gap: job.gap, mip_abs_gap: 1e-9 });
    else model.options.set({ solver: job.method });
    if (Number.isFinite(job.timeLimitMs))
      model.options.set('time_limit', Math.max(0.01, job.timeLimitMs / 1000));
    model.run();
    const status = model.getModelStatus();
    const solution = model.getSolution();
    const solved = status === highs.constants.modelStatus.optimal;
    if (solved) {
      const { colValue, rowDual } = solution;
      return {
        status: 'solved',
        columnValue: colValue,
        ...(program.binary.length === 0 ? { rowDual } : {}),
      };
    }
    if (status !== highs.constants.modelStatus.timeLimit)
      return { status: 'failed', reason: `HiGHS ended with model status ${status}` };
    // An answer cut short may break any row, unless it is the best so far of a search over binary columns.
    const kept = model.info.get('primal_solution_status') === highs.constants.solutionStatus.feasible;
    return program.binary.length > 0 && kept
      ? { status: 'time-limit', columnValue: solution.colValue }
      : { status: 'time-limit' };
  } finally {
    model.dispose();
  }
}
