import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AskedTrace, askedBand, withTaken } from '../../../src/engine/verification/asked-trace.js';
import {
  type CarFacts,
  judgeSample,
  LAG_MS,
  RAMP_MS,
  toleranceKw,
} from '../../../src/engine/verification/judge-sample.js';
import { MINUTE_MS, NOON_MS, profileOf } from '../../support/engine/fixtures.js';

const HOUR_AGO_MS = NOON_MS - 60 * MINUTE_MS;
const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;
const CAR: CarFacts = {
  evSuspended: false,
  evseSuspended: false,
  isAtFloor: false,
  isFull: false,
  isProven: false,
};

/** Asked since an hour ago: pairs of minutes from noon and kW. */
function told(...steps: readonly (readonly [number, number])[]): AskedTrace {
  const periods = steps.map(([minutes, powerKw], index) => ({
    startMs: index === 0 ? HOUR_AGO_MS : at(minutes),
    powerKw,
  }));
  return [{ fromMs: HOUR_AGO_MS, profile: profileOf(periods), dialect: 'central-setpoint' }];
}
const word = (
  trace: AskedTrace,
  powerKw: number,
  [fromMinutes, toMinutes]: readonly [number, number] = [0, 1],
  car: Partial<CarFacts> = {},
) => judgeSample(trace, { fromMs: at(fromMinutes), toMs: at(toMinutes), powerKw }, { ...CAR, ...car }).word;

describe('a meter sample against what was asked', () => {
  it('follows within a tenth, and within half a kilowatt of small powers', () => {
    expect(word(told([0, -11]), -9.95)).toBe('following');
    expect(word(told([0, -11]), -12.05)).toBe('following');
    expect(word(told([0, 0]), 0.49)).toBe('following');
    expect(word(told([0, 0]), 0.51)).toBe('ignoring');
    expect(word(told([0, -100]), -89.5)).not.toBe('following');
  });

  it('says nothing while the setpoint has only just changed, and does not blame the ramp', () => {
    const change = told([0, 11], [0, -11]);
    for (const powerKw of [11, 3, -11]) expect(word(change, powerKw, [0, 1])).toBe('inconclusive');
    expect(word(change, -11, [1, 2])).toBe('following');
  });

  it('lags when the old setpoint still shows after the ramp, until the lag is over', () => {
    const change = told([0, 11], [0, -11]);
    expect(word(change, 11, [1, 2])).toBe('lagging');
    expect(word(change, 11, [2, 3])).toBe('lagging');
    expect(word(change, 11, [3, 4])).toBe('ignoring');
  });

  it('is the car’s doing when less comes than was asked, in the direction asked', () => {
    expect(word(told([0, -11]), -3.7)).toBe('limited-by-ev');
    expect(word(told([0, 11]), 2)).toBe('limited-by-ev');
    expect(word(told([0, 11]), 0)).toBe('limited-by-ev');
  });

  it('is the station’s doing when it charges instead, does too much, or says that it offers nothing', () => {
    expect(word(told([0, -11]), 7)).toBe('ignoring');
    expect(word(told([0, -5]), -11)).toBe('ignoring');
    expect(word(told([0, 5]), 11)).toBe('ignoring');
    expect(word(told([0, 0]), 11)).toBe('ignoring');
    expect(word(told([0, 11]), -4)).toBe('ignoring');
    expect(word(told([0, 11]), 0, [0, 1], { evseSuspended: true })).toBe('ignoring');
  });

  it('is not the station’s doing that it offers nothing when nothing is asked any more, or the car is full', () => {
    // Five minutes of which the last one asks nothing: what the station says at the end is of that minute.
    const stopped = told([0, 11], [4, 0]);
    expect(word(stopped, 0, [0, 5], { evseSuspended: true })).toBe('limited-by-ev');
    const asked = told([0, 11]);
    expect(word(asked, 0, [0, 5], { evseSuspended: true, isFull: true })).toBe('limited-by-ev');
    expect(word(asked, 0, [0, 5], { evseSuspended: true, evSuspended: true })).toBe('limited-by-ev');
    expect(word(asked, 0, [0, 5], { evseSuspended: true })).toBe('ignoring');
  });

  it('is the station’s doing when no discharge comes at all, unless something speaks for the car', () => {
    expect(word(told([0, -11]), 0)).toBe('ignoring');
    expect(word(told([0, -11]), 0, [0, 1], { evseSuspended: true })).toBe('ignoring');
    expect(word(told([0, -11]), 0, [0, 1], { evSuspended: true })).toBe('limited-by-ev');
    expect(word(told([0, -11]), 0, [0, 1], { isAtFloor: true })).toBe('limited-by-ev');
    expect(word(told([0, -11]), 0, [0, 1], { isProven: true })).toBe('limited-by-ev');
    // Nothing speaks for a car that charges when it is told to discharge.
    expect(word(told([0, -11]), 11, [0, 1], { isProven: true, isAtFloor: true })).toBe('ignoring');
  });

  it('says nothing where nothing was asked: before the first profile, and after its end', () => {
    const fresh: AskedTrace = [
      { fromMs: at(0), profile: profileOf([{ startMs: at(0), powerKw: 5 }]), dialect: 'dynamic' },
    ];
    expect(word(fresh, 0, [0, 1])).toBe('inconclusive');
    // What was before may still show.
    expect(word(fresh, 11, [1, 2])).toBe('inconclusive');
    expect(word(fresh, 5, [1, 2])).toBe('following');
    const over = profileOf([{ startMs: HOUR_AGO_MS, powerKw: 5 }], { validToMs: at(0.5) });
    expect(word([{ fromMs: HOUR_AGO_MS, profile: over, dialect: 'dynamic' }], 11, [0, 1])).toBe(
      'inconclusive',
    );
  });

  it('reads the power of an instant where the registers tell none', () => {
    expect(word(told([0, 11], [0, -11]), 11, [0.5, 0.5])).toBe('inconclusive');
    expect(word(told([0, 11], [0, -11]), 11, [2, 2])).toBe('lagging');
    expect(word(told([0, -11]), -11, [2, 2])).toBe('following');
  });
});

