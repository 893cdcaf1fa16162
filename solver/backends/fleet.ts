import type { Backend, BackendRequest } from '../backend.js';
import { windowSlots } from '../fleet-model.js';
import { lowerBound } from '../lower-bound.js';
import { relativeGap } from '../plan.js';
import { limitAt, type ProblemDocument } from '../problem.js';
import { mostReserveRevenue } from '../reserve-revenue.js';
import { netKwOf, type Schedule } from '../schedule.js';
import { backedSchedule } from './backed.js';
import { calmUncoupled } from './calm-uncoupled.js';
import { coordinatedSchedule } from './coordinated.js';
import { createLinearProgramBackend, refineByProgram } from './linear-program-backend.js';
import { monotonicMs } from './monotonic-clock.js';
import { uncoupledSchedule } from './uncoupled.js';

/** Window slots up to which HiGHS is the quicker with reserves: 20 vehicles of a day. */
const SMALL_SLOTS = 1200;
/** And up to which it ends within a minute. */
const MIDDLING_SLOTS = 12_000;
/** Of a time limit, for a plan that sells no reserve, to fall back on. */
const PLAIN_SHARE = 0.2;
/** Limits that an uncoupled plan keeps by this much, kW, do not tie vehicles together. */
const SLACK_KW = 1e-7;
/** Window slots of fleets that HiGHS solves in some tenths of a second: about 40 vehicles over a day. */
const MOST_REFINED_SLOTS = 2000;

/**
 * The product's own solver: exact where nothing ties the vehicles together, certified where fleet and site rows
 * or reserves do.
 */
export const fleetBackend: Backend = {
  name: 'fleet',
  async solve(request) {
    const isSmall = windowSlots(request.model) <= SMALL_SLOTS;
    if (request.problem.reserves.length === 0) return await fleetSchedule(request);
    return await (isSmall ? highs.solve(request) : reservingSchedule(request));
  },
};

/** Small problems with reserves go to HiGHS, which is exact and as quick there. */
const highs = createLinearProgramBackend('highs', fleetSchedule);

/**
 * Larger ones are searched. Where that leaves too large a gap (deep negative prices, a gap near rounding), the problem
 * is not too large and there is no time limit, HiGHS may improve on it.
 */
async function reservingSchedule(request: BackendRequest): Promise<Schedule> {
  const limited = Number.isFinite(request.deadlineMs);
  const now = monotonicMs();
  const plainMs = PLAIN_SHARE * (request.deadlineMs - now);
  const plain = limited ? await fleetSchedule({ ...request, deadlineMs: now + plainMs }) : undefined;
  const found = await backedSchedule(request, plain);
  const gap = relativeGap(found.objective, found.provedBound);
  if (gap <= request.gap || limited || windowSlots(request.model) > MIDDLING_SLOTS) return found;
  const exact = await highs.solve(request);
  return { ...exact, provedBound: Math.max(found.provedBound, exact.provedBound ?? found.provedBound) };
}

/** The own search; sells no reserve, and bounds what selling some could bring. */
export async function fleetSchedule(request: BackendRequest): Promise<Schedule> {
  const { problem } = request;
  if (problem.reserves.length > 0) {
    const plain: ProblemDocument = { ...problem, reserves: [] };
    const schedule = await fleetSchedule({ ...request, problem: plain });
    const none = new Float64Array(schedule.change.length);
    return {
      ...schedule,
      reserves: problem.reserves.map(() => ({ kw: 0, upKw: none, downKw: none })),
      provedBound: lowerBound(plain, schedule.multipliers) - mostReserveRevenue(problem),
    };
  }
  const sold = problem.commitment !== undefined && problem.commitment.deviationPerKwh > 0;
  if (!sold) {
    const schedule = calmUncoupled(request, uncoupledSchedule(request));
    if (keepsLimits(request, schedule)) return schedule;
  }
  const own = await coordinatedSchedule(request);
  // Few vehicles are few steps to mix, and prices jump; a program of that size is soon solved whole.
  const refine = own.gap > request.gap && windowSlots(request.model) <= MOST_REFINED_SLOTS;
  return refine ? await refineByProgram(request, own) : own;
}

/** Whether a schedule keeps every site and fleet limit. */
function keepsLimits({ problem, model }: BackendRequest, { change }: Schedule): boolean {
  if (problem.sites.length === 0 && problem.fleet === undefined) return true;
  const slots = model.slotCount;
  const fleetKw = new Float64Array(slots);
  const siteKw = new Float64Array(problem.sites.length * slots);
  for (let i = 0; i < model.vehicleCount; i += 1) {
    const site = model.siteIndex[i] as number;
    const first = model.firstSlot[i] as number;
    const at = model.offset[i] as number;
    for (let t = first; t < (model.endSlot[i] as number); t += 1) {
      const netKw = netKwOf(model, i, change[at + t - first] as number);
      fleetKw[t] = (fleetKw[t] as number) + netKw;
      if (site >= 0) siteKw[site * slots + t] = (siteKw[site * slots + t] as number) + netKw;
    }
  }
  const keeps = (netKw: number, importKw: number, exportKw: number): boolean =>
    netKw <= importKw + SLACK_KW && -netKw <= exportKw + SLACK_KW;
  for (let t = 0; t < slots; t += 1) {
    const { fleet } = problem;
    if (!keeps(fleetKw[t] as number, limitAt(fleet?.importLimitKw, t), limitAt(fleet?.exportLimitKw, t)))
      return false;
  }
  return problem.sites.every(({ importLimitKw, exportLimitKw }, s) => {
    for (let t = 0; t < slots; t += 1) {
      const netKw = siteKw[s * slots + t] as number;
      if (!keeps(netKw, limitAt(importLimitKw, t), limitAt(exportLimitKw, t))) return false;
    }
    return true;
  });
}
