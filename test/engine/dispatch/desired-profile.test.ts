import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ProfilePeriod, profilePowerKwAt } from '../../../src/domain/profile.js';
import {
  DEADBAND_KW,
  isWorthSending,
  type ProfileContent,
  periodsLimit,
  profileContent,
  validTo,
} from '../../../src/engine/dispatch/desired-profile.js';
import {
  capabilityOfEvse,
  goalOfCar,
  HOUR_MS,
  MINUTE_MS,
  NOON_MS,
  needsOf,
  plannedOf,
  planOf,
  profileOf,
  sessionOf,
} from '../../support/engine/fixtures.js';

const DEAD_MAN_S = 900;
const DEAD_MAN_MS = DEAD_MAN_S * 1000;
const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;
const contentOf = (
  netKw: readonly number[],
  goal = goalOfCar(),
  options: { nowMs?: number; maxPeriods?: number; shortfallKwh?: number } = {},
): ProfileContent => {
  const planned = plannedOf(netKw, { shortfallKwh: options.shortfallKwh ?? 0 });
  const { nowMs = NOON_MS, maxPeriods = 1024 } = options;
  return profileContent(planOf([planned]), planned, goal, {
    nowMs,
    deadManS: DEAD_MAN_S,
    maxPeriods,
    chargeEfficiency: 0.92,
  });
};
const steps = (content: ProfileContent) =>
  content.periods.map((period) => [(period.startMs - NOON_MS) / MINUTE_MS, period.powerKw]);

