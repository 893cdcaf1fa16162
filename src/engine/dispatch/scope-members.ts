import type { DispatchOrder, OrderScope } from '../../domain/dispatch.js';
import { invalidInput } from '../../domain/errors.js';
import { type EvseId, stationOf } from '../../domain/ids.js';
import type { DispatchRequest } from '../../ports/use-cases.js';
import type { EngineState } from '../state.js';

/**
 * The scope of a request with its sites as they are now; undefined for the whole fleet.
 * @throws EbbflowError INVALID_INPUT that names the field
 */
export function scopeOf(
  { siteId, pool }: Pick<DispatchRequest, 'siteId' | 'pool'>,
  state: EngineState,
): OrderScope | undefined {
  if (siteId !== undefined && pool !== undefined) throw invalidInput('pool', 'give siteId or pool, not both');
  if (siteId !== undefined) {
    if (!state.sites.has(siteId)) throw invalidInput('siteId', `there is no site ${siteId}`);
    return { siteId, siteIds: [siteId] };
  }
  if (pool === undefined) return undefined;
  const siteIds = [...state.sites.values()].filter((site) => site.pool === pool).map((site) => site.siteId);
  if (siteIds.length === 0) throw invalidInput('pool', `no site belongs to a pool ${pool}`);
  return { pool, siteIds };
}

/** Whether an EVSE's station stands on a site of the scope; every EVSE does in the fleet. */
export function scopeMembers(scope: OrderScope | undefined, state: EngineState): (evseId: EvseId) => boolean {
  if (scope === undefined) return () => true;
  const siteIds = new Set(scope.siteIds);
  return (evseId) => {
    const siteId = state.stations.get(stationOf(evseId))?.station.siteId;
    return siteId !== undefined && siteIds.has(siteId);
  };
}

/** Net power that nobody steers in the scope now, kW: sessions that the plan does not hold. */
export function uncontrolledKwIn(order: Pick<DispatchOrder, 'scope'>, state: EngineState): number {
  const isMember = scopeMembers(order.scope, state);
  const planned = new Set(state.plan?.sessions.map(({ transactionId }) => transactionId));
  let netKw = 0;
  for (const { transactionId, evseId, books } of state.sessions.values()) {
    if (planned.has(transactionId) || !isMember(evseId)) continue;
    netKw += books.importKw - books.exportKw;
  }
  return netKw;
}
