import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isNotable,
  limitAfter,
  limitKwAt,
  suspensionAfter,
} from '../../../src/engine/verification/delivery.js';
import {
  type Evidence,
  LAG_MEMORY_MS,
  NO_EVIDENCE,
  stateAt,
  withSample,
} from '../../../src/engine/verification/evidence.js';
import type { SampleWord } from '../../../src/engine/verification/judge-sample.js';
import { MINUTE_MS, NOON_MS } from '../../support/engine/fixtures.js';

const minute = (index: number) => ({
  fromMs: NOON_MS + index * MINUTE_MS,
  toMs: NOON_MS + (index + 1) * MINUTE_MS,
  powerKw: -3,
});
const said = (...words: readonly SampleWord[]): Evidence =>
  words.reduce((evidence, word, index) => withSample(evidence, word, minute(index)), NO_EVIDENCE);

describe('what the meter has said of an EVSE', () => {
  it('is nothing before the first conclusive sample', () => {
    expect(said('inconclusive', 'inconclusive')).toEqual(NO_EVIDENCE);
    expect(said('following').state).toBe('following');
  });

  it('holds something against it only after two minutes in a row', () => {
    expect(said('following', 'ignoring').state).toBe('following');
    expect(said('following', 'ignoring', 'ignoring').state).toBe('ignoring');
    expect(said('ignoring', 'following', 'ignoring').state).toBe('following');
    expect(said('ignoring', 'inconclusive', 'ignoring').state).toBe('ignoring');
    expect(said('limited-by-ev', 'limited-by-ev', 'ignoring').state).toBe('ignoring');
  });

  it('needs one sample only where that covers two minutes', () => {
    const long = { ...minute(0), toMs: NOON_MS + 5 * MINUTE_MS };
    expect(withSample(NO_EVIDENCE, 'ignoring', long).state).toBe('ignoring');
  });

  it('lets the power of an instant stand for the time since the one before', () => {
    const instant = (index: number) => ({ ...minute(index), fromMs: NOON_MS + (index + 1) * MINUTE_MS });
    let evidence = withSample(NO_EVIDENCE, 'ignoring', instant(0));
    evidence = withSample(evidence, 'ignoring', instant(1));
    expect(evidence.state).toBe('unverified');
    expect(withSample(evidence, 'ignoring', instant(2)).state).toBe('ignoring');
  });

  it('remembers for a quarter of an hour that it was late', () => {
    expect(said('lagging', 'following').state).toBe('lagging');
    const later = { ...minute(0), toMs: NOON_MS + MINUTE_MS + LAG_MEMORY_MS };
    expect(withSample(said('lagging'), 'following', later).state).toBe('following');
  });

  it('is over when readings stay away', () => {
    const evidence = said('following');
    expect(stateAt(evidence, NOON_MS + 6 * MINUTE_MS, 5 * MINUTE_MS)).toBe('following');
    expect(stateAt(evidence, NOON_MS + 6 * MINUTE_MS + 1, 5 * MINUTE_MS)).toBe('unverified');
  });

  it('never holds anything against an EVSE whose last conclusive sample followed', () => {
    const words = fc.array(
      fc.constantFrom<SampleWord>('inconclusive', 'following', 'lagging', 'limited-by-ev', 'ignoring'),
    );
    void fc.assert(
      fc.property(words, (before) => {
        expect(['following', 'lagging']).toContain(said(...before, 'following').state);
        expect(said(...before, 'following').contrary).toBeUndefined();
      }),
    );
  });
});

describe('when the car took nothing by its own doing', () => {
  it('is the time until it is told that this is over, and now while it is not', () => {
    const begun = suspensionAfter(undefined, 'SuspendedEV', NOON_MS);
    expect(begun).toEqual({ lastMs: NOON_MS, isNow: true });
    const over = suspensionAfter(begun, 'SuspendedEVSE', NOON_MS + MINUTE_MS);
    expect(over).toEqual({ lastMs: NOON_MS + MINUTE_MS, isNow: false });
    expect(suspensionAfter(over, 'Charging', NOON_MS + 2 * MINUTE_MS)).toEqual(over);
    expect(suspensionAfter(undefined, 'Charging', NOON_MS)).toBeUndefined();
  });
});

describe('what a car was seen to give at most', () => {
  const seen = (deliveredKw: number) => ({ deliveredKw, atBound: false });
  it('holds for a quarter of an hour, and twice as long each time it comes back', () => {
    const first = limitAfter(undefined, seen(3.7), NOON_MS);
    expect(limitKwAt(first, NOON_MS)).toBe(3.7);
    expect(limitKwAt(first, NOON_MS + 15 * MINUTE_MS)).toBe(Number.POSITIVE_INFINITY);
    const again = limitAfter(first, seen(3.5), NOON_MS + 20 * MINUTE_MS);
    expect(again).toEqual({ kw: 3.5, untilMs: NOON_MS + 50 * MINUTE_MS, count: 2, atBound: false });
  });

  it('is renewed while it holds, without growing longer', () => {
    const first = limitAfter(undefined, seen(0), NOON_MS);
    expect(limitAfter(first, seen(0), NOON_MS + MINUTE_MS)).toMatchObject({
      count: 1,
      untilMs: NOON_MS + 16 * MINUTE_MS,
    });
  });

  it('is worth a new plan when it comes, goes or moves by more than half a kilowatt', () => {
    const limit = limitAfter(undefined, seen(3.7), NOON_MS);
    expect(isNotable(undefined, limit, NOON_MS)).toBe(true);
    expect(isNotable(limit, undefined, NOON_MS)).toBe(true);
    expect(isNotable(limit, { ...limit, kw: 4 }, NOON_MS)).toBe(false);
    expect(isNotable(limit, { ...limit, kw: 5 }, NOON_MS)).toBe(true);
    expect(isNotable(undefined, undefined, NOON_MS)).toBe(false);
  });
});
