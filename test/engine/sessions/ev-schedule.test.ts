import { describe, expect, it } from 'vitest';
import { firstExcessMs, inOurTime, ofNow } from '../../../src/engine/sessions/ev-schedule.js';
import { hourlyPrices, startRig } from '../../support/engine/engine-rig.js';
import { MINUTE_MS, NOON_MS, profileOf } from '../../support/engine/fixtures.js';

const AT_FIVE = NOON_MS + 5 * MINUTE_MS;
const profile = profileOf([
  { startMs: NOON_MS, powerKw: 7 },
  { startMs: AT_FIVE, powerKw: -4 },
  { startMs: NOON_MS + 10 * MINUTE_MS, powerKw: 0 },
]);
const excess = (...periods: [number, number][]) =>
  firstExcessMs(
    { evseNumber: 1, periods: periods.map(([startMs, powerKw]) => ({ startMs, powerKw })) },
    profile,
    NOON_MS,
  );

describe('K15: the schedule of an EV against its profile', () => {
  it('K15.FR.11: is inside when it does the same, less, or rounds', () => {
    expect(excess([NOON_MS, 7], [AT_FIVE, -4], [NOON_MS + 10 * MINUTE_MS, 0])).toBeUndefined();
    expect(excess([NOON_MS, 0])).toBeUndefined();
    expect(excess([NOON_MS, 7.2], [AT_FIVE, 0])).toBeUndefined();
    expect(excess()).toBeUndefined();
  });

  it('is outside from the first instant at which it charges or discharges more', () => {
    expect(excess([NOON_MS, 11])).toBe(NOON_MS);
    expect(excess([NOON_MS, 7])).toBe(AT_FIVE);
    expect(excess([NOON_MS, -1])).toBe(NOON_MS);
    expect(excess([NOON_MS, 0], [AT_FIVE, -6])).toBe(AT_FIVE);
  });
});

it('K15.FR.13: the station hears that a schedule beyond the profile is refused, so the EV negotiates anew', async () => {
  const rig = await startRig();
  await rig.engine.useCases.putPrices(hourlyPrices([0.6, 0.1, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]));
  const stationId = await rig.commission();
  await rig.plugIn(stationId, 'tx-1');
  await rig.advance(MINUTE_MS);
  const tell = (powerKw: number) =>
    rig.engine.stationEvents.evSchedule(stationId, {
      evseNumber: 1,
      periods: [{ startMs: rig.clock.nowMs(), powerKw }],
    });
  expect(await tell(0)).toEqual({ accepted: true });
  expect(await tell(30)).toEqual({ accepted: false, reasonCode: 'InvalidSchedule' });
  expect(rig.alarms()).toContain('ev-schedule-exceeds');
});

it('a schedule by a clock that is wrong is judged in our time', () => {
  const minute = (one: number) => NOON_MS + one * MINUTE_MS;
  const echo = {
    evseNumber: 1,
    endMs: minute(18),
    periods: [
      { startMs: minute(3), powerKw: 7 },
      { startMs: minute(8), powerKw: -4 },
      { startMs: minute(13), powerKw: 0 },
    ],
  };
  expect(firstExcessMs(echo, profile, minute(0))).toBe(AT_FIVE);
  const meant = inOurTime(echo, 3 * MINUTE_MS);
  expect(meant.endMs).toBe(minute(15));
  expect(firstExcessMs(meant, profile, minute(0))).toBeUndefined();
});

it('beyond its own end, and of a Dynamic profile beyond now, a schedule says nothing', () => {
  const echo = { evseNumber: 1, periods: [{ startMs: NOON_MS, powerKw: 7 }] };
  expect(firstExcessMs(echo, profile, NOON_MS)).toBe(AT_FIVE);
  expect(firstExcessMs({ ...echo, endMs: AT_FIVE }, profile, NOON_MS)).toBeUndefined();
  expect(firstExcessMs(ofNow(echo, NOON_MS), profile, NOON_MS)).toBeUndefined();
  expect(firstExcessMs(ofNow(echo, AT_FIVE), profile, AT_FIVE)).toBe(AT_FIVE);
});
