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
  /** With reserves only: what shares earn, by reserve, and what stored energy is worth, by vehicle. */
  readonly reserves?: readonly WarmReserve[];
  readonly energies?: readonly { readonly id: string; readonly perKwh: readonly number[] }[];
}

interface WarmReserve {
  readonly id: string;
  readonly fromSlot: number;
  readonly upPerKwPerHour: readonly number[];
  readonly downPerKwPerHour: readonly number[];
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
    ...(problem.reserves.length > 0 ? warmReserves(problem, multipliers) : {}),
  };
}

function warmReserves(problem: ProblemDocument, { reserves, energyPerKwh }: Multipliers) {
  let at = 0;
  return {
    reserves: problem.reserves.flatMap(({ id, fromSlot }, r): WarmReserve[] => {
      const prices = reserves?.[r];
      if (prices === undefined) return [];
      const { upPerKwPerHour, downPerKwPerHour } = prices;
      return [
        {
          id,
          fromSlot,
          upPerKwPerHour: Array.from(upPerKwPerHour),
          downPerKwPerHour: Array.from(downPerKwPerHour),
        },
      ];
    }),
    energies: problem.vehicles.map(({ id, firstSlot, endSlot }) => {
      const perKwh = Array.from({ length: endSlot - firstSlot }, (_, k) => energyPerKwh?.[at + k] ?? 0);
      at += endSlot - firstSlot;
      return { id, perKwh };
    }),
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
    ...(warm.energies === undefined ? {} : movedReserves(problem, warm, shift)),
  };
}

function movedReserves(problem: ProblemDocument, { reserves = [], energies = [] }: WarmStart, shift: number) {
  const reserveById = new Map(reserves.map((reserve) => [reserve.id, reserve]));
  const energyById = new Map(energies.map(({ id, perKwh }) => [id, perKwh]));
  return {
    reserves: problem.reserves.map(({ id, fromSlot, endSlot }) => {
      const known = reserveById.get(id);
      if (known === undefined) return undefined;
      const moved = (prices: readonly number[]): number[] =>
        Array.from(
          { length: endSlot - fromSlot },
          (_, k) => prices[fromSlot + k + shift - known.fromSlot] ?? 0,
        );
      return { upPerKwPerHour: moved(known.upPerKwPerHour), downPerKwPerHour: moved(known.downPerKwPerHour) };
    }),
    energyPerKwh: problem.vehicles.flatMap(({ id, firstSlot, endSlot }) => {
      // Matched from the end of the window.
      const known = energyById.get(id) ?? [];
      const length = endSlot - firstSlot;
      return Array.from({ length }, (_, k) => known[known.length - length + k] ?? 0);
    }),
  };
}
