import type { Command } from 'commander';
import { createSystemClock } from '../clock/system-clock.js';
import { invalidInput } from '../domain/errors.js';
import { createSimulatedFleet } from '../simulator/fleet.js';
import { loadScenario } from './demo/scenario.js';
import { integerBetween, numberBetween } from './numbers.js';

/** How often the state of the fleet is told, real time. */
const REPORT_MS = 5000;

interface SimulateFlags {
  readonly url: string;
  readonly stations: number;
  readonly sessions?: string;
  readonly users?: string;
  readonly hours: number;
  readonly speed: number;
  readonly password?: string;
  readonly seed: number;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .requiredOption('--url <ws-url>', 'OCPP end point, e.g. ws://127.0.0.1:9220')
    .requiredOption('--stations <n>', 'charging stations', integerBetween(1, 20_000))
    .option('--sessions <file>', 'charging sessions (CSV); default: generated')
    .option('--users <file>', 'cars of the sessions file')
    .option('--hours <h>', 'hours of sessions, from now', numberBetween(0.1, 168), 24)
    .option(
      '--speed <x>',
      'simulated seconds per second; the engine needs the same EBBFLOW_CLOCK_SPEED',
      numberBetween(1, 100_000),
      1,
    )
    .option('--password <text>', 'Basic password of every station')
    .option('--seed <n>', 'seed of everything random', integerBetween(0, 2 ** 31 - 1), 1)
    .option('--json', 'print the totals at the end as JSON')
    .action(async (flags: SimulateFlags) => {
      if (!/^wss?:\/\/.+/.test(flags.url)) throw invalidInput('--url', 'must begin with ws:// or wss://');
      const clock = createSystemClock(flags.speed);
      const scenario = await loadScenario(flags, clock.nowMs());
      const { password } = flags;
      const stations =
        password === undefined
          ? scenario.stations
          : scenario.stations.map((station) => ({ ...station, password }));
      const fleet = createSimulatedFleet({ url: flags.url, stations, clock, seed: flags.seed });
      process.stderr.write(`${scenario.label}\n`);
      let cancelEnd = () => {};
      const stopped = new Promise<void>((resolve) => {
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
        cancelEnd = clock.after(flags.hours * 3_600_000, resolve);
      });
      await fleet.start();
      const report = setInterval(() => {
        const netKw = fleet.log.powerKwAt(clock.nowMs());
        process.stderr.write(
          `${fleet.online()} of ${stations.length} stations online, net ${netKw.toFixed(1)} kW\n`,
        );
      }, REPORT_MS);
      await stopped;
      cancelEnd();
      clearInterval(report);
      await fleet.stop();
      const totals = fleet.log.totals();
      process.stdout.write(
        flags.json
          ? `${JSON.stringify(totals)}\n`
          : `imported ${(totals.importWh / 1000).toFixed(3)} kWh, exported ${(totals.exportWh / 1000).toFixed(3)} kWh, ${totals.targetsMet} of ${totals.sessionsEnded} targets met\n`,
      );
    });
}
