import type { FleetLimitDocument, ProblemDocument } from '../../../solver/index.js';
import type { SiteId } from '../../domain/ids.js';
import { holds, narrowFirst, type ScopeAsk, sitesKey } from '../dispatch/scopes.js';
import type { SitePrices } from '../prices/site-prices.js';
import type { SessionGoal } from './goals.js';
import { NO_LIMIT_KW, type ScopePart } from './solve-scopes.js';
import type { UnsteeredSession } from './unsteered-load.js';

/** Part of the fleet in which a reserve must be held. */
export interface ReserveScope {
  readonly reserveId: string;
  readonly siteIds: ReadonlySet<SiteId>;
}

/**
 * The groups that a fleet falls into when something is asked of a part of it: the narrowest scope that holds a
 * car takes it; the rest of the fleet comes last. Empty when nothing is asked of a part, or when all that is asked
 * of parts are caps on single sites, which are limits of those sites.
 */
export function scopeParts(input: {
  readonly problem: ProblemDocument;
  readonly asks: readonly ScopeAsk[];
  readonly goals: readonly SessionGoal[];
  readonly unsteeredSessions: readonly UnsteeredSession[];
  readonly deviationPerKwh: number;
  readonly reserveScopes?: readonly ReserveScope[];
  /** Given where sites pay different prices: cars of a scope are then planned price by price. */
  readonly pricesAt?: (siteId: SiteId | undefined) => SitePrices;
}): ScopePart[] {
  const { problem, goals, unsteeredSessions, deviationPerKwh, reserveScopes = [], pricesAt } = input;
  const asked = input.asks.filter(
    ({ siteIds, netKw }) => siteIds !== undefined && (siteIds.size > 1 || netKw.some((kw) => kw !== null)),
  );
  const scopes = new Map<string, Pick<ScopeAsk, 'siteIds'> & Partial<ScopeAsk>>();
  for (const ask of asked) scopes.set(keyOf(ask.siteIds), ask);
  for (const { siteIds } of reserveScopes) {
    const key = keyOf(siteIds);
    if (!scopes.has(key)) scopes.set(key, { siteIds });
  }
  if (scopes.size === 0 && pricesAt === undefined) return [];
  const fleet = input.asks.find(({ siteIds }) => siteIds === undefined);
  const taken = new Set<string>();
  const parts: ScopePart[] = [];
  for (const ask of [...[...scopes.values()].sort(narrowFirst), { ...fleet }]) {
    const { siteIds } = ask;
    const scopeIds = new Set(
      goals
        .filter(
          ({ session }) =>
            siteIds === undefined || (session.siteId !== undefined && siteIds.has(session.siteId)),
        )
        .map(({ session }) => session.transactionId as string),
    );
    const vehicleIds = new Set([...scopeIds].filter((id) => !taken.has(id)));
    for (const id of vehicleIds) taken.add(id);
    const unsteeredKw = unsteeredKwIn(unsteeredSessions, siteIds, problem.horizon.slots);
    const own = commitmentOf(ask, unsteeredKw, deviationPerKwh);
    const wider = siteIds === undefined ? [] : widerAsks(siteIds, input.asks);
    const commitment = withShares(own, vehicleIds, wider, input);
    const caps = capsOf(ask, unsteeredKw);
    const part = {
      scopeIds,
      ...(commitment === undefined ? {} : { commitment }),
      ...(commitment === own ? {} : { hasShare: true }),
      ...(caps === undefined ? {} : { importCapKw: caps.importLimitKw, exportCapKw: caps.exportLimitKw }),
      reserveIds: new Set(
        problem.reserves
          .filter(({ id }) =>
            isHeldIn(
              siteIds,
              reserveScopes.find(({ reserveId }) => reserveId === id),
            ),
          )
          .map(({ id }) => id),
      ),
    };
    for (const group of byPrices(goals, vehicleIds, pricesAt)) {
      const key = [keyOf(siteIds), ...(group.key === undefined ? [] : [group.key])].join('\n@');
      const prices = group.prices === undefined ? {} : { prices: group.prices };
      parts.push({ ...part, key, scopeKey: keyOf(siteIds), vehicleIds: group.vehicleIds, ...prices });
    }
  }
  return parts;
}