describe('whoever does what he is told', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -6, max: 9 }), fc.integer({ min: -11, max: 11 })), {
    minLength: 1,
    maxLength: 6,
  });
  const traceOf = (pairs: readonly (readonly [number, number])[]) =>
    told(...[...pairs].sort((a, b) => a[0] - b[0]));
  /** Mean power over [0, 1] minutes of one who is `lateMs(t)` late at t, by fine steps. */
  const meanOf = (trace: AskedTrace, lateMs: (step: number) => number): number => {
    let sum = 0;
    for (let step = 0; step < 60; step++) {
      const shifted = at(0) + step * 1000 + 500 - lateMs(step);
      const band = askedBand(trace, { fromMs: shifted, toMs: shifted }, 0);
      sum += band?.mostKw ?? Number.NaN;
    }
    return sum / 60;
  };

  it('however late within the ramp, is never said to lag or to ignore', () => {
    void fc.assert(
      fc.property(steps, fc.array(fc.nat(RAMP_MS), { minLength: 60, maxLength: 60 }), (pairs, delaysMs) => {
        const trace = traceOf(pairs);
        const powerKw = meanOf(trace, (step) => delaysMs[step] ?? 0);
        expect(['following', 'inconclusive']).toContain(word(trace, powerKw));
      }),
      { numRuns: 300 },
    );
  });

  it('however late within the lag, is never said to ignore', () => {
    void fc.assert(
      fc.property(steps, fc.array(fc.nat(LAG_MS), { minLength: 60, maxLength: 60 }), (pairs, delaysMs) => {
        const trace = traceOf(pairs);
        const powerKw = meanOf(trace, (step) => delaysMs[step] ?? 0);
        expect(['following', 'inconclusive', 'lagging']).toContain(word(trace, powerKw));
      }),
      { numRuns: 300 },
    );
  });

  it('has a band that only widens with the time allowed, around what was asked', () => {
    void fc.assert(
      fc.property(steps, fc.nat(RAMP_MS), (pairs, lagMs) => {
        const trace = traceOf(pairs);
        const sample = { fromMs: at(0), toMs: at(1) };
        const exact = askedBand(trace, sample, 0)!;
        const wide = askedBand(trace, sample, lagMs)!;
        expect(exact.mostKw).toBeCloseTo(exact.leastKw, 9);
        expect(wide.leastKw).toBeLessThanOrEqual(exact.leastKw + 1e-9);
        expect(wide.mostKw).toBeGreaterThanOrEqual(exact.mostKw - 1e-9);
        expect(toleranceKw(wide)).toBeGreaterThanOrEqual(0.5);
      }),
    );
  });
});

describe('what was taken', () => {
  it('is kept as long as a judgement may look back, each profile once', () => {
    const [one, two, three] = [1, 2, 3].map((revision) =>
      profileOf([{ startMs: HOUR_AGO_MS, powerKw: 0 }], { revision }),
    );
    const dialect = 'dynamic' as const;
    let trace = withTaken([], { fromMs: at(0), profile: one!, dialect }, at(-60));
    trace = withTaken(trace, { fromMs: at(1), profile: one!, dialect }, at(-59));
    expect(trace).toHaveLength(1);
    trace = withTaken(trace, { fromMs: at(2), profile: two!, dialect }, at(-58));
    trace = withTaken(trace, { fromMs: at(70), profile: three!, dialect }, at(10));
    expect(trace.map(({ profile }) => profile.revision)).toEqual([2, 3]);
  });
});
