import {
  lowerBound,
  type PlanDocument,
  type ProblemDocument,
  relativeGap,
  type SolveOptions,
  type SolveResult,
  slotHours,
  solve,
  type VehiclePlan,
  type WarmStart,
} from '../../../solver/index.js';

/** One group of vehicles that is planned by itself: the vehicles, and what is asked of the scope they lie in. */
export interface ScopePart {
  /** Names the group from plan to plan. */
  readonly key: string;
  /** Groups of one scope that pay different prices share it, and what is asked of the scope. */
  readonly scopeKey: string;
  /** Absent: those of the whole problem. */
  readonly prices?: ProblemDocument['prices'];
  /** Of the whole problem's vehicles. */
  readonly vehicleIds: ReadonlySet<string>;
  /** All vehicles of the scope, those of narrower groups inside it too. */
  readonly scopeIds: ReadonlySet<string>;
  readonly commitment?: ProblemDocument['commitment'];
  /** Part of the commitment is a share of what a wider scope is asked for: a way to plan, no bound on the cost. */
  readonly hasShare?: boolean;
  /** Per slot; infinite = no cap. */
  readonly importCapKw?: readonly number[];
  readonly exportCapKw?: readonly number[];
  /** Reserves that may be held here, by id. */
  readonly reserveIds: ReadonlySet<string>;
}

export type WarmStarts = ReadonlyMap<string, WarmStart>;

export type ScopedResult = Pick<SolveResult, 'plan' | 'explanation'> & { readonly warm: WarmStarts };

/**
 * Plans group by group, narrow before wide. A wider order counts what narrower groups inside its scope do and
 * asks the rest for the difference; a reserve asks each group for what those before it do not hold. Groups of
 * one scope that pay different prices are first planned free; then the first does what is asked as far as it can,
 * the next what is still missing. A single group that is the whole problem is one solve, as without scopes.
 *
 * The lower bound stays a proof over all groups at once: a group that depends on others' plans enters with its
 * bound without what ties them, and reserves with the most they can pay.
 */
export async function solveScopes(
  problem: ProblemDocument,
  parts: readonly ScopePart[],
  options: Omit<SolveOptions, 'warm'> & { readonly warm?: WarmStarts },
): Promise<ScopedResult> {
  const { warm: warmStarts, ...common } = options;
  if (parts.length === 0) {
    const result = await solve(problem, { ...common, warm: warmStarts?.get('') });
    return { ...result, warm: withWarm('', result) };
  }
  const netKwById: NetKwById = new Map();
  /** Free plans of groups that have not had their turn. */
  const freeKwById: NetKwById = new Map();
  const plans = new Map<string, VehiclePlan>();
  const explanations: SolveResult['explanation'][] = [];
  const heldKw = new Map<string, number>();
  const warm = new Map<string, WarmStart>();
  const hasReserves = problem.reserves.length > 0;
  let objective = 0;
  let bound = 0;
  let solveMilliseconds = 0;
  let backend = '';
  let isOptimal = true;
  for (const [index, part] of parts.entries()) {
    const isAsked = part.commitment !== undefined || part.importCapKw !== undefined;
    if (isAsked && parts[index - 1]?.scopeKey !== part.scopeKey) {
      for (const later of parts.slice(index + 1)) {
        if (later.scopeKey !== part.scopeKey) continue;
        const free = unaskedProblemOf(problem, later);
        noteNetKw(freeKwById, free, (await solve(free, common)).plan);
      }
    }
    for (const id of part.vehicleIds) freeKwById.delete(id);
    const othersKw = {
      fixedKw: netOf(netKwById, part.scopeIds, problem.horizon.slots),
      freeKw: netOf(freeKwById, part.scopeIds, problem.horizon.slots),
    };
    const own = problemOf(problem, part, othersKw, heldKw);
    const result = await solve(own, { ...common, warm: warmStarts?.get(part.key) });
    noteNetKw(netKwById, own, result.plan);
    for (const planned of result.plan.vehicles) plans.set(planned.id, planned);
    for (const { id, kw } of result.plan.reserves) heldKw.set(id, (heldKw.get(id) ?? 0) + kw);
    explanations.push(result.explanation);
    for (const [key, value] of withWarm(part.key, result)) warm.set(key, value);
    // What a later group of the scope makes up for is no deviation.
    const isLast = parts[index + 1]?.scopeKey !== part.scopeKey;
    objective += result.plan.objective - (isLast ? 0 : deviationCost(own, result.plan));
    const isTied = part.hasShare === true || (isAsked && part.scopeIds.size > part.vehicleIds.size);
    bound += isTied || hasReserves ? boundAlone(own) : result.plan.lowerBound;
    solveMilliseconds += result.plan.solveMilliseconds;
    backend = result.plan.backend;
    isOptimal &&= result.plan.status === 'optimal';
  }
  bound = Math.min(objective, bound - mostPaid(problem));
  const gap = relativeGap(objective, bound);
  const plan: PlanDocument = {
    version: 1,
    status: isOptimal && gap <= (options.gap ?? DEFAULT_GAP) ? 'optimal' : 'feasible',
    objective,
    lowerBound: bound,
    gap,
    backend,
    solveMilliseconds,
    vehicles: problem.vehicles.map(
      ({ id, firstSlot, endSlot }) =>
        plans.get(id) ?? { id, netKw: new Array(endSlot - firstSlot).fill(0), shortfallKwh: 0, reserves: {} },
    ),
    fleet: { netKw: netOf(netKwById, undefined, problem.horizon.slots) },
    reserves: problem.reserves.map(({ id }) => ({ id, kw: heldKw.get(id) ?? 0 })),
  };
  return {
    plan,
    warm,
    explanation: {
      vehicle(id) {
        for (const explanation of explanations) {
          const found = explanation.vehicle(id);
          if (found !== undefined) return found;
        }
        return undefined;
      },
    },
  };
}

