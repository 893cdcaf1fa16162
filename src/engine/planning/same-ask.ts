import { type ScopeAsk, sitesKey } from '../dispatch/scopes.js';

/** Whether the same is asked of the same scopes in the first slot of both. */
export function isSameAsk(some: readonly ScopeAsk[], others: readonly ScopeAsk[]): boolean {
  const keys = (asks: readonly ScopeAsk[]) => asks.map(keyOf).sort().join();
  return keys(some) === keys(others);
}

function keyOf({ siteIds, netKw, importCapKw, exportCapKw }: ScopeAsk): string {
  const scope = siteIds === undefined ? '' : sitesKey(siteIds);
  return JSON.stringify([scope, netKw[0], String(importCapKw[0]), String(exportCapKw[0])]);
}
