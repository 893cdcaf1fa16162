import type { BackendRequest } from '../backend.js';
import type { Coordination } from '../coordination/coordinate.js';
import { type CouplingRows, createCouplingRows } from '../coordination/coupling-rows.js';
import type { RowPrices } from '../coordination/vehicle-sweeps.js';
import type { Multipliers } from '../multipliers.js';
import { relativeGap } from '../plan.js';
import { previousSchedule } from '../previous-schedule.js';
import type { Schedule } from '../schedule.js';
import { answerCoordination, BEGUN, type CoordinationJob, STOP } from './answer-coordination.js';
import { JobThread } from './job-thread.js';
import { monotonicMs } from './monotonic-clock.js';
import { firstPlanMs } from './time-estimates.js';

/** Solves that run side by side; the next ones wait. */
const MOST_THREADS = 2;
const thread = new JobThread<CoordinationJob, Coordination>('./coordination-worker', MOST_THREADS);

/** Less time than this is not worth a thread, ms; a first start takes as long. */
const THREAD_MS = 60;

export interface CoordinatedSchedule extends Schedule {
  /** What the search itself makes of its plan and its bound. */
  readonly gap: number;
}

/**
 * Vehicles tied together by rows of the fleet and of sites. Runs in a worker thread, or on the caller's when the
 * request asks for no threads or leaves no time for one. A time limit leaves a plan that keeps the limits.
 */
export async function coordinatedSchedule(request: BackendRequest): Promise<CoordinatedSchedule> {
  const { problem, model, deadlineMs } = request;
  const rows = createCouplingRows(problem, model);
  const job: CoordinationJob = {
    model,
    rows,
    gap: request.gap,
    deadlineMs,
    startPrices: request.warm === undefined ? undefined : pricesOf(rows, request.warm),
    startChange:
      request.previous === undefined ? undefined : previousSchedule(problem, model, request.previous),
    startObjective: request.previous?.objective,
    signals: new Int32Array(new SharedArrayBuffer(8)),
  };
  const firstMs = firstPlanMs(model);
  const spareMs = deadlineMs - monotonicMs() - firstMs;
  const here = request.threads === 0 || (spareMs < THREAD_MS && firstMs < THREAD_MS);
  const answer = here ? answerCoordination(job) : await inThread(job, request.signal, spareMs);
  const gap = relativeGap(answer.objective, answer.lowerBound);
  return { change: answer.change, multipliers: multipliersOf(rows, answer), gap };
}

/**
 * Aborting asks the search to end, which it does within milliseconds. A job that no thread has begun when there is
 * just time for a first plan gets that on the caller's thread.
 */
async function inThread(
  job: CoordinationJob,
  signal: AbortSignal | undefined,
  spareMs: number,
): Promise<Coordination> {
  const answer = await thread.run(job, {
    signal,
    endAfterMs: spareMs,
    waitOn: () => Atomics.load(job.signals, BEGUN) !== 0,
    stop: () => void Atomics.store(job.signals, STOP, 1),
  });
  return answer ?? answerCoordination(job);
}

function pricesOf(rows: CouplingRows, { fleetPerKwh, sitePerKwh }: Multipliers): RowPrices {
  const fleet = Float64Array.from({ length: rows.slotCount }, (_, t) => fleetPerKwh[t] ?? 0);
  const site = new Float64Array(rows.siteCount * rows.slotCount);
  sitePerKwh.forEach((perKwh, s) => {
    for (let t = 0; t < rows.slotCount; t += 1) site[s * rows.slotCount + t] = perKwh?.[t] ?? 0;
  });
  return { fleet, site };
}

function multipliersOf(rows: CouplingRows, { prices, energyPerKwh }: Coordination): Multipliers {
  const sitePerKwh = Array.from({ length: rows.siteCount }, (_, s) => {
    const perKwh = prices.site.subarray(s * rows.slotCount, (s + 1) * rows.slotCount);
    return perKwh.some((price) => price !== 0) ? perKwh : undefined;
  });
  return { fleetPerKwh: prices.fleet, sitePerKwh, energyPerKwh };
}
