import { describe, expect, it } from 'vitest';
import { sessionDocument } from '../../src/api/documents/session-document.js';
import type { Session } from '../../src/dashboard/api-contract.js';
import {
  distanceText,
  figure,
  gapText,
  priceText,
  signedFigure,
} from '../../src/dashboard/figures-as-text.js';
import { activityOf, deliveryWord, profileWord, reasonNow } from '../../src/dashboard/session-words.js';
import { NOW_MS, sessionView } from '../api/fake-fleet.js';

const session = (number: 1 | 2 | 3): Session => sessionDocument(sessionView(number));

describe('figures as text', () => {
  it('have one decimal, a real minus and no minus before zero', () => {
    expect([figure(1234.56), figure(-7.25), figure(-0.04), figure(null)]).toEqual([
      '1,234.6',
      '−7.2',
      '0.0',
      '–',
    ]);
    expect([signedFigure(3), signedFigure(-3), signedFigure(0)]).toEqual(['+3.0', '−3.0', '0.0']);
    expect([priceText(-0.0512), priceText(null)]).toEqual(['−0.051', '–']);
  });

  it('write a gap as per cent, and none where there is none', () => {
    expect([gapText(5.4e-6), gapText(0.0123), gapText(1e-9)]).toEqual(['0.00054 %', '1.2 %', '0 %']);
  });

  it('tell distances in time as a person would', () => {
    const distance = (minutes: number) =>
      distanceText(new Date(NOW_MS + minutes * 60_000).toISOString(), NOW_MS);
    expect([distance(0), distance(12), distance(-95), distance(120), distance(3 * 1440)]).toEqual([
      'now',
      'in 12 min',
      '1 h 35 min ago',
      'in 2 h',
      'in 3 days',
    ]);
  });
});

describe('words about a session', () => {
  it('say what the meter says, not what the plan wants', () => {
    expect([session(1), session(2), session(3)].map((one) => activityOf(one).text)).toEqual([
      'Discharging',
      'Charging',
      'Waiting',
    ]);
  });

  it('say how the EVSE does what it was asked', () => {
    const words = (
      ['unverified', 'following', 'lagging', 'ignoring', 'limited-by-ev', 'offline'] as const
    ).map((state) => deliveryWord({ following: { state, since: '2026-01-20T12:00:00Z', reason: '' } }));
    expect(words.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'none: not metered yet',
      'good: following',
      'waiting: lagging',
      'bad: ignoring',
      'waiting: limited by the car',
      'bad: offline',
    ]);
    expect(deliveryWord({ following: null })).toEqual({ kind: 'none', text: 'not metered yet' });
  });

  it('say whether the station took the newest profile', () => {
    expect([session(1), session(2), session(3)].map(profileWord)).toEqual([
      { kind: 'good', text: '7 acknowledged' },
      { kind: 'waiting', text: '8 on its way' },
      { kind: 'bad', text: '9 refused: InvalidSchedule' },
    ]);
    const older = session(1);
    const desired = older.desiredProfile!;
    expect(profileWord({ ...older, desiredProfile: { ...desired, revision: 8 } }).text).toBe('8 on its way');
    expect(profileWord({ ...older, desiredProfile: null }).kind).toBe('none');
  });

  it('give the reason that holds now', () => {
    const hour = 3_600_000;
    expect(reasonNow(session(1), NOW_MS)).toMatch(/^Discharges at 31/);
    expect(reasonNow(session(1), NOW_MS + 8 * hour)).toMatch(/^Charges in the cheapest/);
    expect(reasonNow({ ...session(1), plan: null }, NOW_MS)).toBe('Not planned yet.');
    expect(reasonNow({ ...session(1), plan: null, needs: null }, NOW_MS)).toMatch(/not told its needs/);
  });
});
