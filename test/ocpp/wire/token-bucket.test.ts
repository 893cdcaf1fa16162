import { beforeEach, describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../src/ocpp/wire/token-bucket.js';

let nowMs: number;
beforeEach(() => {
  nowMs = 1_000;
});
const bucket = () => new TokenBucket({ burst: 10, perSecond: 2 }, () => nowMs);

describe('an allowance that refills', () => {
  it('gives its burst at once, then what time brings', () => {
    const one = bucket();
    expect(Array.from({ length: 11 }, () => one.take())).toEqual([...Array(10).fill(true), false]);
    nowMs += 500;
    expect([one.take(), one.take()]).toEqual([true, false]);
  });

  it('never holds more than its burst', () => {
    const one = bucket();
    nowMs += 3_600_000;
    expect([one.take(10), one.take()]).toEqual([true, false]);
  });

  it('takes nothing when not all is there', () => {
    const one = bucket();
    expect([one.take(11), one.take(10)]).toEqual([false, true]);
  });

  it('counts what is spent beyond it as time to wait', () => {
    const one = bucket();
    expect(one.spend(10)).toBe(0);
    expect(one.spend(3)).toBe(1500);
    nowMs += 500;
    expect(one.spend(0)).toBe(1000);
  });
});
