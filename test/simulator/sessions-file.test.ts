import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSessionsFile } from '../../src/simulator/read-sessions-file.js';
import { planOfRecorded } from '../../src/simulator/recorded-session.js';
import { DEFAULT_CAR } from '../../src/simulator/session-plan.js';
import { parseSessionsFile } from '../../src/simulator/sessions-file.js';

const HEADER = 'session_id,user_id,plug_in_utc,plug_out_utc,energy_kwh,soc_start_pct_est';
const USERS = 'user_id,location,charging_power_kw_est,battery_capacity_kwh_est\nu1,X,3.6,40\nu2,X,11,\n';
const WORK = 'session_id,user_id,station_id,location_id,start_local,end_local,energy_kwh';

const residential = (...rows: string[]) =>
  parseSessionsFile({
    name: 'sessions.csv',
    text: [HEADER, ...rows].join('\n'),
    users: { name: 'users.csv', text: USERS },
  });
const workplace = (timeZone: string, ...rows: string[]) =>
  parseSessionsFile({ name: 'work.csv', text: [WORK, ...rows].join('\n'), timeZone });

describe('the residential format', () => {
  it('reads instants, energy, state of charge, and the car from the users file', () => {
    const file = residential('s1,u1,2019-12-19T16:30Z,2019-12-20T06:00Z,12.5,60');
    expect(file).toMatchObject({ format: 'residential', timeZone: 'Europe/Oslo', remarks: [] });
    expect(file.sessions).toEqual([
      {
        line: 2,
        sessionId: 's1',
        userId: 'u1',
        plugInMs: Date.parse('2019-12-19T16:30:00Z'),
        plugOutMs: Date.parse('2019-12-20T06:00:00Z'),
        energyKwh: 12.5,
        arrivalSocFraction: 0.6,
        capacityKwh: 40,
        powerKw: 3.6,
      },
    ]);
  });

  it('skips a session that begins before the same user has left, and says so', () => {
    const file = residential(
      's1,u1,2019-12-19T16:30Z,2019-12-20T06:00Z,5,60',
      's2,u1,2019-12-20T05:59Z,2019-12-20T09:00Z,5,60',
      's3,u2,2019-12-20T05:59Z,2019-12-20T09:00Z,5,60',
    );
    expect(file.sessions.map(({ sessionId }) => sessionId)).toEqual(['s1', 's3']);
    expect(file.remarks).toContainEqual(
      expect.objectContaining({ line: 3, sessionId: 's2', kind: 'overlaps-earlier-session' }),
    );
  });

  it('keeps more energy than the estimated power gives, with a remark', () => {
    const file = residential('s1,u1,2019-12-19T16:00Z,2019-12-19T18:00Z,9,60');
    expect(file.sessions.length).toBe(1);
    expect(file.remarks.map(({ kind }) => kind)).toEqual(['energy-above-power']);
  });

  it('assumes capacity and state of charge by the declared fallback where they are missing', () => {
    const file = residential('s1,u2,2019-12-19T16:00Z,2019-12-20T06:00Z,10,');
    expect(file.remarks.map(({ kind }) => kind)).toEqual(['capacity-assumed', 'arrival-soc-assumed']);
    const plan = planOfRecorded(file.sessions[0]!, { plugInMs: 0, plugOutMs: 1 }, DEFAULT_CAR);
    // 50 kWh, leaves at 80 %; 10 kWh at the meter are 8.8 kWh stored.
    expect(plan.battery.capacityKwh).toBe(50);
    expect(plan.targetKwh).toBeCloseTo(40, 9);
    expect(plan.arrivalKwh).toBeCloseTo(31.2, 9);
    expect(plan.assumptions.length).toBe(3);
  });

  it('remarks on a stay over the change of the clock', () => {
    const file = residential('s1,u1,2019-10-26T18:00Z,2019-10-27T07:00Z,9,60');
    expect(file.remarks.map(({ kind }) => kind)).toEqual(['crosses-clock-change']);
  });

  it('wants at departure what the car left with in reality', () => {
    const file = residential('s1,u1,2019-12-19T16:00Z,2019-12-20T06:00Z,10,50');
    const plan = planOfRecorded(file.sessions[0]!, { plugInMs: 0, plugOutMs: 1 }, DEFAULT_CAR);
    expect(plan.arrivalKwh).toBeCloseTo(20, 9);
    expect(plan.targetKwh).toBeCloseTo(28.8, 9);
  });

  it.each([
    [
      's1,u1,yesterday,2019-12-20T06:00Z,5,60',
      /sessions\.csv, line 2, column plug_in_utc: "yesterday" is not/,
    ],
    ['s1,u1,2019-12-19T16:30,2019-12-20T06:00Z,5,60', /column plug_in_utc/],
    ['s1,u1,2019-02-30T16:30Z,2019-12-20T06:00Z,5,60', /column plug_in_utc/],
    [
      's1,u1,2019-12-20T06:00Z,2019-12-20T06:00Z,5,60',
      /line 2, column plug_out_utc: is not after plug_in_utc/,
    ],
    ['s1,u1,2019-10-20T06:00Z,2019-12-20T06:00Z,5,60', /column plug_out_utc: is more than 30 days/],
    ['s1,u1,2019-12-19T16:30Z,2019-12-20T06:00Z,a lot,60', /column energy_kwh: "a lot" is not a number/],
    ['s1,u1,2019-12-19T16:30Z,2019-12-20T06:00Z,-1,60', /column energy_kwh: -1 is not between 0 and 500/],
    [
      's1,u1,2019-12-19T16:30Z,2019-12-20T06:00Z,5,160',
      /column soc_start_pct_est: 160 is not between 0 and 100/,
    ],
    ['s1,,2019-12-19T16:30Z,2019-12-20T06:00Z,5,60', /column user_id: is empty/],
    ['s1,u1,2019-12-19T16:30Z,2019-12-20T06:00Z', /line 2/],
  ])('refuses %s', (row, message) => {
    expect(() => residential(row)).toThrow(message);
  });

  it('names the line of a fault below empty lines', () => {
    const text = `${HEADER}\n\ns1,u1,2019-12-19T16:30Z,2019-12-20T06:00Z,5,60\n\ns2,u1,x,y,5,60\n`;
    expect(() => parseSessionsFile({ name: 'a.csv', text })).toThrow(/a\.csv, line 5, column plug_in_utc/);
  });
});

