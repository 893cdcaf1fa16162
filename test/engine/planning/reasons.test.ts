import { describe, expect, it } from 'vitest';
import { type ReasonInput, reasonsFor } from '../../../src/engine/planning/reasons.js';

const input = (changes: Partial<ReasonInput> = {}): ReasonInput => ({
  firstSlot: 2,
  netKw: [11, 11, 0, -5],
  shortfallKwh: 0,
  chargeCostPerKwh: [0.1, 0.2, 0.3, 0.4],
  exportGainPerKwh: [0.05, 0.05, 0.1, 0.35],
  storedValuePerKwh: [0.25, 0.25, 0.25, 0.25],
  binding: [['power'], ['power', 'site'], [], []],
  currency: 'EUR',
  ...changes,
});

describe('the reasons of a session’s plan', () => {
  it('are one sentence per run of slots in which the car does the same, with the prices that decided', () => {
    const reasons = reasonsFor(input());
    expect(reasons.map(({ fromSlot, endSlot }) => [fromSlot, endSlot])).toEqual([
      [2, 4],
      [4, 5],
      [5, 6],
    ]);
    expect(reasons[0]?.text).toBe(
      "Charging: a stored kWh costs 0.150 EUR now and is worth 0.250 EUR later; held by the site's grid connection.",
    );
    expect(reasons[1]?.text).toBe(
      'Waiting: charging a kWh costs 0.300 EUR now, exporting it earns 0.100 EUR, keeping it is worth 0.250 EUR.',
    );
    expect(reasons[2]?.text).toMatch(/^Discharging: a stored kWh earns 0\.350 EUR now/);
  });

  it('cover the window without hole or overlap', () => {
    const reasons = reasonsFor(input({ netKw: [0.01, -0.02, 3, 3] }));
    expect(reasons.map(({ fromSlot, endSlot }) => [fromSlot, endSlot])).toEqual([
      [2, 4],
      [4, 6],
    ]);
    expect(reasonsFor(input({ netKw: [] }))).toEqual([]);
  });

  it('say when the target will be missed', () => {
    expect(reasonsFor(input({ shortfallKwh: 2.34 }))[0]?.text).toContain('missed by 2.3 kWh');
  });

  it('say why a car charges at once', () => {
    expect(reasonsFor(input({ chargeNow: 'opted-out' }))[0]?.text).toBe(
      'Charging at once: the session opted out of steering.',
    );
  });

  it('leave out the value of energy when the solver gave none', () => {
    expect(reasonsFor(input({ storedValuePerKwh: [] }))[0]?.text).not.toContain('worth');
  });
});
