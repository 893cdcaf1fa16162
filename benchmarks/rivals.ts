import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import loadGlpk from 'glpk.js/node';
import { solve as solveYalps } from 'yalps';
import { answerLinearProgram } from '../solver/backends/answer-linear-program.js';
import type { ProblemDocument } from '../solver/index.js';
import { buildLinearProgram, type LinearProgram } from '../solver/linear-program.js';

/** Looked for on the PATH; Debian calls the package coinor-clp. */
const CLP = 'clp';

/** Milliseconds of the solve alone, model building left out, and the cost it found. */
export interface RivalAnswer {
  readonly milliseconds: number;
  readonly objective: number;
}

const programCost = (program: LinearProgram, x: ArrayLike<number>): number =>
  program.cost.reduce((sum, cost, j) => sum + cost * (x[j] ?? 0), 0);

async function viaBackend(
  program: LinearProgram,
  solver: 'highs' | 'javascript-lp-solver',
  method: 'simplex' | 'ipm',
): Promise<RivalAnswer> {
  const job = { solver, program, method, gap: 1e-6, timeLimitMs: Number.POSITIVE_INFINITY };
  const started = performance.now();
  const answer = await answerLinearProgram(job);
  const milliseconds = performance.now() - started;
  if (answer.status !== 'solved') throw new Error(`${solver}: ${answer.status}`);
  return { milliseconds, objective: programCost(program, answer.columnValue) };
}

/** One small program per vehicle: the fair way to use a general solver where nothing ties vehicles together. */
async function highsEach(problem: ProblemDocument): Promise<RivalAnswer> {
  let [milliseconds, objective] = [0, 0];
  for (const vehicle of problem.vehicles) {
    const { program } = buildLinearProgram({ ...problem, vehicles: [vehicle] });
    const answer = await viaBackend(program, 'highs', 'simplex');
    milliseconds += answer.milliseconds;
    objective += answer.objective;
  }
  return { milliseconds, objective };
}

async function viaGlpk(program: LinearProgram): Promise<RivalAnswer> {
  const glpk = await loadGlpk();
  const bounds = (lower: number, upper: number) => {
    if (lower === upper) return { type: glpk.GLP_FX, lb: lower, ub: upper };
    if (upper === Number.POSITIVE_INFINITY) return { type: glpk.GLP_LO, lb: lower, ub: 0 };
    if (lower === Number.NEGATIVE_INFINITY) return { type: glpk.GLP_UP, lb: 0, ub: upper };
    return { type: glpk.GLP_DB, lb: lower, ub: upper };
  };
  const lp = {
    name: 'fleet',
    objective: {
      direction: glpk.GLP_MIN,
      name: 'cost',
      vars: program.cost.map((coef, j) => ({ name: `x${j}`, coef })),
    },
    subjectTo: program.rowLower.map((lower, i) => ({
      name: `r${i}`,
      vars: rowTerms(program, i).map(([j, coef]) => ({ name: `x${j}`, coef })),
      bnds: bounds(lower, program.rowUpper[i]!),
    })),
    bounds: program.columnLower.map((lower, j) => ({
      name: `x${j}`,
      ...bounds(lower, program.columnUpper[j]!),
    })),
  };
  const started = performance.now();
  const { result } = glpk.solve(lp, { msglev: glpk.GLP_MSG_OFF });
  return { milliseconds: performance.now() - started, objective: result.z };
}

function viaYalps(program: LinearProgram): RivalAnswer {
  // Columns begin at zero there; the shift by their lower bounds moves the rows and the cost.
  const constraints = new Map<string, { min?: number; max?: number; equal?: number }>();
  const variables = program.cost.map((cost, j) => new Map([['cost', cost]]).set(`b${j}`, 1));
  let constant = 0;
  program.columnLower.forEach((lower, j) => {
    constant += lower * program.cost[j]!;
    if (Number.isFinite(program.columnUpper[j]!))
      constraints.set(`b${j}`, { max: program.columnUpper[j]! - lower });
  });
  program.rowLower.forEach((lower, i) => {
    let shift = 0;
    for (const [j, value] of rowTerms(program, i)) {
      shift += value * program.columnLower[j]!;
      variables[j]!.set(`r${i}`, value);
    }
    constraints.set(`r${i}`, { min: lower - shift, max: program.rowUpper[i]! - shift });
  });
  const model = {
    direction: 'minimize' as const,
    objective: 'cost',
    constraints,
    variables: variables.map((terms, j) => [`x${j}`, terms] as const),
  };
  const started = performance.now();
  const { result } = solveYalps(model);
  return { milliseconds: performance.now() - started, objective: result + constant };
}

