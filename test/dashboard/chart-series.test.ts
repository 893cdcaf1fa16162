import { describe, expect, it } from 'vitest';
import type { FleetHistory, Plan } from '../../src/dashboard/api-contract.js';
import { chartSeries } from '../../src/dashboard/chart-series.js';

const MINUTE_MS = 60_000;
const NOW_MS = Date.parse('2026-01-20T17:05:00Z');
const at = (minutes: number) => new Date(NOW_MS + minutes * MINUTE_MS).toISOString();
const secondsFromNow = (startS: number) => startS - NOW_MS / 1000;

const history: FleetHistory = {
  from: at(-20),
  to: at(0),
  stepS: 900,
  steps: [
    { start: at(-20), importKw: 5, exportKw: 2, plannedNetKw: 3, importPerKwh: 0.1 },
    { start: at(-5), importKw: 0, exportKw: 40, plannedNetKw: -38, importPerKwh: 0.3 },
  ],
};

const plan: Plan = {
  planId: 'p',
  createdAt: at(-5),
  causes: ['interval'],
  status: 'optimal',
  objective: 1,
  lowerBound: 1,
  gap: 0,
  backend: 'fleet',
  solveMilliseconds: 1,
  sessions: 1,
  shortfallKwh: 0,
  start: at(-20),
  slotMinutes: 15,
  currency: 'EUR',
  netKw: [3, -38, -20, 7],
  importPerKwh: [0.1, 0.3, 0.2, 0.05],
};

describe('the columns of the fleet chart', () => {
  it('hang metered export below the line and end metering at now', () => {
    const series = chartSeries(history, plan, NOW_MS);
    expect(series.startS.map(secondsFromNow)).toEqual([-1200, -300, 0, 600, 1500, 2400]);
    expect(series.importKw).toEqual([5, 0, 0, null, null, null]);
    expect(series.exportKw).toEqual([-2, -40, -40, null, null, null]);
  });

  it('go on with the plan in force from now, its last slot as wide as the others', () => {
    const series = chartSeries(history, plan, NOW_MS);
    expect(series.plannedNetKw).toEqual([3, -38, -38, -20, 7, 7]);
    expect(series.pricePerKwh).toEqual([0.1, 0.3, 0.3, 0.2, 0.05, 0.05]);
  });

  it('show what there is when the other part is missing', () => {
    expect(chartSeries(null, null, null).startS).toEqual([]);
    expect(chartSeries(null, plan, Date.parse(plan.start)).plannedNetKw).toEqual([3, -38, -20, 7, 7]);
    expect(chartSeries(history, null, NOW_MS).plannedNetKw).toEqual([3, -38, -38]);
  });
});
