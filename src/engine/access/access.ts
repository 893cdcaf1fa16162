import { EbbflowError, invalidInput } from '../../domain/errors.js';
import { ROLES } from '../../domain/role.js';
import type { Clock } from '../../ports/clock.js';
import type { Secrets } from '../../ports/secrets.js';
import type { Store } from '../../ports/store.js';
import type { Caller, UseCases } from '../../ports/use-cases.js';

/** Keys that were found stay known without the store for a while; a handful of clients call often. */
const MAX_KNOWN_KEYS = 1000;
/** After this a key revoked on another node is refused here too. */
const KNOWN_FOR_MS = 60_000;

/** Who may call: API keys by their digest, and the operator's bootstrap key with the role admin. */
export function createAccess(
  store: Store,
  secrets: Secrets,
  clock: Clock,
  adminKey: string | undefined,
): Pick<UseCases, 'authenticate' | 'createApiKey' | 'apiKeys' | 'revokeApiKey'> {
  const known = new Map<string, { readonly caller: Caller; readonly untilMs: number }>();
  return {
    async authenticate(apiKey) {
      if (adminKey !== undefined && secrets.equal(apiKey, adminKey))
        return { keyId: 'bootstrap', role: 'admin' };
      const digest = secrets.digest(apiKey);
      const cached = known.get(digest);
      if (cached !== undefined && clock.nowMs() < cached.untilMs) return cached.caller;
      const record = await store.apiKeys.findByHash(digest);
      if (record === undefined) {
        known.delete(digest);
        return undefined;
      }
      const caller: Caller = { keyId: record.keyId, role: record.role };
      if (known.size >= MAX_KNOWN_KEYS) known.clear();
      known.set(digest, { caller, untilMs: clock.nowMs() + KNOWN_FOR_MS });
      return caller;
    },
    async createApiKey({ role, name }) {
      if (!ROLES.includes(role)) throw invalidInput('role', `must be one of ${ROLES.join(', ')}`);
      const apiKey = secrets.newApiKey();
      const keyId = secrets.newId();
      await store.apiKeys.save({ keyId, role, name, createdAtMs: clock.nowMs() }, secrets.digest(apiKey));
      return { keyId, apiKey };
    },
    apiKeys: () => store.apiKeys.list(),
    async revokeApiKey(keyId) {
      const removed = await store.apiKeys.remove(keyId);
      for (const [digest, { caller }] of known) if (caller.keyId === keyId) known.delete(digest);
      if (!removed) throw new EbbflowError('NOT_FOUND', `There is no API key ${keyId}`);
    },
  };
}