/** The solver's own default. */
const DEFAULT_GAP = 1e-4;

function withWarm(key: string, { warm }: SolveResult): Map<string, WarmStart> {
  return warm === undefined ? new Map() : new Map([[key, warm]]);
}

type NetKwById = Map<string, { firstSlot: number; netKw: readonly number[] }>;

function noteNetKw(netKwById: NetKwById, { vehicles }: ProblemDocument, plan: PlanDocument): void {
  vehicles.forEach(({ id, firstSlot }, index) => {
    const planned = plan.vehicles[index];
    if (planned !== undefined) netKwById.set(id, { firstSlot, netKw: planned.netKw });
  });
}

/** What a plan pays for deviating from what it was asked. */
function deviationCost(problem: ProblemDocument, plan: PlanDocument): number {
  const { commitment } = problem;
  if (commitment === undefined) return 0;
  const deviationKw = commitment.netKw.reduce<number>(
    (sum, kw, slot) => sum + (kw === null ? 0 : Math.abs((plan.fleet.netKw[slot] ?? 0) - kw)),
    0,
  );
  return deviationKw * slotHours(problem) * commitment.deviationPerKwh;
}

function netOf(
  netKwById: ReadonlyMap<string, { firstSlot: number; netKw: readonly number[] }>,
  ids: ReadonlySet<string> | undefined,
  slots: number,
): number[] {
  const sum = new Array<number>(slots).fill(0);
  for (const [id, { firstSlot, netKw }] of netKwById) {
    if (ids !== undefined && !ids.has(id)) continue;
    netKw.forEach((kw, k) => {
      sum[firstSlot + k] = (sum[firstSlot + k] ?? 0) + kw;
    });
  }
  return sum;
}

/** Net power that others in the scope are planned with, and would have when nothing were asked; empty = 0. */
interface OthersKw {
  readonly fixedKw: readonly number[];
  readonly freeKw: readonly number[];
}

/**
 * The group's part of the problem, with what other groups of the scope do and hold taken off. Under a cap what
 * others have not been held to yet counts only where it takes of the cap: they may still be told otherwise.
 */
function problemOf(
  whole: ProblemDocument,
  part: ScopePart,
  { fixedKw, freeKw }: OthersKw,
  heldKw: ReadonlyMap<string, number>,
): ProblemDocument {
  const { commitment: _whole, fleet: _limits, ...shared } = whole;
  const { commitment, importCapKw, exportCapKw } = part;
  const vehicles = whole.vehicles.filter(({ id }) => part.vehicleIds.has(id));
  const siteIds = new Set(vehicles.map(({ siteId }) => siteId));
  const room = (capKw: readonly number[], sign: 1 | -1) =>
    capKw.map((kw, slot) =>
      kw === Number.POSITIVE_INFINITY
        ? NO_LIMIT_KW
        : Math.max(0, kw - sign * (fixedKw[slot] ?? 0) - Math.max(0, sign * (freeKw[slot] ?? 0))),
    );
  return {
    ...shared,
    ...(part.prices === undefined ? {} : { prices: part.prices }),
    vehicles,
    sites: whole.sites.filter(({ id }) => siteIds.has(id)),
    ...(importCapKw === undefined || exportCapKw === undefined
      ? {}
      : { fleet: { importLimitKw: room(importCapKw, 1), exportLimitKw: room(exportCapKw, -1) } }),
    ...(commitment === undefined
      ? {}
      : {
          commitment: {
            ...commitment,
            netKw: commitment.netKw.map((kw, slot) =>
              kw === null ? null : kw - (fixedKw[slot] ?? 0) - (freeKw[slot] ?? 0),
            ),
          },
        }),
    reserves: whole.reserves.flatMap((reserve) => {
      if (!part.reserveIds.has(reserve.id)) return [];
      const leftKw = (reserve.maxKw ?? 0) - (heldKw.get(reserve.id) ?? 0);
      return leftKw > LEAST_RESERVE_KW ? [{ ...reserve, maxKw: leftKw }] : [];
    }),
  };
}

/** The same as if nothing were asked of the scope. */
function unaskedProblemOf(whole: ProblemDocument, part: ScopePart): ProblemDocument {
  const { commitment: _asked, importCapKw: _import, exportCapKw: _export, ...free } = part;
  return { ...problemOf(whole, free, { fixedKw: [], freeKw: [] }, new Map()), reserves: [] };
}

/** More than any fleet moves: a limit array has a number for every slot. */
export const NO_LIMIT_KW = 1e9;
const LEAST_RESERVE_KW = 1e-6;

/** What the group's vehicles cost at least with nothing that ties them: (17) with every multiplier zero. */
function boundAlone({ commitment: _commitment, fleet: _fleet, ...problem }: ProblemDocument): number {
  return lowerBound({ ...problem, reserves: [] }, { fleetPerKwh: [], sitePerKwh: [] });
}

function mostPaid(problem: ProblemDocument): number {
  return problem.reserves.reduce(
    (sum, { pricePerKwPerHour, maxKw = 0, fromSlot, endSlot }) =>
      sum + Math.max(0, pricePerKwPerHour) * maxKw * (endSlot - fromSlot) * slotHours(problem),
    0,
  );
}
