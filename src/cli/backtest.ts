import path from 'node:path';
import Table from 'cli-table3';
import type { Command } from 'commander';
import { type ProblemDocument, parseProblem, solve, type VehicleDocument } from '../../solver/index.js';
import { invalidInput } from '../domain/errors.js';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../domain/power.js';
import type { PriceSeries } from '../domain/price.js';
import { parsePriceFile } from '../market/price-file.js';
import { type SelectedDay, selectDay } from '../simulator/day-selection.js';
import { energyPerSlot } from '../simulator/energy-slice.js';
import { readSessionsFile } from '../simulator/read-sessions-file.js';
import type { SessionPlan } from '../simulator/session-plan.js';
import { uncontrolledCharging } from '../simulator/uncontrolled.js';
import { START_HOUR_UTC } from './demo/price-day.js';
import { checkReadable, readTextFile } from './files.js';
import { integerBetween, numberBetween } from './numbers.js';

const HOURS = 24;
const DAY_MS = HOURS * MS_PER_HOUR;
const SHORTFALL_PENALTY_PER_KWH = 5;

interface BacktestFlags {
  readonly prices: string;
  readonly sessions: string;
  readonly users?: string;
  readonly from?: string;
  readonly days: number;
  readonly stations: number;
  readonly wear: number;
  readonly json?: boolean;
}

interface DayResult {
  readonly day: string;
  readonly sessions: number;
  readonly cost: number;
  readonly uncontrolledCost: number;
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly shortfallKwh: number;
  readonly gap: number;
  readonly solveMilliseconds: number;
}

