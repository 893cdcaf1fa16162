import type { DispatchOrder, OrderConflict } from '../../domain/dispatch.js';
import type { SiteId } from '../../domain/ids.js';
import { askedNetKwAt } from './asked-power.js';

/**
 * What dispatch orders ask of one scope per slot: the rule of docs/dispatch-orders.md. Arrays are as long as the
 * horizon. `siteIds` undefined is the whole fleet.
 */
export interface ScopeAsk {
  readonly siteIds?: ReadonlySet<SiteId>;
  /** Net power asked, kW; null where nothing is. */
  readonly netKw: readonly (number | null)[];
  /** Caps on net power, kW ≥ 0; infinite where there is none. */
  readonly importCapKw: readonly number[];
  readonly exportCapKw: readonly number[];
}

/** Whether every site of `inner` lies in `outer`; the fleet holds everything. */
export function holds(
  outer: ReadonlySet<SiteId> | undefined,
  inner: ReadonlySet<SiteId> | undefined,
): boolean {
  if (outer === undefined) return true;
  return inner !== undefined && [...inner].every((siteId) => outer.has(siteId));
}

/** Whether two scopes have a site in common; the fleet has every site. */
export function meets(one: ReadonlySet<SiteId> | undefined, other: ReadonlySet<SiteId> | undefined): boolean {
  return one === undefined || other === undefined || [...one].some((siteId) => other.has(siteId));
}

export function sitesOf(order: Pick<DispatchOrder, 'scope'>): ReadonlySet<SiteId> | undefined {
  return order.scope === undefined ? undefined : new Set(order.scope.siteIds);
}

/**
 * Orders by scope, narrow before wide and the fleet last. In a slot (an order has it when it covers its middle)
 * of one scope the newest target or delta counts, all caps count together, and a release takes away what was
 * ordered before it in its scope and inside it.
 */
export function scopeAsks(
  orders: readonly DispatchOrder[],
  horizon: { readonly startMs: number; readonly slotMinutes: number; readonly slots: number },
): ScopeAsk[] {
  const inTurn = [...orders].sort((a, b) => a.createdAtMs - b.createdAtMs);
  const scopes = new Map<string, ReadonlySet<SiteId> | undefined>();
  for (const order of inTurn) if (order.release !== true) scopes.set(keyOf(order), sitesOf(order));
  const asks = [...scopes].map(([key, siteIds]): ScopeAsk => {
    const netKw = new Array<number | null>(horizon.slots).fill(null);
    const importCapKw = new Array<number>(horizon.slots).fill(Number.POSITIVE_INFINITY);
    const exportCapKw = new Array<number>(horizon.slots).fill(Number.POSITIVE_INFINITY);
    for (let slot = 0; slot < horizon.slots; slot++) {
      const middleMs = horizon.startMs + (slot + 0.5) * horizon.slotMinutes * 60_000;
      for (const order of inTurn) {
        if (middleMs < order.startMs || middleMs >= order.endMs) continue;
        if (order.release === true) {
          if (!holds(sitesOf(order), siteIds)) continue;
          netKw[slot] = null;
          importCapKw[slot] = Number.POSITIVE_INFINITY;
          exportCapKw[slot] = Number.POSITIVE_INFINITY;
        } else if (keyOf(order) === key) {
          netKw[slot] = askedNetKwAt(order, middleMs) ?? netKw[slot] ?? null;
          importCapKw[slot] = Math.min(
            importCapKw[slot] as number,
            order.importCapKw ?? Number.POSITIVE_INFINITY,
          );
          exportCapKw[slot] = Math.min(
            exportCapKw[slot] as number,
            order.exportCapKw ?? Number.POSITIVE_INFINITY,
          );
        }
      }
    }
    return { ...(siteIds === undefined ? {} : { siteIds }), netKw, importCapKw, exportCapKw };
  });
  return asks
    .filter(({ netKw, ...ask }) => netKw.some((kw) => kw !== null) || isCapped(ask))
    .sort(narrowFirst);
}

/** Narrow before wide, the fleet last; equal sizes in the order given. */
export function narrowFirst(
  a: { siteIds?: ReadonlySet<SiteId> },
  b: { siteIds?: ReadonlySet<SiteId> },
): number {
  return (a.siteIds?.size ?? Number.MAX_SAFE_INTEGER) - (b.siteIds?.size ?? Number.MAX_SAFE_INTEGER);
}

function isCapped({ importCapKw, exportCapKw }: Pick<ScopeAsk, 'importCapKw' | 'exportCapKw'>): boolean {
  return [...importCapKw, ...exportCapKw].some((kw) => kw !== Number.POSITIVE_INFINITY);
}

/** The same for the same sites, in whatever order. */
export function sitesKey(siteIds: Iterable<SiteId>): string {
  return [...siteIds].sort().join('\n');
}

function keyOf({ scope }: Pick<DispatchOrder, 'scope'>): string {
  return scope === undefined ? '' : sitesKey(scope.siteIds);
}

/** undefined when the two have nothing to do with each other. */
export function conflictOf(order: DispatchOrder, other: DispatchOrder): OrderConflict | undefined {
  if (order.startMs >= other.endMs || other.startMs >= order.endMs) return undefined;
  const own = sitesOf(order);
  const others = sitesOf(other);
  if (order.release === true) return other.release !== true && holds(own, others) ? 'lifts' : undefined;
  if (other.release === true) return undefined;
  const isInside = holds(own, others);
  const isAround = holds(others, own);
  if (!isInside && !isAround) return undefined;
  const isCap = (one: DispatchOrder) => one.importCapKw !== undefined || one.exportCapKw !== undefined;
  if (isCap(order) || isCap(other)) return 'both-hold';
  if (isInside && isAround) return 'replaces';
  return isInside ? 'other-first' : 'this-first';
}
