import type { BackendRequest } from '../backend.js';
import { type FleetModel, windowSlots } from '../fleet-model.js';
import type { Backing } from '../interior/back-reserves.js';
import type { PlanDocument, ReserveShares } from '../plan.js';
import { previousSchedule } from '../previous-schedule.js';
import type { ProblemDocument } from '../problem.js';
import type { ReserveSchedule, Schedule } from '../schedule.js';
import { answerBacking, type BackingJob } from './answer-backing.js';
import { BEGUN, STOP } from './answer-coordination.js';
import { JobThread } from './job-thread.js';
import { monotonicMs } from './monotonic-clock.js';
import { closingMs } from './time-estimates.js';

const thread = new JobThread<BackingJob, Backing>('./backing-worker');

/** A schedule with its cost and bound as the search sees them. */
export interface BackedSchedule extends Schedule {
  readonly objective: number;
  readonly provedBound: number;
}

/**
 * Vehicles that hold reserves together. Runs in a worker thread, or on the caller's when the request asks for no
 * threads. A time limit leaves a plan that keeps the limits and whose reserves are backed: at least as good as `plain`,
 * a schedule that keeps the limits without selling anything.
 */
export async function backedSchedule(
  request: BackendRequest,
  plain: Schedule | undefined,
): Promise<BackedSchedule> {
  const { problem, model, signal, deadlineMs } = request;
  const job: BackingJob = {
    problem,
    model,
    gap: request.gap,
    deadlineMs: deadlineMs - closingMs(model),
    previous: request.previous === undefined ? undefined : previousBacking(problem, model, request.previous),
    plain: plain?.change,
    startMultipliers: request.warm,
    signals: new Int32Array(new SharedArrayBuffer(8)),
  };
  const answer =
    request.threads === 0
      ? undefined
      : await thread.run(job, {
          signal,
          endAfterMs: job.deadlineMs - monotonicMs(),
          waitOn: () => Atomics.load(job.signals, BEGUN) !== 0,
          stop: () => void Atomics.store(job.signals, STOP, 1),
        });
  const found = answer ?? answerBacking(job);
  return { ...found, provedBound: Math.max(found.lowerBound, plain?.provedBound ?? found.lowerBound) };
}

/** An earlier plan's schedule and shares, vehicles and reserves by their ids; who was not there does nothing. */
export function previousBacking(problem: ProblemDocument, model: FleetModel, previous: PlanDocument) {
  const change = previousSchedule(problem, model, previous).map((moved) => (Number.isNaN(moved) ? 0 : moved));
  const sharesOf = new Map(previous.vehicles.map(({ id, reserves }) => [id, reserves]));
  const reserves = problem.reserves.map(({ id: reserveId }): ReserveSchedule => {
    const upKw = new Float64Array(windowSlots(model));
    const downKw = new Float64Array(windowSlots(model));
    problem.vehicles.forEach(({ id }, i) => {
      const shares: ReserveShares | undefined = sharesOf.get(id)?.[reserveId];
      if (shares === undefined) return;
      // Matched from the end of the window, as the powers are.
      const end = model.offset[i + 1] as number;
      const length = Math.min(end - (model.offset[i] as number), shares.upKw.length);
      for (let k = 1; k <= length; k += 1) {
        upKw[end - k] = shares.upKw[shares.upKw.length - k] ?? 0;
        downKw[end - k] = shares.downKw[shares.downKw.length - k] ?? 0;
      }
    });
    return { kw: 0, upKw, downKw };
  });
  return { change, reserves };
}
