import { describe, expect, it } from 'vitest';
import { createSecrets } from '../src/secrets.js';

const secrets = createSecrets();

describe('a station password', () => {
  it('is known by its hash again, and only itself', async () => {
    const hash = await secrets.hashPassword('päss wörd');
    expect(await secrets.verifyPassword('päss wörd', hash)).toBe(true);
    expect(await secrets.verifyPassword('päss wörd ', hash)).toBe(false);
    expect(await secrets.verifyPassword('', hash)).toBe(false);
  });

  it('that was shown before costs no scrypt again, and a wrong one is still wrong', async () => {
    const own = createSecrets();
    const hash = await own.hashPassword('right');
    const cpuMsOf = async (password: string): Promise<{ matches: boolean; cpuMs: number }> => {
      const before = process.cpuUsage();
      const matches = await own.verifyPassword(password, hash);
      return { matches, cpuMs: process.cpuUsage(before).user / 1000 };
    };
    const first = await cpuMsOf('right');
    const again = await cpuMsOf('right');
    expect([first.matches, again.matches]).toEqual([true, true]);
    expect(again.cpuMs).toBeLessThan(first.cpuMs / 3);
    expect((await cpuMsOf('wrong')).matches).toBe(false);
    expect((await cpuMsOf('right ')).matches).toBe(false);
    expect(await own.verifyPassword('right', await own.hashPassword('other'))).toBe(false);
  });

  it('has another hash each time, which does not hold the password', async () => {
    const [one, other] = [await secrets.hashPassword('secret'), await secrets.hashPassword('secret')];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^scrypt\$16384\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  });

  it.each([
    '',
    'plain text',
    'scrypt$16384$8$1$salt',
    'bcrypt$16384$8$1$c2FsdA$AAAA',
    `scrypt$16384$8$1$c2FsdA$${'A'.repeat(10)}`,
    `scrypt$many$8$1$c2FsdA$${'A'.repeat(43)}`,
    `scrypt$3$8$1$c2FsdA$${'A'.repeat(43)}`,
  ])('is not matched by a malformed hash: %s', async (hash) => {
    expect(await secrets.verifyPassword('secret', hash)).toBe(false);
  });
});

describe('keys and ids', () => {
  it('are new each time, URL-safe and long enough', () => {
    const keys = new Set(Array.from({ length: 100 }, () => secrets.newApiKey()));
    expect(keys.size).toBe(100);
    for (const key of keys) expect(key).toMatch(/^ebb_[\w-]{32}$/);
    expect(secrets.newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('are kept as SHA-256 in hex', () => {
    expect(secrets.digest('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  it('are compared whole', () => {
    expect(secrets.equal('abc', 'abc')).toBe(true);
    expect(secrets.equal('abc', 'abcd')).toBe(false);
    expect(secrets.equal('', 'a')).toBe(false);
  });
});