describe('the workplace format', () => {
  it('reads local times in the given zone, and skips sessions without energy', () => {
    const file = workplace(
      'Europe/Berlin',
      '1,9,5,4,2014-11-18T08:01,2014-11-18T11:26,5.61',
      '2,9,5,4,2014-11-18T12:01,2014-11-18T13:26,0',
    );
    expect(file.sessions.map(({ plugInMs }) => plugInMs)).toEqual([Date.parse('2014-11-18T07:01:00Z')]);
    expect(file.remarks.map(({ kind }) => kind)).toContain('no-energy');
  });

  it('takes the second of two equal clock times where the first would lie before the start', () => {
    // In Berlin 02:30 came twice on 2014-10-26; one cannot leave at 02:10 what one came to at 02:30.
    const file = workplace('Europe/Berlin', '1,9,5,4,2014-10-26T02:30,2014-10-26T02:10,1');
    expect(file.sessions[0]).toMatchObject({
      plugInMs: Date.parse('2014-10-26T00:30:00Z'),
      plugOutMs: Date.parse('2014-10-26T01:10:00Z'),
    });
  });

  it('refuses a zone that does not exist', () => {
    expect(() => workplace('Mars/Olympus')).toThrow(/timeZone/);
  });
});

describe('the file', () => {
  it('says which columns it expects of a format that it does not know', () => {
    expect(() => parseSessionsFile({ name: 'x.csv', text: 'a,b\n1,2\n' })).toThrow(
      /x\.csv, line 1: unknown columns a,b; expected session_id/,
    );
    expect(() => parseSessionsFile({ name: 'x.csv', text: '' })).toThrow(/header/);
  });

  it('finds the users file beside the sessions file by its name', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sessions-'));
    const path = join(folder, 'ev_sessions_here.csv');
    writeFileSync(path, `${HEADER}\ns1,u1,2019-12-19T16:30Z,2019-12-20T06:00Z,5,60\n`);
    writeFileSync(join(folder, 'ev_users_here.csv'), USERS);
    expect(readSessionsFile(path).sessions[0]).toMatchObject({ capacityKwh: 40 });
  });

  it('says when there is no such file', () => {
    expect(() => readSessionsFile('nowhere.csv')).toThrow('nowhere.csv: there is no such file');
  });
});
