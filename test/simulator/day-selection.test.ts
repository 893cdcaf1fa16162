import { describe, expect, it } from 'vitest';
import { selectDay } from '../../src/simulator/day-selection.js';
import { generateSessions } from '../../src/simulator/generated-sessions.js';
import type { RecordedSession, SessionsFile } from '../../src/simulator/recorded-session.js';
import type { SimulatedWindow } from '../../src/simulator/simulated-window.js';
import { assignToStations } from '../../src/simulator/station-assignment.js';
import { isTargetReachable } from '../../src/simulator/uncontrolled.js';
import { HOUR } from './test-sessions.js';

/** Tuesday noon to Wednesday noon in Berlin. */
const WINDOW: SimulatedWindow = {
  startMs: Date.parse('2026-01-20T11:00:00Z'),
  hours: 24,
  timeZone: 'Europe/Berlin',
  edges: 'whole',
};

function recorded(
  id: string,
  from: string,
  to: string,
  changes: Partial<RecordedSession> = {},
): RecordedSession {
  return {
    line: 1,
    sessionId: id,
    userId: `user of ${id}`,
    plugInMs: Date.parse(from),
    plugOutMs: Date.parse(to),
    energyKwh: 10,
    capacityKwh: 50,
    arrivalSocFraction: 0.5,
    ...changes,
  };
}

const fileOf = (...sessions: RecordedSession[]): SessionsFile => ({
  format: 'residential',
  timeZone: 'Europe/Oslo',
  sessions,
  remarks: [],
});

describe('picking a day', () => {
  it('takes the busiest day of the same weekday, at the same time on the wall', () => {
    const day = selectDay(
      fileOf(
        recorded('quiet tuesday', '2019-07-02T16:00:00Z', '2019-07-02T18:00:00Z'),
        recorded('busy tuesday', '2019-07-09T15:10:00Z', '2019-07-10T05:00:00Z'),
        recorded('busier friday', '2019-07-12T15:00:00Z', '2019-07-13T09:00:00Z'),
      ),
      { window: WINDOW, stations: 2 },
    );
    expect(day.sourceDate).toBe('2019-07-09');
    const [session] = day.stations.flat();
    // 17:10 of a summer evening in Oslo is 17:10 of a winter evening in Berlin.
    expect(new Date(session!.plugInMs).toISOString()).toBe('2026-01-20T16:10:00.000Z');
    expect(new Date(session!.plugOutMs).toISOString()).toBe('2026-01-21T06:00:00.000Z');
  });

  it('counts what it leaves out: no free station, plug-in hybrids, stays over the edge', () => {
    const day = selectDay(
      fileOf(
        recorded('first', '2019-07-09T15:00:00Z', '2019-07-10T05:00:00Z'),
        recorded('second', '2019-07-09T15:30:00Z', '2019-07-10T05:00:00Z'),
        recorded('hybrid', '2019-07-09T15:40:00Z', '2019-07-10T05:00:00Z', { capacityKwh: 12 }),
        recorded('over the end', '2019-07-10T05:00:00Z', '2019-07-10T15:00:00Z'),
      ),
      { window: WINDOW, stations: 1 },
    );
    expect(day.assigned).toBe(1);
    expect(day.dropped).toEqual({ noFreeStation: 1, smallBattery: 1, notWhole: 1 });
  });

  it('with open edges plugs in at the start who was there already', () => {
    const window = { ...WINDOW, hours: 2, edges: 'open' as const };
    const day = selectDay(fileOf(recorded('there', '2019-07-09T06:00:00Z', '2019-07-09T16:00:00Z')), {
      window,
      stations: 1,
    });
    const [session] = day.stations.flat();
    expect(session!.plugInMs - window.startMs).toBeLessThan(60_000);
    expect(session!.plugOutMs).toBe(window.startMs + 6 * HOUR);
  });

  it('says when no day fits', () => {
    const friday = recorded('friday', '2019-07-12T15:00:00Z', '2019-07-13T05:00:00Z');
    expect(() => selectDay(fileOf(friday), { window: WINDOW, stations: 1 })).toThrow(/no session falls/);
    expect(() => selectDay(fileOf(), { window: WINDOW, stations: 1 })).toThrow(/holds no session/);
  });
});

describe('giving sessions to stations', () => {
  it('serves the first comer at the lowest free station and leaves time to change', () => {
    const minutes = (fromMin: number, toMin: number) => ({ fromMs: fromMin * 60_000, toMs: toMin * 60_000 });
    const [a, b, c, d] = [minutes(0, 10), minutes(5, 20), minutes(11, 30), minutes(13, 40)];
    const { stations, turnedAway } = assignToStations([d!, b!, a!, c!], 2);
    expect(stations).toEqual([[a, d], [b]]);
    expect(turnedAway).toEqual([c]);
  });
});

describe('generated sessions', () => {
  const options = { seed: 3, stations: 30, window: WINDOW };

  it('are the same for the same seed, and do not change when stations are added', () => {
    expect(generateSessions(options)).toEqual(generateSessions(options));
    expect(generateSessions({ ...options, stations: 31 }).slice(0, 30)).toEqual(generateSessions(options));
    expect(generateSessions({ ...options, seed: 4 })).not.toEqual(generateSessions(options));
  });

  it('lie whole in the window, apart at each station, with targets that can be reached', () => {
    const lists = generateSessions(options);
    expect(lists.flat().length).toBeGreaterThan(20);
    for (const sessions of lists) {
      sessions.forEach((session, index) => {
        expect(session.plugInMs).toBeGreaterThanOrEqual(WINDOW.startMs);
        expect(session.plugOutMs).toBeLessThanOrEqual(WINDOW.startMs + 24 * HOUR);
        expect(session.plugInMs).toBeGreaterThan(sessions[index - 1]?.plugOutMs ?? 0);
        expect(isTargetReachable(session, 11)).toBe(true);
        expect(session.targetKwh).toBeGreaterThanOrEqual(session.arrivalKwh);
      });
    }
  });

  it('come in the evening and stay over night for the most part', () => {
    const sessions = generateSessions({ ...options, stations: 400 }).flat();
    const share = (of: (hours: number, hourOfDay: number) => boolean) =>
      sessions.filter(({ plugInMs, plugOutMs }) =>
        of((plugOutMs - plugInMs) / HOUR, new Date(plugInMs + HOUR).getUTCHours()),
      ).length / sessions.length;
    expect(share((hours) => hours > 7)).toBeGreaterThan(0.4);
    expect(share((_, hour) => hour >= 14)).toBeGreaterThan(0.75);
  });
});
