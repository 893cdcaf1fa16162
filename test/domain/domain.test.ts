import { describe, expect, it } from 'vitest';
import { EbbflowError, ERROR_CATALOGUE, invalidInput } from '../../src/domain/errors.js';
import { asStationId, evseIdOf, evseNumberOf, isStationId, stationOf } from '../../src/domain/ids.js';
import { energyKwhOf } from '../../src/domain/power.js';
import { profilePowerKwAt } from '../../src/domain/profile.js';
import { hasRole, ROLES } from '../../src/domain/role.js';
import { MINUTE_MS, NOON_MS, profileOf } from '../support/engine/fixtures.js';

describe('ids', () => {
  it('of an EVSE are the station and its number, both of which come back', () => {
    const evseId = evseIdOf(asStationId('depot=7|a'), 12);
    expect(evseId).toBe('depot=7|a/12');
    expect([stationOf(evseId), evseNumberOf(evseId)]).toEqual(['depot=7|a', 12]);
  });

  it.each([
    ['CS*1-_=|@.+a', true],
    ['a'.repeat(48), true],
    ['a'.repeat(49), false],
    ['', false],
    ['a:b', false],
    ['a/b', false],
    ['a b', false],
    ['ä', false],
  ])('of a station may be %j: %s', (text, isValid) => {
    expect(isStationId(text)).toBe(isValid);
  });
});

describe('power', () => {
  it('is signed from the grid’s side: import above zero', () => {
    expect(energyKwhOf(-11, 30 * MINUTE_MS)).toBe(-5.5);
    expect(energyKwhOf(11, 30 * MINUTE_MS)).toBe(5.5);
  });

  it('of a profile is that of the period that covers the instant, and unknown outside its validity', () => {
    const profile = profileOf(
      [
        { startMs: NOON_MS, powerKw: 5 },
        { startMs: NOON_MS + MINUTE_MS, powerKw: -5 },
      ],
      { validToMs: NOON_MS + 2 * MINUTE_MS },
    );
    const at = (ms: number) => profilePowerKwAt(profile, NOON_MS + ms);
    expect([
      at(-1),
      at(0),
      at(MINUTE_MS - 1),
      at(MINUTE_MS),
      at(2 * MINUTE_MS - 1),
      at(2 * MINUTE_MS),
    ]).toEqual([undefined, 5, 5, -5, -5, undefined]);
  });
});

describe('roles', () => {
  it('read all, and otherwise do what is theirs; the admin does all', () => {
    for (const held of ROLES) {
      for (const needed of ROLES) {
        expect(hasRole(held, needed)).toBe(needed === 'viewer' || held === needed || held === 'admin');
      }
    }
  });
});

describe('errors', () => {
  it('know by their code whether the same call may succeed later', () => {
    expect(new EbbflowError('STATION_OFFLINE', 'x').retryable).toBe(true);
    expect(new EbbflowError('INVALID_INPUT', 'x').retryable).toBe(false);
    for (const { status } of Object.values(ERROR_CATALOGUE)) expect(status).toBeGreaterThanOrEqual(400);
  });

  it('of bad input name the field in one line', () => {
    const error = invalidInput('prices[3]', 'must be a number');
    expect(error.message).toBe('prices[3]: must be a number');
    expect(error.faults).toEqual([{ path: 'prices[3]', message: 'must be a number' }]);
  });

  it('keep their cause', () => {
    const cause = new Error('socket');
    expect(new EbbflowError('STORE_UNAVAILABLE', 'x', { cause }).cause).toBe(cause);
    expect(new EbbflowError('STORE_UNAVAILABLE', 'x').cause).toBeUndefined();
  });
});