function rowTerms(program: LinearProgram, i: number): [number, number][] {
  const terms: [number, number][] = [];
  for (let k = program.rowStart[i]!; k < program.rowStart[i + 1]!; k += 1) {
    terms.push([program.column[k]!, program.value[k]!]);
  }
  return terms;
}

/** The native CLP; it reads a file, and reading counts. */
function viaClp(program: LinearProgram, method: '-barrier' | '-dualsimplex'): RivalAnswer {
  const folder = mkdtempSync(join(tmpdir(), 'ebbflow-clp-'));
  try {
    const file = join(folder, 'fleet.mps');
    writeFileSync(file, toMps(program));
    const started = performance.now();
    const text = execFileSync(CLP, [file, method], { encoding: 'utf8', maxBuffer: 1e9 });
    const milliseconds = performance.now() - started;
    const objective = /(?:Optimal objective|Optimal - objective value)\s+(\S+)/.exec(text)?.[1];
    if (objective === undefined) throw new Error('CLP gave no optimum');
    return { milliseconds, objective: Number(objective) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toMps(program: LinearProgram): string {
  const kind = (i: number): string => {
    if (program.rowLower[i] === program.rowUpper[i]) return 'E';
    return Number.isFinite(program.rowLower[i]!) ? 'G' : 'L';
  };
  const rows = program.rowLower.map((_, i) => ` ${kind(i)} r${i}`);
  const columns = program.cost.map((cost, j) => [` x${j} cost ${cost}`]);
  program.rowLower.forEach((_, i) => {
    for (const [j, value] of rowTerms(program, i)) columns[j]!.push(` x${j} r${i} ${value}`);
  });
  const right = program.rowLower.map(
    (lower, i) => ` rhs r${i} ${kind(i) === 'L' ? program.rowUpper[i] : lower}`,
  );
  const ranges = program.rowLower.flatMap((lower, i) => {
    const width = program.rowUpper[i]! - lower;
    return width > 0 && Number.isFinite(width) ? [` rng r${i} ${width}`] : [];
  });
  const bounds = program.columnLower.flatMap((lower, j) => {
    const upper = program.columnUpper[j]!;
    return [` LO bnd x${j} ${lower}`, ...(Number.isFinite(upper) ? [` UP bnd x${j} ${upper}`] : [])];
  });
  const sections = [
    ['NAME fleet FREE', 'ROWS', ' N cost'],
    rows,
    ['COLUMNS'],
    columns.flat(),
    ['RHS'],
    right,
    ...(ranges.length > 0 ? [['RANGES'], ranges] : []),
    ['BOUNDS'],
    bounds,
    ['ENDATA'],
  ];
  return `${sections.flat().join('\n')}\n`;
}

/** Whether a rival is on this machine. */
export function hasRival(name: string): boolean {
  return !name.startsWith('clp') || spawnSync(CLP, ['-quit'], { stdio: 'ignore' }).error === undefined;
}

/** Solves a problem by another solver. Throws when it finds no optimum. */
export async function solveByRival(name: string, problem: ProblemDocument): Promise<RivalAnswer> {
  if (name === 'highs-each') return await highsEach(problem);
  const { program } = buildLinearProgram(problem);
  switch (name) {
    case 'highs-simplex':
      return await viaBackend(program, 'highs', 'simplex');
    case 'highs-ipm':
      return await viaBackend(program, 'highs', 'ipm');
    case 'javascript-lp-solver':
      return await viaBackend(program, 'javascript-lp-solver', 'simplex');
    case 'glpk':
      return await viaGlpk(program);
    case 'yalps':
      return viaYalps(program);
    case 'clp-barrier':
      return viaClp(program, '-barrier');
    case 'clp-dual':
      return viaClp(program, '-dualsimplex');
    default:
      throw new Error(`no solver is called ${name}`);
  }
}
