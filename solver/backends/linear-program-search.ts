import { dualBound } from '../dual-bound.js';
import type { FleetModel } from '../fleet-model.js';
import { type BuiltLinearProgram, buildLinearProgram } from '../linear-program.js';
import type { Multipliers } from '../multipliers.js';
import { type ProblemDocument, slotHours } from '../problem.js';
import type { ReserveSchedule, Schedule } from '../schedule.js';
import { answerLinearProgram } from './answer-linear-program.js';
import { monotonicMs } from './monotonic-clock.js';

/** A problem for a general solver, in a form that crosses threads. */
export interface LinearProgramSearch {
  readonly solver: 'highs' | 'javascript-lp-solver';
  readonly problem: ProblemDocument;
  readonly model: FleetModel;
  readonly gap: number;
  /** On the clock of `monotonicMs`; infinite for none. */
  readonly deadlineMs: number;
}

export interface LinearProgramFind {
  readonly status: 'solved' | 'time-limit' | 'failed';
  /** Keeps every limit; with `time-limit` there may be none. */
  readonly found?: Omit<Schedule, 'multipliers'>;
  /** From the duals of the program without binary columns; absent from solvers that give none. */
  readonly proof?: LinearProgramProof;
  readonly reason?: string;
}

export interface LinearProgramProof {
  readonly multipliers: Multipliers;
  readonly provedBound: number;
}

/** Import and export in one slot above this, kW, is burning energy rather than rounding. */
const BURN_KW = 1e-6;
/**
 * Binary columns may need more than any time; after this long the best plan found so far has to do, whether or not a
 * time limit was asked for.
 */
const MOST_BINARY_MS = 20_000;
/** Kept back from a time limit to read the solution, ms. */
const READING_MS = 10;

/**
 * The whole problem as one linear program, on the calling thread. Slots in which the answer burns energy get a binary
 * column and the program is solved again, until none is left, (21). `answerJob` solves each program.
 */
export async function searchLinearProgram(
  search: LinearProgramSearch,
  answerJob: typeof answerLinearProgram = answerLinearProgram,
): Promise<LinearProgramFind> {
  const { problem, model, deadlineMs } = search;
  const oneWay: [number, number][] = [];
  let proof: LinearProgramProof | undefined;
  let binaryUntilMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const built = buildLinearProgram(problem, oneWay);
    const answer = await answerJob({
      solver: search.solver,
      program: built.program,
      gap: search.gap / 10,
      timeLimitMs: Math.min(deadlineMs - READING_MS, binaryUntilMs) - monotonicMs(),
      method: problem.commitment === undefined ? 'simplex' : 'ipm',
    });
    const proved = proof === undefined ? {} : { proof };
    if (answer.status === 'failed') return { status: 'failed', reason: answer.reason };
    if (answer.columnValue === undefined) return { status: 'time-limit', ...proved };
    const burning = burningSlots(model, built, answer.columnValue);
    if (answer.status === 'time-limit') {
      if (burning.length > 0) return { status: 'time-limit', ...proved };
      return { status: 'time-limit', found: toSchedule(search, built, answer.columnValue), ...proved };
    }
    // The first program has no binary columns: its duals prove a bound for all that follow.
    if (answer.rowDual !== undefined) proof ??= proofOf(search, built, answer.rowDual);
    if (burning.length === 0) {
      const found = toSchedule(search, built, answer.columnValue);
      return proof === undefined ? { status: 'solved', found } : { status: 'solved', found, proof };
    }
    oneWay.push(...burning);
    binaryUntilMs = Math.min(binaryUntilMs, monotonicMs() + MOST_BINARY_MS);
  }
}

function burningSlots(
  model: FleetModel,
  { map }: BuiltLinearProgram,
  columnValue: ArrayLike<number>,
): [number, number][] {
  const burning: [number, number][] = [];
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const length = (model.endSlot[i] as number) - (model.firstSlot[i] as number);
    for (let k = 0; k < length; k += 1) {
      const bought = columnValue[(map.importColumn[i] as number) + k] as number;
      const sold = columnValue[(map.exportColumn[i] as number) + k] as number;
      if (Math.min(bought, sold) > BURN_KW) burning.push([i, k]);
    }
  }
  return burning;
}

