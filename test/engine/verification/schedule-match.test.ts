import { describe, expect, it } from 'vitest';
import { matchSchedule } from '../../../src/engine/verification/schedule-match.js';
import { MINUTE_MS, NOON_MS, profileOf } from '../../support/engine/fixtures.js';

const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;
const PROFILE = profileOf(
  [
    { startMs: at(0), powerKw: 8 },
    { startMs: at(10), powerKw: -11 },
    { startMs: at(20), powerKw: 0 },
  ],
  { validToMs: at(30) },
);
const told = (...periods: readonly (readonly [number, number])[]) => ({
  durationS: 30 * 60,
  periods: periods.map(([minutes, powerKw]) => ({ afterS: minutes * 60, powerKw })),
});
const match = (
  schedule: ReturnType<typeof told>,
  dialect: 'dynamic' | 'central-setpoint' = 'central-setpoint',
) => matchSchedule({ profile: PROFILE, dialect }, schedule, at(0));

describe('a schedule that is read back', () => {
  it('agrees when it says what was sent, give or take its clock', () => {
    const agrees = { outcome: 'agrees', withDischarge: true, detail: '' };
    expect(match(told([0, 8], [10, -11], [20, 0]))).toEqual(agrees);
    expect(match(told([0, 8], [11, -11], [21, 0]))).toEqual(agrees);
  });

  it('contradicts when discharge is missing, and names the first difference', () => {
    const { outcome, withDischarge, detail } = match(told([0, 8], [10, 0]));
    expect({ outcome, withDischarge }).toEqual({ outcome: 'contradicts', withDischarge: true });
    expect(detail).toMatch(/told -11.0 kW and says 0.0 kW/);
    expect(match(told([0, 8], [10, -4], [20, 0])).outcome).toBe('contradicts');
  });

  it('contradicts when the station means to set no limit at all', () => {
    expect(match(told([0, 1000]))).toMatchObject({ outcome: 'contradicts' });
    expect(match(told([0, 1000])).detail).toContain('no limit');
  });

  it('says whether discharge lay in what was compared', () => {
    expect(match({ ...told([0, 8]), durationS: 300 })).toEqual({
      outcome: 'agrees',
      withDischarge: false,
      detail: '',
    });
  });

  it('looks at the present alone where the station knows the present alone', () => {
    expect(match(told([0, 8]), 'dynamic')).toEqual({ outcome: 'agrees', withDischarge: false, detail: '' });
    expect(match(told([0, 0]), 'dynamic').outcome).toBe('contradicts');
  });

  it('is no answer when it covers none of the profile', () => {
    expect(match({ durationS: 0, periods: [] }).outcome).toBe('not-answered');
    const over = profileOf([{ startMs: at(-20), powerKw: 1 }], { validToMs: at(-10) });
    const schedule = told([0, 1]);
    expect(matchSchedule({ profile: over, dialect: 'dynamic' }, schedule, at(0)).outcome).toBe(
      'not-answered',
    );
  });
});
