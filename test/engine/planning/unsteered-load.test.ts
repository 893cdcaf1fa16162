import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asSiteId } from '../../../src/domain/ids.js';
import { EMPTY_BOOKS } from '../../../src/engine/metering/books.js';
import {
  ignoringKw,
  offlineEndMs,
  offlineKw,
  steadyKw,
  unsteeredLoad,
} from '../../../src/engine/planning/unsteered-load.js';
import {
  capabilityOfEvse,
  goalOfCar,
  MINUTE_MS,
  NOON_MS,
  profileOf,
  sessionOf,
} from '../../support/engine/fixtures.js';

const at = (minutes: number) => NOON_MS + minutes * MINUTE_MS;
const SLOTS = 12 * 10;
const horizon = { startMs: NOON_MS, slotMinutes: 5, slots: SLOTS };
const efficiency = { chargeEfficiency: 0.92, dischargeEfficiency: 0.92 };
const discharging = profileOf([{ startMs: at(-5), powerKw: -11 }], { validToMs: at(12) });
const offline = (changes: Partial<Parameters<typeof offlineKw>[1]> = {}, goal = goalOfCar()) =>
  offlineKw(goal, {
    horizon,
    nowMs: NOON_MS,
    efficiency,
    inForce: discharging,
    capability: capabilityOfEvse(),
    sinceMs: at(-1),
    ...changes,
  });

describe('a station that is out of reach', () => {
  it('runs its profile out to the minute, then charges by its default until it is full', () => {
    const netKw = offline();
    expect(netKw.slice(0, 2)).toEqual([-11, -11]);
    // Two minutes of discharge and three of charging.
    expect(netKw[2]).toBeCloseTo((2 * -11 + 3 * 11) / 5, 9);
    expect(netKw[3]).toBeCloseTo(11, 9);
    expect(netKw.at(-1)).toBe(0);
    // 20 kWh stored, 12 minutes of discharge, then up to 57 kWh.
    const importKwh = netKw.reduce((sum, kw) => sum + Math.max(0, kw) / 12, 0);
    const storedAfterKwh = 20 - (11 * 0.2) / 0.92;
    expect(importKwh).toBeCloseTo((57 - storedAfterKwh) / 0.92 - (2 * 11) / 60, 1);
  });

  it('ends its profile at the earliest of its own ends', () => {
    const capability = capabilityOfEvse({ supportsMaxOfflineDuration: false });
    expect(offlineEndMs(discharging, capability, at(-1))).toBe(at(12));
    const long = profileOf([{ startMs: at(-5), powerKw: 5 }]);
    expect(offlineEndMs(long, capability, at(0))).toBe(long.validToMs);
    expect(offlineEndMs(long, capabilityOfEvse(), at(0))).toBe(at(15));
    expect(offlineEndMs(long, capabilityOfEvse({ dialect: 'dynamic' }), at(0))).toBe(at(5));
  });

  it('holds the last value of a Dynamic profile until its dead-man time', () => {
    const rising = profileOf([
      { startMs: at(-5), powerKw: 3 },
      { startMs: at(1), powerKw: 9 },
    ]);
    const netKw = offline({
      inForce: rising,
      capability: capabilityOfEvse({ dialect: 'dynamic' }),
      sinceMs: at(0),
    });
    expect(netKw[0]).toBeCloseTo(3, 9);
    expect(netKw[1]).toBeCloseTo(11, 9);
  });

  it('charges at once by its default where no profile of its session is in force', () => {
    expect(offline({ inForce: undefined })[0]).toBeCloseTo(11, 9);
    const other = profileOf([{ startMs: at(-5), powerKw: -11 }], { transactionId: 'tx-0' as never });
    expect(offline({ inForce: other })[0]).toBeCloseTo(11, 9);
  });

  it('does nothing after the departure', () => {
    const netKw = offline({}, goalOfCar({ departureMs: at(60) }));
    expect(netKw.slice(12)).toEqual(new Array(SLOTS - 12).fill(0));
  });

  it('never fills a battery above its ceiling nor empties it below its floor, whatever it was told', () => {
    const periods = fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: -11, max: 11 })), {
      minLength: 1,
      maxLength: 8,
    });
    void fc.assert(
      fc.property(periods, fc.double({ min: 6, max: 57, noNaN: true }), (steps, storedKwh) => {
        const ordered = [...steps].sort((a, b) => a[0] - b[0]);
        const profile = profileOf(
          ordered.map(([minutes, powerKw], index) => ({ startMs: at(index === 0 ? -5 : minutes), powerKw })),
        );
        const capability = capabilityOfEvse({ supportsMaxOfflineDuration: false });
        const netKw = offline({ inForce: profile, capability }, goalOfCar({ storedKwh }));
        // Within a slot both directions may be netted: bounds with the losses of neither.
        let leastKwh = storedKwh;
        for (const kw of netKw) {
          expect(Math.abs(kw)).toBeLessThanOrEqual(11 + 1e-9);
          leastKwh += kw > 0 ? (kw / 12) * 0.92 : kw / 12 / 0.92;
          expect(leastKwh).toBeLessThanOrEqual(57 + 1.5);
          expect(leastKwh).toBeGreaterThanOrEqual(6 - 1.5);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a station that follows nothing', () => {
  it('goes on as it is metered until the battery is full', () => {
    const session = sessionOf({ books: { ...EMPTY_BOOKS, importKw: 7 } });
    const netKw = ignoringKw(goalOfCar({ session }), { horizon, nowMs: at(2), efficiency });
    expect(netKw[0]).toBeCloseTo(7, 9);
    expect(netKw[20]).toBeCloseTo(7, 9);
    expect(netKw.at(-1)).toBe(0);
  });
});

describe('the load that nobody steers', () => {
  const SITE = asSiteId('site-1');
  const session = sessionOf({ siteId: SITE, books: { ...EMPTY_BOOKS, importKw: 4, exportKw: 0 } });

  it('is the sum of the sessions, and at a site each direction by itself', () => {
    const load = unsteeredLoad(
      [
        { session, netKw: [4, 4] },
        { session, netKw: [-3, 5] },
        { session: sessionOf(), netKw: [1, 1] },
      ],
      2,
    );
    expect(load.netKw).toEqual([2, 10]);
    expect(load.bySite.get(SITE)).toEqual({ importKw: [4, 9], exportKw: [3, 0] });
  });

  it('keeps free at a site what one that follows nothing may take at any time', () => {
    const load = unsteeredLoad([{ session, netKw: [2, 0], mayTakeKw: 11 }], 2);
    expect(load.netKw).toEqual([2, 0]);
    expect(load.bySite.get(SITE)).toEqual({ importKw: [11, 11], exportKw: [0, 0] });
  });

  it('of a car without needs is what it draws now', () => {
    expect(steadyKw(session, 3)).toEqual([4, 4, 4]);
  });
});
