import type { Backend, BackendRequest } from '../backend.js';
import { dualBound } from '../dual-bound.js';
import { type BuiltLinearProgram, buildLinearProgram } from '../linear-program.js';
import { type Multipliers, noMultipliers } from '../multipliers.js';
import { slotHours } from '../problem.js';
import type { ReserveSchedule, Schedule } from '../schedule.js';
import { coordinatedSchedule } from './coordinated.js';
import { JobThread } from './job-thread.js';
import type { LinearProgramAnswer, LinearProgramJob } from './linear-program-job.js';

const thread = new JobThread<LinearProgramJob, LinearProgramAnswer>('./linear-program-worker');

/** Import and export in one slot above this, kW, is burning energy rather than rounding. */
const BURN_KW = 1e-6;

/**
 * A backend that hands the whole problem to a general solver. Slots in which the answer burns energy get a binary
 * column and the program is solved again, until none is left, (21).
 */
export function createLinearProgramBackend(name: 'highs' | 'javascript-lp-solver'): Backend {
  return {
    name,
    async solve(request) {
      const oneWay: [number, number][] = [];
      let proof: Proof | undefined;
      for (;;) {
        const built = buildLinearProgram(request.problem, oneWay);
        const timeLimitMs = request.deadlineMs - performance.now();
        const answer = await thread.run(
          {
            solver: name,
            program: built.program,
            gap: request.gap / 10,
            timeLimitMs,
            method: request.problem.commitment === undefined ? 'simplex' : 'ipm',
          },
          // The solvers look at the clock between their own steps only, which may be long.
          { signal: request.signal, endAfterMs: timeLimitMs * 2 + 2000 },
        );
        if (answer.status === 'failed') throw new Error(answer.reason);
        // The first program has no binary columns: its duals prove a bound for all that follow.
        // An answer cut short may break any row; what the product's own search has by now does not.
        if (answer.status === 'time-limit') return await fallback(request, built);
        proof ??= await proofOf(request, built, answer.rowDual);
        const burning = burningSlots(request, built, answer.columnValue);
        if (burning.length > 0 && performance.now() >= request.deadlineMs)
          return await fallback(request, built);
        if (burning.length === 0) return { ...toSchedule(request, built, answer), ...proof };
        oneWay.push(...burning);
      }
    },
  };
}

function burningSlots(
  { model }: BackendRequest,
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
  request: BackendRequest,
  built: BuiltLinearProgram,
  answer: Extract<LinearProgramAnswer, { columnValue: ArrayLike<number> }>,
): Omit<Schedule, 'multipliers'> {
  const { problem, model } = request;
  const { map } = built;
  const change = new Float64Array(model.offset[model.vehicleCount] as number);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const length = (model.endSlot[i] as number) - (model.firstSlot[i] as number);
    const at = model.offset[i] as number;
    const mostIn = model.chargeKwh[i] as number;
    const mostOut = model.dischargeKwh[i] as number;
    let energy = model.startKwh[i] as number;
    for (let k = 0; k < length; k += 1) {
      const planned = answer.columnValue[(map.energyColumn[i] as number) + k] as number;
      const next = Math.min(Math.max(planned, model.floorKwh[i] as number), model.ceilingKwh[i] as number);
      const moved = Math.min(Math.max(next - energy, -mostOut), mostIn);
      change[at + k] = Math.abs(moved) < 1e-10 ? 0 : moved;
      energy += change[at + k] as number;
    }
  }
  const reserves = problem.reserves.map((_, r) => readReserve(request, built, answer.columnValue, r));
  return problem.reserves.length > 0 ? { change, reserves } : { change };
}

/** A plan that keeps every limit and sells no reserve. */
async function fallback(request: BackendRequest, built: BuiltLinearProgram): Promise<Schedule> {
  const schedule = await coordinatedSchedule(request);
  const { reserves } = request.problem;
  if (reserves.length === 0) return schedule;
  const none = new Float64Array(schedule.change.length);
  return {
    change: schedule.change,
    reserves: reserves.map(() => ({ kw: 0, upKw: none, downKw: none })),
    ...(await proofOf(request, built, undefined)),
  };
}

type Proof = Pick<Schedule, 'multipliers' | 'provedBound'>;

/**
 * What proves a bound: the solver's row duals; from a solver that gives none, the prices that the product's own
 * search finds, or for reserves only what holds whatever the duals.
 */
async function proofOf(
  request: BackendRequest,
  built: BuiltLinearProgram,
  rowDual: ArrayLike<number> | undefined,
): Promise<Proof> {
  if (rowDual !== undefined) {
    return {
      multipliers: readMultipliers(request, built, rowDual),
      provedBound: dualBound(built.program, rowDual),
    };
  }
  if (request.problem.reserves.length > 0) {
    return { multipliers: noMultipliers(request.problem), provedBound: dualBound(built.program, []) };
  }
  return { multipliers: (await coordinatedSchedule(request)).multipliers };
}

function readReserve(
  { problem, model }: BackendRequest,
  { map }: BuiltLinearProgram,
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

/** Row duals as prices; a row's dual is the change of cost per kW, so the price of a kWh is its negative per hour. */
function readMultipliers(
  { problem, model }: BackendRequest,
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
