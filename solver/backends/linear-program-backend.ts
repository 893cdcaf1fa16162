import type { Backend, BackendRequest } from '../backend.js';
import { calmPlan } from '../coordination/calm-plan.js';
import { createCouplingRows } from '../coordination/coupling-rows.js';
import { evaluatePlan } from '../evaluate-plan.js';
import { previousSchedule } from '../previous-schedule.js';
import { describeSchedule, type Schedule } from '../schedule.js';
import { JobThread } from './job-thread.js';
import type { LinearProgramFind, LinearProgramSearch } from './linear-program-search.js';
import { monotonicMs } from './monotonic-clock.js';
import { closingMs } from './time-estimates.js';

const thread = new JobThread<LinearProgramSearch, LinearProgramFind>('./linear-program-worker');

/** Most time for taking a plan of the own search on to the optimum, ms. */
const MOST_REFINING_MS = 5000;
/** Without a time limit a general solver is given up after this long: some of them can run in circles. */
const MOST_MS = 3_600_000;

/**
 * A backend that hands the whole problem to a general solver, in a thread that is ended when time is up. `own` is the
 * product's own search: under a time limit it runs beside the solver, and its plan stands in when the solver has none
 * by then; its prices prove the bound of solvers that give no duals.
 */
export function createLinearProgramBackend(
  name: 'highs' | 'javascript-lp-solver',
  own: (request: BackendRequest) => Promise<Schedule>,
): Backend {
  return {
    name,
    async solve(request) {
      const { problem, model, gap, signal } = request;
      const limited = Number.isFinite(request.deadlineMs);
      const withdraw = new AbortController();
      let started: Promise<Schedule> | undefined;
      const ownSchedule = (): Promise<Schedule> => {
        const signals = signal === undefined ? [withdraw.signal] : [withdraw.signal, signal];
        started ??= own({ ...request, signal: AbortSignal.any(signals) });
        return started;
      };
      if (limited) ownSchedule().catch(() => undefined);
      const deadlineMs = request.deadlineMs - closingMs(model);
      try {
        const answer = await thread.run(
          { solver: name, problem, model, gap, deadlineMs },
          { signal, endAfterMs: limited ? deadlineMs - monotonicMs() : MOST_MS },
        );
        if (answer?.status === 'failed') throw new Error(answer.reason);
        if (answer?.status === 'solved' && answer.found !== undefined && answer.proof !== undefined)
          return { ...answer.found, ...answer.proof };
        return combine(request, answer, await ownSchedule());
      } finally {
        withdraw.abort();
      }
    },
  };
}

/**
 * Takes a coupled plan without reserves on to the optimum of its program by HiGHS, where there is time for it; the plan
 * stays near the previous one as far as that costs nothing.
 */
export async function refineByProgram(request: BackendRequest, own: Schedule): Promise<Schedule> {
  const { problem, model, gap, signal, previous } = request;
  const untilMs = Math.min(request.deadlineMs - closingMs(model), monotonicMs() + MOST_REFINING_MS);
  const answer = await thread.run(
    { solver: 'highs', problem, model, gap, deadlineMs: untilMs },
    { signal, endAfterMs: untilMs - monotonicMs() },
  );
  const refined = combine(request, answer, own);
  if (refined.change === own.change) return refined;
  const change = calmPlan({
    model,
    rows: createCouplingRows(problem, model),
    change: refined.change,
    previous: previous === undefined ? undefined : previousSchedule(problem, model, previous),
    outOfTime: () => monotonicMs() >= untilMs,
  });
  return { ...refined, change };
}

/** The cheaper of two schedules, with whatever either search proved. */
function combine(request: BackendRequest, answer: LinearProgramFind | undefined, own: Schedule): Schedule {
  const bounds = [own.provedBound, answer?.proof?.provedBound].filter((bound) => bound !== undefined);
  const proof = {
    // An optimum's own prices explain it best.
    multipliers: (answer?.status === 'solved' ? answer.proof?.multipliers : undefined) ?? own.multipliers,
    ...(bounds.length > 0 ? { provedBound: Math.max(...bounds) } : {}),
  };
  const found = answer?.found;
  if (found === undefined) return { ...own, ...proof };
  const theirs = { ...found, ...proof };
  const keeps = costOf(request, theirs) <= costOf(request, own);
  return keeps ? theirs : { ...own, ...proof };
}

/** Infinite when it breaks a limit. */
function costOf({ problem, model }: BackendRequest, schedule: Schedule): number {
  const { objective, violations } = evaluatePlan(problem, describeSchedule(problem, model, schedule));
  return violations.length > 0 ? Number.POSITIVE_INFINITY : objective;
}
