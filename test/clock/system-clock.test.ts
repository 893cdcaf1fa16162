import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../src/clock/system-clock.js';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

describe('the system clock', () => {
  it('is the machine’s time', () => {
    const clock = createSystemClock();
    vi.advanceTimersByTime(250);
    expect(clock.nowMs()).toBe(1_000_250);
  });

  it('runs faster from the moment it is made', () => {
    const clock = createSystemClock(600);
    expect(clock.nowMs()).toBe(1_000_000);
    vi.advanceTimersByTime(1_000);
    expect(clock.nowMs()).toBe(1_600_000);
  });

  it('calls a task after its own time, never before it is due', () => {
    const clock = createSystemClock(60);
    const seen: number[] = [];
    clock.after(60_000, () => seen.push(clock.nowMs()));
    vi.advanceTimersByTime(999);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(seen).toEqual([1_060_000]);
  });

  it('does not call a cancelled task', () => {
    const clock = createSystemClock();
    const task = vi.fn();
    clock.after(10, task)();
    vi.advanceTimersByTime(100);
    expect(task).not.toHaveBeenCalled();
  });

  it('waits longer than one timer of the machine can', () => {
    const clock = createSystemClock();
    const task = vi.fn();
    const days = 60 * 24 * 3_600_000;
    const cancel = clock.after(days, task);
    vi.advanceTimersByTime(days - 1);
    expect(task).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(task).toHaveBeenCalledOnce();
    cancel();
  });

  it('can cancel a long wait in its second part', () => {
    const clock = createSystemClock();
    const task = vi.fn();
    const cancel = clock.after(60 * 24 * 3_600_000, task);
    vi.advanceTimersByTime(40 * 24 * 3_600_000);
    cancel();
    vi.advanceTimersByTime(40 * 24 * 3_600_000);
    expect(task).not.toHaveBeenCalled();
  });

  it('cannot be held', () => {
    const clock = createSystemClock();
    clock.hold()();
    expect(clock.nowMs()).toBe(1_000_000);
  });
});
