import type { BackendRequest } from '../backend.js';
import type { Coordination } from '../coordination/coordinate.js';
import { type CouplingRows, createCouplingRows } from '../coordination/coupling-rows.js';
import type { RowPrices } from '../coordination/vehicle-sweeps.js';
import type { Multipliers } from '../multipliers.js';
import { previousSchedule } from '../previous-schedule.js';
import type { Schedule } from '../schedule.js';
import { answerCoordination, type CoordinationJob } from './answer-coordination.js';
import { JobThread } from './job-thread.js';

const thread = new JobThread<CoordinationJob, Coordination>('./coordination-worker');

/**
 * Vehicles tied together by rows of the fleet and of sites. Runs in a worker thread, or on the caller's when the
 * request asks for no threads. A time limit leaves a plan that keeps the limits.
 */
export async function coordinatedSchedule(request: BackendRequest): Promise<Schedule> {
  const { problem, model } = request;
  const rows = createCouplingRows(problem, model);
  const job: CoordinationJob = {
    model,
    rows,
    gap: request.gap,
    timeLimitMs: request.deadlineMs - performance.now(),
    startPrices: request.warm === undefined ? undefined : pricesOf(rows, request.warm),
    startChange:
      request.previous === undefined ? undefined : previousSchedule(problem, model, request.previous),
    stop: new Int32Array(new SharedArrayBuffer(4)),
  };
  const answer = request.threads === 0 ? answerCoordination(job) : await inThread(job, request.signal);
  return { change: answer.change, multipliers: multipliersOf(rows, answer) };
}

/** Aborting asks the search to end, which it does within milliseconds; jobs that wait behind it go on. */
async function inThread(job: CoordinationJob, signal: AbortSignal | undefined): Promise<Coordination> {
  const stop = (): void => void Atomics.store(job.stop, 0, 1);
  signal?.addEventListener('abort', stop);
  const answer = await thread.run(job, { endAfterMs: Number.POSITIVE_INFINITY });
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  return answer;
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
