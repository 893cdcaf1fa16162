import { createHash, createHmac, randomBytes, randomUUID, scrypt, timingSafeEqual } from 'node:crypto';
import type { Secrets } from './ports/secrets.js';

/** scrypt cost: N = 2^14, r = 8, p = 1 takes some 30 ms and 16 MiB, once per connection of a station. */
const COST = { N: 2 ** 14, r: 8, p: 1 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Hashes whose password was shown before: as many as stations fit one process, some 200 bytes each. */
const MAX_SHOWN = 20_000;

/** Randomness and hashing by node:crypto. Password hashes read `scrypt$N$r$p$salt$key`, base64url. */
export function createSecrets(): Secrets {
  const shown = new ShownPasswords();
  return {
    newId: () => randomUUID(),
    newApiKey: () => `ebb_${randomBytes(24).toString('base64url')}`,
    digest: (apiKey) => createHash('sha256').update(apiKey).digest('hex'),
    async hashPassword(password) {
      const salt = randomBytes(SALT_BYTES);
      const key = await derive(password, salt, COST);
      return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join(
        '$',
      );
    },
    async verifyPassword(password, hash) {
      const [scheme, n, r, p, salt, key] = hash.split('$');
      if (scheme !== 'scrypt' || salt === undefined || key === undefined) return false;
      const expected = Buffer.from(key, 'base64url');
      const cost = { N: Number(n), r: Number(r), p: Number(p) };
      if (expected.length !== KEY_BYTES || !Object.values(cost).every(Number.isSafeInteger)) return false;
      if (shown.has(password, hash)) return true;
      try {
        const matches = timingSafeEqual(
          await derive(password, Buffer.from(salt, 'base64url'), cost),
          expected,
        );
        if (matches) shown.add(password, hash);
        return matches;
      } catch {
        // Costs that scrypt refuses: the hash is malformed.
        return false;
      }
    },
    equal(left, right) {
      const digest = (text: string) => createHash('sha256').update(text).digest();
      return timingSafeEqual(digest(left), digest(right));
    },
  };
}

/**
 * Right passwords, known again by a digest under a key of this process: a station that comes back costs no
 * scrypt. A new password has a new hash, so nothing outlives it.
 */
class ShownPasswords {
  readonly #key = randomBytes(32);
  readonly #digests = new Map<string, Buffer>();

  has(password: string, hash: string): boolean {
    const digest = this.#digests.get(hash);
    return digest !== undefined && timingSafeEqual(digest, this.#digestOf(password, hash));
  }

  add(password: string, hash: string): void {
    const [oldest] = this.#digests.keys();
    if (this.#digests.size >= MAX_SHOWN && oldest !== undefined) this.#digests.delete(oldest);
    this.#digests.set(hash, this.#digestOf(password, hash));
  }

  #digestOf(password: string, hash: string): Buffer {
    return createHmac('sha256', this.#key).update(hash).update('\0').update(password).digest();
  }
}

function derive(password: string, salt: Buffer, cost: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, KEY_BYTES, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
