import type { Backend, BackendRequest } from '../backend.js';
import { lowerBound } from '../lower-bound.js';
import { limitAt, type ProblemDocument } from '../problem.js';
import { mostReserveRevenue } from '../reserve-revenue.js';
import { netKwOf, type Schedule } from '../schedule.js';
import { coordinatedSchedule } from './coordinated.js';
import { keepPrevious } from './keep-previous.js';
import { createLinearProgramBackend } from './linear-program-backend.js';
import { uncoupledSchedule } from './uncoupled.js';

/** Limits that an uncoupled plan keeps by this much, kW, do not tie vehicles together. */
const SLACK_KW = 1e-7;

/**
 * The product's own solver: exact where nothing ties the vehicles together, certified where fleet and site rows
 * do. Problems with reserves go to HiGHS.
 */
export const fleetBackend: Backend = {
  name: 'fleet',
  async solve(request) {
    // Reserves tie power to stored energy at both edges of a slot, which the kernels do not know.
    if (request.problem.reserves.length > 0)
      return await createLinearProgramBackend('highs', fleetSchedule).solve(request);
    return await fleetSchedule(request);
  },
};

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
    const schedule = keepPrevious(request, uncoupledSchedule(request));
    if (keepsLimits(request, schedule)) return schedule;
  }
  return await coordinatedSchedule(request);
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
