import { expect, it } from 'vitest';
import type { DemoSummary } from '../../src/cli/demo/summary.js';
import { runCli } from '../support/cli.js';
import { realDataPath } from './data-directory.js';

it('plays a real day: real prices, real sessions, nothing lost, every reachable target met, export in the dear hours', async () => {
  const { code, stdout, stderr } = await runCli([
    'demo',
    ...['--hours', '24', '--stations', '20', '--speed', '7200', '--exit', '--json'],
    ...['--prices', realDataPath('day_ahead_de_lu_2025_2026.csv')],
    ...['--sessions', realDataPath('ev_sessions_norway.csv')],
  ]);
  expect(stderr).toContain('recorded on');
  const summary: DemoSummary = JSON.parse(stdout);
  expect(summary.faults).toEqual([]);
  expect(summary.sessionsEnded).toBeGreaterThan(20);
  expect(summary.reachableTargetsMissed).toBe(0);
  expect(summary.importKwh).toBeCloseTo(summary.meterImportKwh, 6);
  expect(summary.exportKwh).toBeCloseTo(summary.meterExportKwh, 6);
  expect(summary.exportKwh).toBeGreaterThan(50);
  expect(summary.meanExportPerKwh!).toBeGreaterThan(1.3 * summary.meanImportPerKwh!);
  expect(summary.net).toBeLessThan(summary.uncontrolledCost);
  expect(summary.needsToProfile!.maxS).toBeLessThan(2);
  expect(code).toBe(0);
}, 240_000);

it('plays the day of −500 EUR/MWh without burning energy', async () => {
  const { code, stdout } = await runCli([
    'demo',
    ...['--hours', '24', '--stations', '8', '--speed', '100000', '--exit', '--json', '--day', '2026-05-01'],
    ...['--prices', realDataPath('day_ahead_de_lu_2025_2026.csv')],
    ...['--sessions', realDataPath('ev_sessions_norway.csv')],
  ]);
  const summary: DemoSummary = JSON.parse(stdout);
  expect(summary.faults).toEqual([]);
  expect(code).toBe(0);
}, 240_000);

it('backtests a week that holds the end of summer time', async () => {
  const { code, stdout } = await runCli([
    'backtest',
    ...['--from', '2025-10-22', '--days', '7', '--stations', '30', '--json'],
    ...['--prices', realDataPath('day_ahead_de_lu_2025_2026.csv')],
    ...['--sessions', realDataPath('ev_sessions_norway.csv')],
  ]);
  const { days } = JSON.parse(stdout) as { days: { cost: number; uncontrolledCost: number; gap: number }[] };
  expect(days).toHaveLength(7);
  for (const day of days) {
    expect(day.cost).toBeLessThanOrEqual(day.uncontrolledCost + 1e-9);
    expect(day.gap).toBeLessThanOrEqual(1e-6);
  }
  expect(code).toBe(0);
}, 120_000);
