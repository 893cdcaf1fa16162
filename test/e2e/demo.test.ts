import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DemoSummary } from '../../src/cli/demo/summary.js';
import { runCli, startCli } from '../support/cli.js';
import { startPostgres, type TestPostgres } from '../support/servers/postgres.js';
import { startRedis, type TestRedis } from '../support/servers/redis.js';

const DAY = ['demo', '--hours', '24', '--stations', '12', '--speed', '100000', '--exit', '--json'];
const DAY_TIMEOUT_MS = 180_000;

function expectGoodDay(summary: DemoSummary): void {
  expect(summary.faults).toEqual([]);
  expect(summary.sessionsEnded).toBeGreaterThan(5);
  expect(summary.importKwh).toBeCloseTo(summary.meterImportKwh, 6);
  expect(summary.exportKwh).toBeCloseTo(summary.meterExportKwh, 6);
  expect(summary.exportKwh).toBeGreaterThan(1);
  expect(summary.reachableTargetsMissed).toBe(0);
  expect(summary.meanExportPerKwh!).toBeGreaterThan(summary.meanImportPerKwh!);
  expect(summary.net).toBeLessThan(summary.uncontrolledCost);
}

describe('a simulated day, end to end over real sockets', () => {
  let postgres: TestPostgres;
  let redis: TestRedis;
  beforeAll(async () => {
    [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  });
  afterAll(async () => {
    await Promise.all([postgres?.stop(), redis?.stop()]);
  });

  it(
    'ends on the embedded store and queue with books equal to the meters and every reachable target met',
    async () => {
      const { code, stdout, stderr } = await runCli(DAY);
      expect(stderr + stdout).not.toContain('FAULT');
      expectGoodDay(JSON.parse(stdout));
      expect(code).toBe(0);
    },
    DAY_TIMEOUT_MS,
  );

  it(
    'ends the same on PostgreSQL and Redis',
    async () => {
      const { code, stdout } = await runCli([
        ...DAY,
        '--database',
        await postgres.freshDatabase(),
        '--redis',
        redis.url,
      ]);
      expectGoodDay(JSON.parse(stdout));
      expect(code).toBe(0);
    },
    DAY_TIMEOUT_MS,
  );

  it(
    'loses nothing when the engine is killed twice in the middle: sessions go on, the fleet converges',
    async () => {
      const demo = startCli([...DAY, '--seed', '7']);
      const [, first] = await demo.printed(/Engine: process (\d+), stations/);
      await demo.printed(/T?18:0\d[^\n]*cars|1[78]:\d\dZ/);
      process.kill(Number(first), 'SIGKILL');
      const [, second] = await demo.printed(/Engine: process (\d+)\n/);
      await demo.printed(/0[23]:\d\dZ/);
      process.kill(Number(second), 'SIGKILL');
      const { code, stdout } = await demo.ended;
      const summary: DemoSummary = JSON.parse(stdout);
      expect(summary.engineRestarts).toBe(2);
      expectGoodDay(summary);
      expect(code).toBe(0);
    },
    DAY_TIMEOUT_MS,
  );
});