/** Reads stored energy from the columns, within its bounds to the last digit; power follows from it. */
function toSchedule(
  { problem, model }: LinearProgramSearch,
  { map }: BuiltLinearProgram,
  columnValue: ArrayLike<number>,
): Omit<Schedule, 'multipliers'> {
  const change = new Float64Array(model.offset[model.vehicleCount] as number);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const length = (model.endSlot[i] as number) - (model.firstSlot[i] as number);
    const at = model.offset[i] as number;
    const mostIn = model.chargeKwh[i] as number;
    const mostOut = model.dischargeKwh[i] as number;
    let energy = model.startKwh[i] as number;
    for (let k = 0; k < length; k += 1) {
      const planned = columnValue[(map.energyColumn[i] as number) + k] as number;
      const next = Math.min(Math.max(planned, model.floorKwh[i] as number), model.ceilingKwh[i] as number);
      const moved = Math.min(Math.max(next - energy, -mostOut), mostIn);
      change[at + k] = Math.abs(moved) < 1e-10 ? 0 : moved;
      energy += change[at + k] as number;
    }
  }
  const reserves = problem.reserves.map((_, r) => readReserve(problem, model, map, columnValue, r));
  return problem.reserves.length > 0 ? { change, reserves } : { change };
}

function readReserve(
  problem: ProblemDocument,
  model: FleetModel,
  map: BuiltLinearProgram['map'],
  columnValue: ArrayLike<number>,
  r: number,
): ReserveSchedule {
  const reserve = problem.reserves[r];
  const total = model.offset[model.vehicleCount] as number;
  const read = (columns: readonly number[] | undefined): Float64Array => {
    const shares = new Float64Array(total);
    for (let i = 0; i < model.vehicleCount; i += 1) {
      const column = columns?.[i] ?? -1;
      if (column < 0 || reserve === undefined) continue;
      const first = model.firstSlot[i] as number;
      const from = Math.max(first, reserve.fromSlot);
      const to = Math.min(model.endSlot[i] as number, reserve.endSlot);
      for (let t = from; t < to; t += 1) {
        shares[(model.offset[i] as number) + t - first] = Math.max(
          0,
          columnValue[column + t - from] as number,
        );
      }
    }
    return shares;
  };
  return {
    kw: Math.max(0, columnValue[map.soldColumn[r] as number] as number),
    upKw: read(map.upColumn[r]),
    downKw: read(map.downColumn[r]),
  };
}

function proofOf(
  { problem, model }: LinearProgramSearch,
  built: BuiltLinearProgram,
  rowDual: ArrayLike<number>,
): LinearProgramProof {
  return {
    multipliers: readMultipliers(problem, model, built, rowDual),
    provedBound: dualBound(built.program, rowDual),
  };
}

/** Row duals as prices; a row's dual is the change of cost per kW, so the price of a kWh is its negative per hour. */
function readMultipliers(
  problem: ProblemDocument,
  model: FleetModel,
  { map }: BuiltLinearProgram,
  rowDual: ArrayLike<number>,
): Multipliers {
  const hours = slotHours(problem);
  const priceOf = (row: number): number => (row < 0 ? 0 : -(rowDual[row] as number) / hours);
  const energyPerKwh = new Float64Array(model.offset[model.vehicleCount] as number);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const at = model.offset[i] as number;
    const length = (model.offset[i + 1] as number) - at;
    for (let k = 0; k < length; k += 1)
      energyPerKwh[at + k] = -(rowDual[(map.balanceRow[i] as number) + k] as number);
  }
  return {
    fleetPerKwh: map.fleetRow.map(priceOf),
    sitePerKwh: map.siteRow.map((rows) => rows.map(priceOf)),
    energyPerKwh,
  };
}