/** Powers per five-minute slot: runs of charging, waiting and discharging. */
const plans = fc
  .array(fc.tuple(fc.constantFrom(-11, -4, 0, 3, 11), fc.integer({ min: 1, max: 12 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((runs) => runs.flatMap(([kw, slots]) => new Array<number>(slots).fill(kw)));

describe('the profile of a plan', () => {
  it('holds the plan’s powers from now on, equal neighbours as one period, and rests at the end', () => {
    const content = contentOf([11, 11, 0, 0, 7.02, 7, 3], goalOfCar(), { nowMs: at(6) });
    expect(steps(content)).toEqual([
      [5, 11],
      [10, 0],
      [20, 7.02],
      [30, 3],
      [35, 0],
    ]);
    expect(content.createdAtMs).toBe(at(6));
  });

  it('gives what is left of a slot more power where the target needs it, but no more energy than was planned', () => {
    const missing = (kwh: number, more: Partial<Parameters<typeof goalOfCar>[0]> = {}) =>
      goalOfCar({ storedKwh: 20, targetEnergyKwh: 20 + kwh * 0.92, planUntilMs: at(5), ...more });
    const powerAt = (minute: number, goal: ReturnType<typeof goalOfCar>) =>
      contentOf([6], goal, { nowMs: at(minute) }).periods[0]?.powerKw;
    // Half a kilowatt-hour was planned for five minutes.
    expect(powerAt(0, missing(0.5))).toBe(6);
    expect(powerAt(1, missing(0.5))).toBeCloseTo(7.5, 9);
    expect(powerAt(1, missing(0.6))).toBeCloseTo(7.5, 9);
    expect(powerAt(3, missing(0.5))).toBe(11);
    // What can be had later need not be hurried, nor what a grid connection limits.
    expect(powerAt(3, missing(0.5, { planUntilMs: at(10) }))).toBe(6);
    expect(powerAt(3, missing(0.5, { isSiteLimited: true }))).toBe(6);
  });

  it('lasts two hours beyond the departure when it never exports', () => {
    expect(contentOf([11, 0]).validToMs).toBe(NOON_MS + 10 * HOUR_MS);
  });

  it('moves powers out of the car’s dead zone: charging up to its minimum, discharge to nothing', () => {
    const goal = goalOfCar({
      session: sessionOf({ needs: needsOf({ minChargeKw: 1.4, minDischargeKw: 2 }) }),
    });
    expect(steps(contentOf([0.5, -1.5, -2.5, 0.04], goal))).toEqual([
      [0, 1.4],
      [5, 0],
      [10, -2.5],
      [15, 0],
    ]);
  });

  it('charges on after its end when the target was missed, unless the site’s connection is limited', () => {
    expect(steps(contentOf([11], goalOfCar(), { shortfallKwh: 3 }))).toEqual([[0, 11]]);
    expect(steps(contentOf([5], goalOfCar({ isSiteLimited: true }), { shortfallKwh: 3 }))).toEqual([
      [0, 5],
      [5, 0],
    ]);
  });

  it('ends a session that charges at once at the minute when it is full, not at the slot', () => {
    const goal = goalOfCar({ chargeNow: 'opted-out', planUntilMs: at(13), maxDischargeKw: 0 });
    expect(steps(contentOf([11, 11], goal))).toEqual([
      [0, 11],
      [13, 0],
    ]);
  });

  it('ends where the station’s schedule is full, so that it knows what the station does not hold', () => {
    const content = contentOf([1, 2, 3, 4], goalOfCar(), { maxPeriods: 2 });
    expect(steps(content)).toEqual([
      [0, 1],
      [5, 2],
    ]);
    expect(content.validToMs).toBe(at(10));
  });

  it('has no more periods than the station holds and the car takes', () => {
    const capability = capabilityOfEvse({ periodsPerSchedule: 50 });
    const scheduled = needsOf({ controlMode: 'scheduled', maxScheduleTuples: 12 });
    expect(periodsLimit(capability, scheduled)).toBe(12);
    expect(periodsLimit(capability, { ...scheduled, controlMode: 'dynamic' })).toBe(50);
    expect(periodsLimit(capability, undefined)).toBe(50);
  });

  it('is never empty and starts now or before, whenever it is made', () => {
    fc.assert(
      fc.property(
        plans,
        fc.integer({ min: 0, max: 480 }),
        fc.integer({ min: 1, max: 40 }),
        (netKw, minute, maxPeriods) => {
          const { periods, validToMs } = contentOf(netKw, goalOfCar(), { nowMs: at(minute), maxPeriods });
          expect(periods.length).toBeGreaterThanOrEqual(1);
          expect(periods.length).toBeLessThanOrEqual(maxPeriods);
          expect(periods[0]!.startMs).toBeLessThanOrEqual(at(minute));
          expect(validToMs).toBeGreaterThan(at(minute));
          for (let index = 1; index < periods.length; index++)
            expect(periods[index]!.startMs).toBeGreaterThan(periods[index - 1]!.startMs);
        },
      ),
    );
  });

  it('differs from the plan by the deadband at most, wherever it is valid', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -11, max: 11, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (netKw) => {
          const content = { ...contentOf(netKw), revision: 1 };
          netKw.forEach((kw, slot) => {
            const told = profilePowerKwAt(content, at(slot * 5 + 2));
            if (told !== undefined) expect(Math.abs(told - kw)).toBeLessThanOrEqual(2 * DEADBAND_KW);
          });
        },
      ),
    );
  });
});

describe('the fail-safe end of a profile', () => {
  const periodsOf = (netKw: readonly number[]): ProfilePeriod[] =>
    netKw.map((powerKw, slot) => ({ startMs: at(slot * 5), powerKw }));

  it('is the whole time without discharge', () => {
    expect(validTo(periodsOf([11, 0, 11]), NOON_MS, DEAD_MAN_MS, at(600))).toBe(at(600));
  });

  it('is one dead-man time from now while discharging or soon to', () => {
    expect(validTo(periodsOf([-11]), NOON_MS, DEAD_MAN_MS, at(600))).toBe(at(15));
    expect(validTo(periodsOf([0, 0, -11]), NOON_MS, DEAD_MAN_MS, at(600))).toBe(at(15));
  });

  it('is the begin of a later discharge', () => {
    expect(validTo(periodsOf([0, 0, 0, 0, -11]), NOON_MS, DEAD_MAN_MS, at(600))).toBe(at(20));
  });

  it('is not moved by discharge that is over', () => {
    expect(validTo(periodsOf([-11, 0]), at(6), DEAD_MAN_MS, at(600))).toBe(at(600));
  });

  it('lets no instant be both one dead-man time after the making or later, valid, and discharging', () => {
    fc.assert(
      fc.property(
        plans,
        fc.integer({ min: 0, max: 720 }),
        fc.integer({ min: 60, max: 7200 }),
        (netKw, minute, deadManS) => {
          const nowMs = at(minute);
          const planned = plannedOf(netKw);
          const content = profileContent(planOf([planned]), planned, goalOfCar(), {
            nowMs,
            deadManS,
            maxPeriods: 1024,
            chargeEfficiency: 0.92,
          });
          const profile = { ...content, revision: 1 };
          const edges = profile.periods.map((period) => period.startMs);
          for (const edgeMs of [...edges, nowMs + deadManS * 1000]) {
            const atMs = Math.max(edgeMs, nowMs + deadManS * 1000);
            expect(profilePowerKwAt(profile, atMs) ?? 0).toBeGreaterThanOrEqual(0);
          }
          expect(profile.maxOfflineS).toBe(deadManS);
        },
      ),
    );
  });

  it('cuts nothing of the next dead-man time', () => {
    fc.assert(
      fc.property(plans, fc.integer({ min: 0, max: 300 }), (netKw, minute) => {
        const nowMs = at(minute);
        expect(contentOf(netKw, goalOfCar(), { nowMs }).validToMs).toBeGreaterThanOrEqual(
          nowMs + DEAD_MAN_MS,
        );
      }),
    );
  });
});

describe('whether a profile is worth sending', () => {
  const worth = (had: ReturnType<typeof profileOf> | undefined, content: ProfileContent, nowMs = NOON_MS) =>
    isWorthSending(had, content, nowMs, DEAD_MAN_S);
  const had = (content: ProfileContent) => ({ ...content, revision: 3 });

  it('is yes for the first one and for another transaction', () => {
    expect(worth(undefined, contentOf([0]))).toBe(true);
    expect(
      worth(
        profileOf([{ startMs: NOON_MS, powerKw: 0 }], { transactionId: 'tx-0' as never }),
        contentOf([0]),
      ),
    ).toBe(true);
  });

  it('is no when the same plan is made again, yes when a power differs by more than the deadband', () => {
    expect(worth(had(contentOf([11, 0])), contentOf([11, 0]))).toBe(false);
    expect(worth(had(contentOf([11, 0])), contentOf([11 - DEADBAND_KW * 0.9, 0]))).toBe(false);
    expect(worth(had(contentOf([11, 0])), contentOf([11 - DEADBAND_KW * 1.1, 0]))).toBe(true);
  });

  it('is no for a change in time that has passed', () => {
    expect(
      worth(had(contentOf([11, 3, 3])), contentOf([7, 3, 3], goalOfCar(), { nowMs: at(5) }), at(5)),
    ).toBe(false);
  });

  it('is yes when discharge is planned earlier than before, though both profiles end before it', () => {
    const late = contentOf([...new Array<number>(12).fill(0), -11]);
    const early = contentOf([...new Array<number>(6).fill(0), -11]);
    expect(late.validToMs).toBe(at(60));
    expect(early.validToMs).toBe(at(30));
    expect(worth(had(contentOf([-11])), contentOf([0]))).toBe(true);
    // Neither holds the discharge itself: it comes with the refresh before it begins.
    expect(worth(had(late), early)).toBe(false);
    expect(
      worth(
        had(late),
        contentOf([...new Array<number>(6).fill(0), -11], goalOfCar(), { nowMs: at(20) }),
        at(20),
      ),
    ).toBe(true);
  });

  it('is yes while discharging once a third of the dead-man time has passed: the car must hear of us', () => {
    const plan = new Array<number>(24).fill(-11);
    const sent = had(contentOf(plan));
    expect(worth(sent, contentOf(plan, goalOfCar(), { nowMs: at(4) }), at(4))).toBe(false);
    expect(worth(sent, contentOf(plan, goalOfCar(), { nowMs: at(5) }), at(5))).toBe(true);
  });

  it('on a beat of a third of the dead-man time never lets a running discharge expire', () => {
    fc.assert(
      fc.property(plans, (netKw) => {
        let sent = had(contentOf(netKw));
        for (let minute = 5; minute < netKw.length * 5; minute += 5) {
          // Until the very moment of this beat the car knew what to do.
          expect(profilePowerKwAt(sent, at(minute) - 1)).toBeDefined();
          const next = contentOf(netKw, goalOfCar(), { nowMs: at(minute) });
          if (worth(sent, next, at(minute))) sent = had(next);
          const wants = netKw[minute / 5]!;
          expect(profilePowerKwAt(sent, at(minute))).toBe(wants);
        }
      }),
    );
  });
});
