import { describe, expect, it } from 'vitest';
import type { Reading } from '../../../src/domain/reading.js';
import { enterReading } from '../../../src/engine/metering/books.js';
import { type MeterStand, nextSample } from '../../../src/engine/verification/meter-sample.js';
import { eventOf, MINUTE_MS, NOON_MS, readingAt, sessionOf } from '../../support/engine/fixtures.js';

/** Feeds readings, each received `lateMs` after its own time, and collects what comes of them. */
function feed(readings: readonly (Partial<Reading> & { minutes: number })[], lateMs: readonly number[] = []) {
  let session = sessionOf();
  let stand: MeterStand | undefined;
  return readings.map(({ minutes, ...values }, index) => {
    const reading = readingAt(minutes, values);
    session = { ...session, books: enterReading(session.books, reading).books };
    const receivedMs = reading.atMs + (lateMs[index] ?? 0);
    const next = nextSample(stand, session, eventOf(index, { readings: [reading] }), receivedMs);
    stand = next.stand;
    return next.sample;
  });
}

describe('the next sample of a session’s power', () => {
  it('is the mean since the reading before, by both registers', () => {
    const [first, second] = feed([
      { minutes: 0, importRegisterWh: 1001, exportRegisterWh: 502 },
      { minutes: 2, importRegisterWh: 1011, exportRegisterWh: 862 },
    ]);
    expect(first).toBeUndefined();
    expect(second).toMatchObject({ fromMs: NOON_MS, toMs: NOON_MS + 2 * MINUTE_MS });
    // 10 Wh in, 360 Wh out in two minutes.
    expect(second!.powerKw).toBeCloseTo(-10.5, 9);
  });

  it('lies where it was received, whatever the station’s clock says', () => {
    const skewMs = 40 * MINUTE_MS;
    const [, sample] = feed(
      [
        { minutes: 0, importRegisterWh: 1001 },
        { minutes: 1, importRegisterWh: 1101 },
      ],
      [skewMs, skewMs],
    );
    expect(sample).toMatchObject({ fromMs: NOON_MS + skewMs, toMs: NOON_MS + skewMs + MINUTE_MS });
  });

  it('is none when the readings waited on their way', () => {
    const samples = feed(
      [
        { minutes: 0, importRegisterWh: 1001 },
        { minutes: 1, importRegisterWh: 1101 },
        { minutes: 2, importRegisterWh: 1201 },
      ],
      [0, 5 * MINUTE_MS, 4 * MINUTE_MS],
    );
    expect(samples).toEqual([undefined, undefined, undefined]);
  });

  it('waits until registers of coarse steps can tell it', () => {
    const samples = feed(
      [0, 1, 2, 3, 4].map((minutes) => ({ minutes, importRegisterWh: 1230 + Math.floor(minutes * 18) * 10 })),
    );
    // 10 Wh are a quarter of a kilowatt over 144 s.
    expect(samples.map((sample) => sample && sample.toMs - sample.fromMs)).toEqual([
      undefined,
      undefined,
      undefined,
      3 * MINUTE_MS,
      undefined,
    ]);
    expect(samples[3]!.powerKw).toBeCloseTo(10.8, 9);
  });

  it('is the power of the instant where registers are missing, or far too coarse', () => {
    const [, byPower] = feed([
      { minutes: 0, importKw: 5 },
      { minutes: 1, exportKw: 7.2 },
    ]);
    expect(byPower).toEqual({ fromMs: NOON_MS + MINUTE_MS, toMs: NOON_MS + MINUTE_MS, powerKw: -7.2 });
    const [, coarse] = feed([
      { minutes: 0, importRegisterWh: 12_000, importKw: 5 },
      { minutes: 1, importRegisterWh: 12_000, importKw: 6 },
    ]);
    expect(coarse?.powerKw).toBe(6);
  });

  it('takes nothing from an event that the station made offline, or without readings', () => {
    const session = sessionOf();
    const reading = readingAt(1, { importKw: 4 });
    const before = nextSample(
      undefined,
      session,
      eventOf(0, { readings: [readingAt(0, { importKw: 4 })] }),
      NOON_MS,
    );
    const offline = eventOf(1, { readings: [reading], offline: true });
    expect(nextSample(before.stand, session, offline, NOON_MS + MINUTE_MS).sample).toBeUndefined();
    expect(nextSample(before.stand, session, eventOf(1), NOON_MS + MINUTE_MS)).toEqual({
      stand: before.stand,
    });
  });
});
