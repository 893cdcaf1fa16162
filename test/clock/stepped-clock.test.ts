import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSteppedClock } from '../../src/clock/stepped-clock.js';
import { holding } from '../../src/ports/clock.js';

describe('the stepped clock', () => {
  it('stands still until it is moved', () => {
    const clock = createSteppedClock(1_000);
    expect(clock.nowMs()).toBe(1_000);
    clock.advanceTo(1_500);
    expect(clock.nowMs()).toBe(1_500);
    clock.advanceTo(900);
    expect(clock.nowMs()).toBe(1_500);
  });

  it('calls each timer at its own instant, by time, then in the order they were set', () => {
    const clock = createSteppedClock(0);
    const seen: string[] = [];
    const set = (name: string, delayMs: number) =>
      clock.after(delayMs, () => seen.push(`${name}@${clock.nowMs()}`));
    set('late', 30);
    set('first', 10);
    set('second', 10);
    set('now', 0);
    set('past', -5);
    expect(clock.nextDueMs()).toBe(0);
    clock.advanceTo(20);
    expect(seen).toEqual(['now@0', 'past@0', 'first@10', 'second@10']);
    expect(clock.nextDueMs()).toBe(30);
  });

  it('shows a time up to the next timer and calls none', () => {
    const clock = createSteppedClock(0);
    const seen: number[] = [];
    clock.after(10, () => seen.push(clock.nowMs()));
    clock.showTime(5);
    expect(clock.nowMs()).toBe(5);
    clock.showTime(10);
    expect([clock.nowMs(), seen]).toEqual([10, []]);
    clock.showTime(50);
    expect(clock.nowMs()).toBe(10);
    clock.advanceTo(50);
    expect([clock.nowMs(), seen]).toEqual([50, [10]]);
  });

  it('calls timers that are set on the way when they are due before the target', () => {
    const clock = createSteppedClock(0);
    const seen: number[] = [];
    const tick = () => {
      seen.push(clock.nowMs());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    clock.advanceTo(35);
    expect(seen).toEqual([10, 20, 30]);
  });

  it('does not call what was cancelled, not even by another timer of the same instant', () => {
    const clock = createSteppedClock(0);
    const seen: string[] = [];
    let cancel = () => {};
    clock.after(5, () => {
      seen.push('kept');
      cancel();
    });
    cancel = clock.after(5, () => seen.push('cancelled'));
    clock.advanceTo(10);
    cancel();
    expect(seen).toEqual(['kept']);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('is free when the last holder has released, once each', async () => {
    const clock = createSteppedClock(0);
    const [first, second] = [clock.hold(), clock.hold()];
    let isFree = false;
    const free = clock.whenFree().then(() => (isFree = true));
    first();
    first();
    await Promise.resolve();
    expect([clock.isFree(), isFree]).toEqual([false, false]);
    second();
    await free;
    expect([clock.isFree(), isFree, clock.holdsTaken()]).toEqual([true, true, 2]);
    await clock.whenFree();
  });

  it('is released when held work fails', async () => {
    const clock = createSteppedClock(0);
    await expect(holding(clock, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(clock.isFree()).toBe(true);
    expect(await holding(clock, async () => 7)).toBe(7);
  });

  it('calls any set of timers in order of their instants', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }),
        fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 5 }),
        (delays, stops) => {
          const clock = createSteppedClock(0);
          const seen: [number, number][] = [];
          delays.forEach((delayMs, index) => {
            clock.after(delayMs, () => seen.push([clock.nowMs(), index]));
          });
          for (const stopMs of stops) clock.advanceTo(stopMs);
          clock.advanceTo(60);
          expect(seen).toEqual(
            delays
              .map((delayMs, index) => [delayMs, index] as [number, number])
              .sort((a, b) => a[0] - b[0] || a[1] - b[1]),
          );
        },
      ),
    );
  });
});
