import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  FIRST_PREVIOUS_HASH,
  linkAfter,
  linkFault,
  type ProofLink,
} from '../../src/domain/proof.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
function chainOf(bodies: readonly string[]): ProofLink[] {
  const links: ProofLink[] = [];
  for (const body of bodies) {
    links.push(linkAfter(links.at(-1), { kind: 'order', subject: 'd-1', body }, 7, sha256));
  }
  return links;
}
const firstFault = (links: readonly ProofLink[]): string | undefined => {
  for (const [index, link] of links.entries()) {
    const fault = linkFault(links[index - 1], link, sha256);
    if (fault !== undefined) return `${index}: ${fault}`;
  }
  return undefined;
};

describe('canonical JSON', () => {
  it('has one text for a value, whatever the order of its keys', () => {
    expect(canonicalJson({ b: [1, 0.1, -0], a: { d: null, c: 'ä"\n' }, x: undefined })).toBe(
      '{"a":{"c":"ä\\"\\n","d":null},"b":[1,0.1,0]}',
    );
    void fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('refuses what JSON cannot say', () => {
    expect(() => canonicalJson({ a: Number.NaN })).toThrow('NaN is no number of JSON');
    expect(() => canonicalJson(() => 1)).toThrow('function is no value of JSON');
  });
});

describe('a chain of proofs', () => {
  it('begins at 1 on zeros, and each link names its predecessor’s hash', () => {
    const [first, second] = chainOf(['{}', '[]']);
    expect(first).toMatchObject({ seq: 1, previousHash: FIRST_PREVIOUS_HASH, bodyHash: sha256('{}') });
    expect(second).toMatchObject({ seq: 2, previousHash: first?.hash });
    expect(first?.hash).toBe(
      sha256(
        `{"atMs":7,"bodyHash":"${sha256('{}')}","kind":"order","previousHash":"${FIRST_PREVIOUS_HASH}","seq":1,"subject":"d-1"}`,
      ),
    );
    expect(firstFault(chainOf(['1', '2', '3']))).toBeUndefined();
  });

  it('shows every single change, loss and exchange of its links', () => {
    const links = chainOf(['1', '2', '3', '4']);
    const replace = (index: number, change: Partial<ProofLink>) =>
      links.map((link, at) => (at === index ? { ...link, ...change } : link));
    expect(firstFault(replace(1, { body: '9' }))).toBe('1: body: was changed');
    expect(firstFault(replace(1, { body: '9', bodyHash: sha256('9') }))).toBe(
      '1: hash: does not fit the link',
    );
    for (const change of [{ atMs: 8 }, { subject: 'd-2' }, { kind: 'bid' as const }]) {
      expect(firstFault(replace(2, change))).toBe('2: hash: does not fit the link');
    }
    expect(firstFault(links.filter((_, index) => index !== 1))).toBe('1: seq: link 2 is missing');
    const swapped = [links[0]!, { ...links[2]!, seq: 2 }, { ...links[1]!, seq: 3 }, links[3]!];
    expect(firstFault(swapped)).toBe('1: previousHash: does not name the link before');
    // A link forged in full no longer fits the one behind it.
    const forged = linkAfter(links[0], { kind: 'order', subject: 'd-1', body: '9' }, 7, sha256);
    expect(firstFault([links[0]!, forged, ...links.slice(2)])).toBe(
      '2: previousHash: does not name the link before',
    );
  });
});
