import { describe, expect, it } from 'vitest';
import type { EvDefaults } from '../../../src/domain/ev-defaults.js';
import type { Session } from '../../../src/domain/session.js';
import type { Site } from '../../../src/domain/station.js';
import { EMPTY_BOOKS } from '../../../src/engine/metering/books.js';
import {
  defaultsFor,
  estimatedNeeds,
  usualDepartureMs,
} from '../../../src/engine/sessions/estimated-needs.js';
import { takeNeeds } from '../../../src/engine/sessions/needs.js';
import { HOUR_MS, MINUTE_MS, NOON_MS, needsOf, sessionOf } from '../../support/engine/fixtures.js';

function bareSession(changes: Partial<Session> = {}): Session {
  const { needs: _n, window: _w, ...bare } = sessionOf(changes);
  return bare;
}

const site = (changes: Partial<Site>): Site => ({
  siteId: 'depot' as never,
  name: 'Depot',
  stationIds: [],
  ...changes,
});
const known = (values: EvDefaults) => ({ source: 'site' as const, values, timeZone: 'Europe/Berlin' });
const estimate = (values: EvDefaults, session = bareSession()) =>
  estimatedNeeds(session, known(values), 11, NOON_MS + 2 * MINUTE_MS);

describe('the defaults of a session', () => {
  const drivers = [{ idToken: 'ann', energyKwh: 30 }];
  const evDefaults = { departureTime: '17:00', energyKwh: 12 };

  it("are the site's, and a known driver's over them", () => {
    const workplace = site({ evDefaults, drivers });
    expect(defaultsFor(bareSession({ idToken: 'bob' }), workplace)).toMatchObject({
      source: 'site',
      values: evDefaults,
    });
    expect(defaultsFor(bareSession({ idToken: 'ann' }), workplace)).toEqual({
      source: 'driver',
      values: { departureTime: '17:00', energyKwh: 30 },
      timeZone: 'UTC',
    });
  });

  it('are none where nobody said anything, so nothing is assumed of the car', () => {
    expect(defaultsFor(bareSession(), undefined)).toBeUndefined();
    expect(defaultsFor(bareSession(), site({ drivers }))).toBeUndefined();
  });

  it('are an override where that is all there is', () => {
    const session = bareSession({ override: { departureMs: NOON_MS + HOUR_MS } });
    expect(defaultsFor(session, undefined)).toMatchObject({ source: 'override', values: {} });
  });
});

describe('the usual departure', () => {
  const departure = (values: EvDefaults, timeZone = 'Europe/Berlin', startedAtMs = NOON_MS) =>
    usualDepartureMs(bareSession({ startedAtMs }), { source: 'site', values, timeZone });

  it('is the first after the plug-in by the wall clock of the site', () => {
    // Noon UTC is 13:00 in Berlin in January.
    expect(departure({ departureTime: '13:30' })).toBe(NOON_MS + 30 * MINUTE_MS);
    expect(departure({ departureTime: '13:00' })).toBe(NOON_MS + 24 * HOUR_MS);
    expect(departure({ departureTime: '07:30' })).toBe(NOON_MS + 18.5 * HOUR_MS);
    expect(departure({ departureTime: '07:30' }, 'UTC')).toBe(NOON_MS + 19.5 * HOUR_MS);
  });

  it('keeps the wall clock over a clock change', () => {
    const evening = Date.UTC(2026, 2, 28, 19);
    // 29 March 2026: Berlin goes from UTC+1 to UTC+2 in the night.
    expect(departure({ departureTime: '07:00' }, 'Europe/Berlin', evening)).toBe(Date.UTC(2026, 2, 29, 5));
  });

  it('counts from the plug-in where only the length of a stay is known, and is unknown else', () => {
    expect(departure({ stayMinutes: 90 })).toBe(NOON_MS + 90 * MINUTE_MS);
    expect(departure({ energyKwh: 5 })).toBeUndefined();
  });
});

describe('estimated needs', () => {
  it('of an IEC 61851 car only charge, with its least current on three phases', () => {
    expect(estimate({ departureTime: '17:00', energyKwh: 20 })).toMatchObject({
      source: 'site',
      bidirectional: false,
      current: 'ac',
      controlMode: 'dynamic',
      departureMs: NOON_MS + 4 * HOUR_MS,
      targetEnergyKwh: 20,
      maxEnergyKwh: 100,
      minChargeKw: 4.14,
    });
    expect(estimate({ maxChargeKw: 3.7 })).toMatchObject({ maxChargeKw: 3.7, minChargeKw: 1.38 });
  });

  it('never discharge a car that is only said to be able to, without a metered state of charge', () => {
    expect(estimate({ maxDischargeKw: 10, batteryCapacityKwh: 60 }).bidirectional).toBe(false);
  });

  it('count what the session has charged already', () => {
    const charged = bareSession({ books: { ...EMPTY_BOOKS, importBeginWh: 0, importLastWh: 1_500 } });
    expect(estimate({ energyKwh: 20 }, charged).targetEnergyKwh).toBe(18.5);
    expect(estimate({ energyKwh: 1 }, charged).targetEnergyKwh).toBe(0);
    expect(takeNeeds(charged, estimate({ energyKwh: 20 }, charged)).needsImportWh).toBe(1_500);
  });

  it('ask for a full charge where only the departure is known', () => {
    expect(estimate({ stayMinutes: 600 }).targetEnergyKwh).toBe(60);
    expect(estimate({ stayMinutes: 600, batteryCapacityKwh: 40 })).toMatchObject({
      targetEnergyKwh: 40,
      maxEnergyKwh: 40,
    });
  });

  it('know the battery where its capacity is known and its state of charge metered', () => {
    const metered = bareSession({ books: { ...EMPTY_BOOKS, socFraction: 0.5 } });
    const values = { batteryCapacityKwh: 60, targetSocFraction: 0.8, maxDischargeKw: 10 };
    expect(estimate(values, metered)).toMatchObject({
      current: 'dc',
      bidirectional: true,
      targetEnergyKwh: 18,
      minEnergyKwh: -30,
      maxEnergyKwh: 30,
      minV2xEnergyKwh: -12,
      maxDischargeKw: 10,
    });
    const window = takeNeeds(metered, estimate(values, metered)).window;
    expect(window).toMatchObject({ energyAtStatedKwh: 30, minEnergyKwh: 18, targetEnergyKwh: 48 });
    expect(estimate({ batteryCapacityKwh: 60 }, metered).targetEnergyKwh).toBe(30);
  });

  it('are replaced by whatever the EV states, and never replace it', () => {
    const estimated = takeNeeds(bareSession(), estimate({ energyKwh: 20 }));
    const older = needsOf({ statedAtMs: NOON_MS });
    expect(takeNeeds(estimated, older).needs).toBe(older);
    const real = takeNeeds(bareSession(), older);
    expect(takeNeeds(real, estimate({ energyKwh: 20 }))).toBe(real);
  });
});
