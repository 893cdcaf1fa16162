import type { Multipliers } from './multipliers.js';
import type { PlanDocument } from './plan.js';
import type { ProblemDocument } from './problem.js';

/** What to hand to the next solve of a similar problem. Plain data; its content is the solver's own affair. */
export interface WarmStart {
  readonly start: string;
  readonly slotMinutes: number;
  readonly fleetPerKwh: readonly number[];
  readonly sites: readonly { readonly id: string; readonly perKwh: readonly number[] }[];
  readonly plan: PlanDocument;
}

/** Keeps a plan and the prices that prove it. */
export function createWarmStart(
  problem: ProblemDocument,
  plan: PlanDocument,
  multipliers: Multipliers,
): WarmStart {
  return {
    start: problem.horizon.start,
    slotMinutes: problem.horizon.slotMinutes,
    fleetPerKwh: Array.from(multipliers.fleetPerKwh),
    sites: problem.sites.flatMap(({ id }, s) => {
      const perKwh = multipliers.sitePerKwh[s];
      return perKwh === undefined ? [] : [{ id, perKwh: Array.from(perKwh) }];
    }),
    plan,
  };
}

/**
 * The prices of a warm start moved to this problem's slots and sites; slots that it did not know have none.
 * Undefined when its slots have another length or do not fall on this problem's.
 */
export function multipliersFor(problem: ProblemDocument, warm: WarmStart): Multipliers | undefined {
  const { slots, slotMinutes, start } = problem.horizon;
  const shift = (Date.parse(start) - Date.parse(warm.start)) / (slotMinutes * 60_000);
  if (slotMinutes !== warm.slotMinutes || !Number.isInteger(shift)) return undefined;
  const moved = (perKwh: readonly number[]): number[] =>
    Array.from({ length: slots }, (_, t) => perKwh[t + shift] ?? 0);
  const byId = new Map(warm.sites.map(({ id, perKwh }) => [id, perKwh]));
  return {
    fleetPerKwh: moved(warm.fleetPerKwh),
    sitePerKwh: problem.sites.map(({ id }) => {
      const perKwh = byId.get(id);
      return perKwh === undefined ? undefined : moved(perKwh);
    }),
  };
}