export function configure(command: Command): void {
  command
    .requiredOption('--prices <file>', 'price file (CSV, ENTSO-E A44 XML or Energy-Charts JSON)')
    .requiredOption('--sessions <file>', 'charging sessions (CSV)')
    .option('--users <file>', 'cars of the sessions file')
    .option('--from <date>', 'first day (UTC); default: the first that the prices cover')
    .option('--days <n>', 'number of days', integerBetween(1, 1000), 7)
    .option('--stations <n>', 'charging stations', integerBetween(1, 100_000), 50)
    .option('--wear <price>', 'battery wear per kWh discharged', numberBetween(0, 10), 0.03)
    .option('--json', 'print JSON')
    .action(async (flags: BacktestFlags) => {
      const series = parsePriceFile({
        fileName: path.basename(flags.prices),
        text: await readTextFile(flags.prices, '--prices'),
      });
      await checkReadable(flags.sessions, '--sessions');
      if (flags.users !== undefined) await checkReadable(flags.users, '--users');
      const file = readSessionsFile(
        flags.sessions,
        flags.users === undefined ? {} : { usersPath: flags.users },
      );
      const results: DayResult[] = [];
      for (const startMs of startsOf(series, flags)) {
        const window = { startMs, hours: HOURS, timeZone: 'Europe/Berlin', edges: 'whole' } as const;
        results.push(
          await backtestDay(
            selectDay(file, { window, stations: flags.stations }),
            startMs,
            series,
            flags.wear,
          ),
        );
        if (process.stderr.isTTY) process.stderr.write(`\r${results.length} of ${flags.days} days`);
      }
      if (process.stderr.isTTY) process.stderr.write('\n');
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ currency: series.currency, days: results })}\n`
          : render(results, series.currency),
      );
    });
}

function startsOf(series: PriceSeries, flags: BacktestFlags): number[] {
  const endMs = series.startMs + series.importPerKwh.length * series.slotMinutes * MS_PER_MINUTE;
  const firstMs =
    flags.from === undefined
      ? Math.ceil(series.startMs / DAY_MS) * DAY_MS
      : Date.parse(`${flags.from}T00:00:00Z`);
  if (!Number.isFinite(firstMs)) throw invalidInput('--from', 'must be a date like 2026-01-20');
  const starts = Array.from(
    { length: flags.days },
    (_, day) => firstMs + day * DAY_MS + START_HOUR_UTC * MS_PER_HOUR,
  );
  const uncovered = starts.find((startMs) => startMs < series.startMs || startMs + DAY_MS > endMs);
  if (uncovered !== undefined)
    throw invalidInput('--prices', `do not cover the day from ${new Date(uncovered).toISOString()}`);
  return starts;
}

async function backtestDay(
  day: SelectedDay,
  startMs: number,
  series: PriceSeries,
  wearPerKwh: number,
): Promise<DayResult> {
  const sessions = day.stations.flat();
  const slotMs = series.slotMinutes * MS_PER_MINUTE;
  const gridStartMs = series.startMs + Math.floor((startMs - series.startMs) / slotMs) * slotMs;
  const slots = DAY_MS / slotMs;
  const first = Math.round((gridStartMs - series.startMs) / slotMs);
  const importPerKwh = series.importPerKwh.slice(first, first + slots);
  const exportPerKwh = series.exportPerKwh.slice(first, first + slots);
  const problem = parseProblem({
    version: 1,
    horizon: { start: new Date(gridStartMs).toISOString(), slotMinutes: series.slotMinutes, slots },
    currency: series.currency,
    prices: { importPerKwh, exportPerKwh },
    shortfallPenaltyPerKwh: SHORTFALL_PENALTY_PER_KWH,
    vehicles: sessions.map((session, index) =>
      vehicleOf(session, index, gridStartMs, slotMs, slots, wearPerKwh),
    ),
  });
  const { plan } = await solve(problem);
  const slices = sessions.flatMap(
    (session) => uncontrolledCharging(session, session.battery.maxChargeKw).slices,
  );
  const uncontrolled = energyPerSlot(slices, {
    startMs: gridStartMs,
    slotMinutes: series.slotMinutes,
    slots,
  });
  const planned = energyOf(problem, plan.vehicles);
  return {
    day: new Date(startMs).toISOString().slice(0, 10),
    sessions: sessions.length,
    cost: planned.cost,
    uncontrolledCost: uncontrolled.importKwh.reduce(
      (sum, kwh, slot) => sum + kwh * (importPerKwh[slot] ?? 0),
      0,
    ),
    importKwh: planned.importKwh,
    exportKwh: planned.exportKwh,
    shortfallKwh: plan.vehicles.reduce((sum, vehicle) => sum + vehicle.shortfallKwh, 0),
    gap: plan.gap,
    solveMilliseconds: plan.solveMilliseconds,
  };
}

function vehicleOf(
  { plugInMs, plugOutMs, battery, arrivalKwh, targetKwh, bidirectional }: SessionPlan,
  index: number,
  startMs: number,
  slotMs: number,
  slots: number,
  wearPerKwh: number,
): VehicleDocument {
  const firstSlot = Math.min(slots, Math.ceil((plugInMs - startMs) / slotMs));
  return {
    id: `session-${index}`,
    firstSlot,
    endSlot: Math.max(firstSlot, Math.min(slots, Math.floor((plugOutMs - startMs) / slotMs))),
    energyKwh: arrivalKwh,
    minEnergyKwh: battery.floorKwh,
    maxEnergyKwh: battery.capacityKwh,
    targetEnergyKwh: targetKwh,
    maxChargeKw: battery.maxChargeKw,
    maxDischargeKw: bidirectional ? battery.maxDischargeKw : 0,
    chargeEfficiency: battery.chargeEfficiency,
    dischargeEfficiency: battery.dischargeEfficiency,
    wearPerKwh,
  };
}

/** Energy and its money, without wear and penalties: what the bill and the credit say. */
function energyOf(problem: ProblemDocument, vehicles: readonly { netKw: readonly number[] }[]) {
  const hours = problem.horizon.slotMinutes / 60;
  let cost = 0;
  let importKwh = 0;
  let exportKwh = 0;
  vehicles.forEach(({ netKw }, index) => {
    const firstSlot = problem.vehicles[index]?.firstSlot ?? 0;
    netKw.forEach((powerKw, k) => {
      const kwh = powerKw * hours;
      const prices = powerKw > 0 ? problem.prices.importPerKwh : problem.prices.exportPerKwh;
      cost += kwh * (prices[firstSlot + k] ?? 0);
      if (kwh > 0) importKwh += kwh;
      else exportKwh -= kwh;
    });
  });
  return { cost, importKwh, exportKwh };
}

function render(results: readonly DayResult[], currency: string): string {
  const table = new Table({
    head: [
      'day',
      'sessions',
      `cost ${currency}`,
      `uncontrolled ${currency}`,
      'import kWh',
      'export kWh',
      'short kWh',
      'gap',
      'ms',
    ],
    colAligns: ['left', ...Array.from({ length: 8 }, () => 'right' as const)],
    style: { head: [], border: [] },
  });
  const sum = (of: (result: DayResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const row = (result: DayResult) => [
    result.day,
    result.sessions,
    result.cost.toFixed(2),
    result.uncontrolledCost.toFixed(2),
    result.importKwh.toFixed(1),
    result.exportKwh.toFixed(1),
    result.shortfallKwh.toFixed(2),
    result.gap.toExponential(0),
    result.solveMilliseconds.toFixed(1),
  ];
  table.push(...results.map(row));
  const total: DayResult = {
    day: 'total',
    sessions: sum((result) => result.sessions),
    cost: sum((result) => result.cost),
    uncontrolledCost: sum((result) => result.uncontrolledCost),
    importKwh: sum((result) => result.importKwh),
    exportKwh: sum((result) => result.exportKwh),
    shortfallKwh: sum((result) => result.shortfallKwh),
    gap: Math.max(...results.map((result) => result.gap)),
    solveMilliseconds: sum((result) => result.solveMilliseconds),
  };
  table.push(row(total));
  return `${table.toString()}\nPrices and sessions were known in advance: what a perfect forecast earns, an upper bound for any operation.\n`;
}