/** The cars of a scope by what they pay; all of them at once where all pay the same. */
function byPrices(
  goals: readonly SessionGoal[],
  vehicleIds: ReadonlySet<string>,
  pricesAt: ((siteId: SiteId | undefined) => SitePrices) | undefined,
): { key?: string; prices?: SitePrices['prices']; vehicleIds: ReadonlySet<string> }[] {
  if (pricesAt === undefined) return [{ vehicleIds }];
  const groups = new Map<string, { key: string; prices: SitePrices['prices']; vehicleIds: Set<string> }>();
  for (const { session } of goals) {
    if (!vehicleIds.has(session.transactionId)) continue;
    const { key, prices } = pricesAt(session.siteId);
    const group = groups.get(key) ?? { key, prices, vehicleIds: new Set() };
    group.vehicleIds.add(session.transactionId);
    groups.set(key, group);
  }
  if (groups.size === 0) return [{ vehicleIds }];
  return [...groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Asks of wider scopes around one, the narrowest first. */
function widerAsks(siteIds: ReadonlySet<SiteId>, asks: readonly ScopeAsk[]): ScopeAsk[] {
  return asks
    .filter(
      (ask) => holds(ask.siteIds, siteIds) && !(ask.siteIds !== undefined && holds(siteIds, ask.siteIds)),
    )
    .sort(narrowFirst);
}

/**
 * Where a scope is asked for nothing of its own, its cars do their share of what the next wider scope is asked for,
 * by their power; the rest of the wider scope is asked for the difference to what they do.
 */
function withShares(
  own: ProblemDocument['commitment'],
  vehicleIds: ReadonlySet<string>,
  wider: readonly ScopeAsk[],
  { problem, goals, unsteeredSessions, deviationPerKwh }: Parameters<typeof scopeParts>[0],
): ProblemDocument['commitment'] {
  if (wider.every(({ netKw }) => netKw.every((kw) => kw === null))) return own;
  const { slots } = problem.horizon;
  const siteById = new Map<string, SiteId | undefined>(
    goals.map(({ session }) => [session.transactionId, session.siteId]),
  );
  const netKw = Array.from({ length: slots }, (_, slot) => own?.netKw[slot] ?? null);
  for (const { siteIds, netKw: askedKw } of wider) {
    const unsteeredKw = unsteeredKwIn(unsteeredSessions, siteIds, slots);
    for (let slot = 0; slot < slots; slot++) {
      const asked = askedKw[slot] ?? null;
      if (netKw[slot] !== null || asked === null) continue;
      const steeredKw = asked - (unsteeredKw[slot] ?? 0);
      let ownPowerKw = 0;
      let allPowerKw = 0;
      for (const { id, firstSlot, endSlot, maxChargeKw, maxDischargeKw } of problem.vehicles) {
        const siteId = siteById.get(id);
        const isInside = siteIds === undefined || (siteId !== undefined && siteIds.has(siteId));
        if (!isInside || slot < firstSlot || slot >= endSlot) continue;
        const powerKw = steeredKw < 0 ? maxDischargeKw : maxChargeKw;
        allPowerKw += powerKw;
        if (vehicleIds.has(id)) ownPowerKw += powerKw;
      }
      netKw[slot] = allPowerKw > 0 ? (steeredKw * ownPowerKw) / allPowerKw : 0;
    }
  }
  return { netKw, deviationPerKwh };
}

/** Whether cars of a scope may hold a reserve: one of the whole fleet, or of a scope around theirs. */
function isHeldIn(siteIds: ReadonlySet<SiteId> | undefined, reserve: ReserveScope | undefined): boolean {
  if (reserve === undefined) return true;
  return siteIds !== undefined && [...siteIds].every((siteId) => reserve.siteIds.has(siteId));
}

/** What sessions of the scope that nobody steers are expected to do, net kW per slot. */
export function unsteeredKwIn(
  sessions: readonly UnsteeredSession[],
  siteIds: ReadonlySet<SiteId> | undefined,
  slots: number,
): number[] {
  const sum = new Array<number>(slots).fill(0);
  for (const { session, netKw } of sessions) {
    if (siteIds !== undefined && (session.siteId === undefined || !siteIds.has(session.siteId))) continue;
    for (let slot = 0; slot < slots; slot++) sum[slot] = (sum[slot] ?? 0) + (netKw[slot] ?? 0);
  }
  return sum;
}

/** What a scope's steered cars are asked for: the order without the load that nobody steers. */
export function commitmentOf(
  ask: Partial<ScopeAsk> | undefined,
  unsteeredKw: readonly number[],
  deviationPerKwh: number,
): ProblemDocument['commitment'] {
  if (ask?.netKw === undefined || ask.netKw.every((kw) => kw === null)) return undefined;
  return {
    netKw: ask.netKw.map((kw, slot) => (kw === null ? null : kw - (unsteeredKw[slot] ?? 0))),
    deviationPerKwh,
  };
}

type CapLimits = { readonly [Side in keyof Required<FleetLimitDocument>]: readonly number[] };

/** A scope's caps as limits of its steered cars, never below zero: no order makes a car do the opposite. */
export function capsOf(
  ask: Partial<ScopeAsk> | undefined,
  unsteeredKw: readonly number[],
): CapLimits | undefined {
  const { importCapKw, exportCapKw } = ask ?? {};
  if (importCapKw === undefined || exportCapKw === undefined) return undefined;
  if ([...importCapKw, ...exportCapKw].every((kw) => kw === Number.POSITIVE_INFINITY)) return undefined;
  const limit = (kw: number, takenKw: number) =>
    kw === Number.POSITIVE_INFINITY ? NO_LIMIT_KW : Math.max(0, kw - takenKw);
  return {
    importLimitKw: importCapKw.map((kw, slot) => limit(kw, unsteeredKw[slot] ?? 0)),
    exportLimitKw: exportCapKw.map((kw, slot) => limit(kw, -(unsteeredKw[slot] ?? 0))),
  };
}

function keyOf(siteIds: ReadonlySet<SiteId> | undefined): string {
  return siteIds === undefined ? '' : sitesKey(siteIds);
}
