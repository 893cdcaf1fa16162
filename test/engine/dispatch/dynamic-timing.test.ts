import { describe, expect, it } from 'vitest';
import { asStationId, evseIdOf } from '../../../src/domain/ids.js';
import { dynamicDurationS, dynamicPowerKwAt } from '../../../src/domain/profile.js';
import { nextRefreshMs } from '../../../src/engine/dispatch/refresh-time.js';
import { MINUTE_MS, NOON_MS, profileOf } from '../../support/engine/fixtures.js';

const SECOND_MS = 1000;

describe('what a Dynamic profile is told', () => {
  const exporting = profileOf([{ startMs: NOON_MS, powerKw: -8 }], { validToMs: NOON_MS + 15 * MINUTE_MS });

  it('is the power of the moment, and no discharge that an update would carry past the end', () => {
    expect(dynamicDurationS(exporting)).toBe(300);
    expect(dynamicPowerKwAt(exporting, NOON_MS)).toBe(-8);
    expect(dynamicPowerKwAt(exporting, NOON_MS + 10 * MINUTE_MS)).toBe(-8);
    expect(dynamicPowerKwAt(exporting, NOON_MS + 10 * MINUTE_MS + 1)).toBe(0);
    expect(dynamicPowerKwAt(exporting, NOON_MS + 15 * MINUTE_MS)).toBeUndefined();
  });

  it('may be charging until the very end', () => {
    const charging = profileOf([{ startMs: NOON_MS, powerKw: 8 }], { validToMs: NOON_MS + MINUTE_MS });
    expect(dynamicPowerKwAt(charging, NOON_MS + MINUTE_MS - 1)).toBe(8);
  });
});

describe('when a Dynamic profile is told again', () => {
  const profile = profileOf(
    [
      { startMs: NOON_MS, powerKw: 3 },
      { startMs: NOON_MS + 10 * SECOND_MS, powerKw: 4 },
    ],
    { validToMs: NOON_MS + 3_600_000 },
  );

  it('is at each change of power, at least every third of its dead-man time, and not after its end', () => {
    expect(nextRefreshMs(profile, NOON_MS)).toBeLessThanOrEqual(NOON_MS + 10 * SECOND_MS);
    expect(nextRefreshMs(profile, profile.validToMs)).toBeUndefined();
    let atMs = NOON_MS;
    for (let turn = 0; turn < 30; turn++) {
      const nextMs = nextRefreshMs(profile, atMs)!;
      expect(nextMs).toBeGreaterThan(atMs);
      expect(nextMs - atMs).toBeLessThanOrEqual(100 * SECOND_MS);
      atMs = nextMs;
    }
  });

  it('is spread: of 10,000 EVSEs that began in one second no second sees more than twice its share', () => {
    const perSecond = new Map<number, number>();
    for (let index = 0; index < 10_000; index++) {
      const evseId = evseIdOf(asStationId(`CS-${index}`), 1);
      const steady = { ...profile, evseId, periods: [{ startMs: NOON_MS, powerKw: 3 }] };
      const second = Math.floor((nextRefreshMs(steady, NOON_MS)! - NOON_MS) / SECOND_MS);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    expect(perSecond.size).toBeGreaterThanOrEqual(100);
    expect(Math.max(...perSecond.values())).toBeLessThan(200);
  });
});
