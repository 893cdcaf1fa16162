import type { PriceSeries } from '../../domain/price.js';
import type { FleetSnapshot } from '../../ports/use-cases.js';
import type { SimulatedFleet } from '../../simulator/fleet.js';
import { type DurationSummary, describe, summarise } from './durations.js';

/** What the engine's own books say at the end, by its API. */
export interface EngineBooks {
  readonly fleet: Pick<FleetSnapshot, 'importKwhTotal' | 'exportKwhTotal'>;
  /** Register totals by transaction, Wh. */
  readonly sessions: ReadonlyMap<string, { readonly importWh: number; readonly exportWh: number }>;
  /** Sum of the settlement's lines. */
  readonly settledCost: number;
  readonly settledCredit: number;
}

export interface DemoTimings {
  readonly solveS: readonly number[];
  readonly needsToProfileS: readonly number[];
  readonly dispatchS: readonly number[];
}

/** The end of a demo, for people and for programs (`--json`). */
export interface DemoSummary {
  readonly prices: string;
  readonly sessionsFrom: string;
  readonly hours: number;
  readonly realSeconds: number;
  readonly stations: number;
  readonly sessions: number;
  readonly sessionsEnded: number;
  readonly importKwh: number;
  readonly exportKwh: number;
  readonly meterImportKwh: number;
  readonly meterExportKwh: number;
  readonly targetsMet: number;
  readonly targetsReachable: number;
  readonly reachableTargetsMissed: number;
  readonly currency: string;
  readonly cost: number;
  readonly credit: number;
  readonly net: number;
  readonly uncontrolledCost: number;
  /** Mean price of what was exported and of what was imported, per kWh. */
  readonly meanExportPerKwh: number | null;
  readonly meanImportPerKwh: number | null;
  readonly solve: DurationSummary | undefined;
  readonly needsToProfile: DurationSummary | undefined;
  readonly dispatch: DurationSummary | undefined;
  readonly engineRestarts: number;
  readonly eventsLost: number;
  /** Why the run does not count as a success; empty when it does. */
  readonly faults: readonly string[];
}

export interface SummaryInput {
  readonly fleet: SimulatedFleet;
  readonly books: EngineBooks;
  readonly timings: DemoTimings;
  readonly series: PriceSeries;
  readonly prices: string;
  readonly sessionsFrom: string;
  readonly hours: number;
  readonly stations: number;
  readonly realSeconds: number;
  readonly engineRestarts: number;
}

/** Registers hold whole Wh; the engine's sums of them may differ by rounding of doubles alone. */
const SAME_WH = 1e-3;

/** Compares the engine's books with the simulated meters and adds up the day. */
export function summaryOf(input: SummaryInput): DemoSummary {
  const { fleet, books, series, timings } = input;
  const totals = fleet.log.totals();
  const grid = {
    startMs: series.startMs,
    slotMinutes: series.slotMinutes,
    slots: series.importPerKwh.length,
  };
  const metered = fleet.log.energyPerSlot('metered', grid);
  const uncontrolled = fleet.log.energyPerSlot('uncontrolled', grid);
  const money = (energyKwh: readonly number[], pricePerKwh: readonly number[]) =>
    energyKwh.reduce((sum, kwh, slot) => sum + kwh * (pricePerKwh[slot] ?? 0), 0);
  const total = (energyKwh: readonly number[]) => energyKwh.reduce((sum, kwh) => sum + kwh, 0);
  const mean = (energyKwh: readonly number[], pricePerKwh: readonly number[]) =>
    total(energyKwh) > 0 ? money(energyKwh, pricePerKwh) / total(energyKwh) : null;
  const partial = {
    prices: input.prices,
    sessionsFrom: input.sessionsFrom,
    hours: input.hours,
    realSeconds: input.realSeconds,
    stations: input.stations,
    sessions: totals.sessions,
    sessionsEnded: totals.sessionsEnded,
    importKwh: books.fleet.importKwhTotal,
    exportKwh: books.fleet.exportKwhTotal,
    meterImportKwh: totals.importWh / 1000,
    meterExportKwh: totals.exportWh / 1000,
    targetsMet: totals.targetsMet,
    targetsReachable: totals.targetsReachable,
    reachableTargetsMissed: totals.reachableTargetsMissed,
    currency: series.currency,
    cost: books.settledCost,
    credit: books.settledCredit,
    net: books.settledCost - books.settledCredit,
    uncontrolledCost: money(uncontrolled.importKwh, series.importPerKwh),
    meanExportPerKwh: mean(metered.exportKwh, series.exportPerKwh),
    meanImportPerKwh: mean(metered.importKwh, series.importPerKwh),
    solve: summarise(timings.solveS),
    needsToProfile: summarise(timings.needsToProfileS),
    dispatch: summarise(timings.dispatchS),
    engineRestarts: input.engineRestarts,
    eventsLost: fleet.stats.eventsLost,
  };
  return { ...partial, faults: faultsOf(input) };
}

function faultsOf({ fleet, books }: SummaryInput): string[] {
  const faults: string[] = [];
  const totals = fleet.log.totals();
  if (totals.reachableTargetsMissed > 0)
    faults.push(`${totals.reachableTargetsMissed} reachable targets missed`);
  if (fleet.stats.eventsLost > 0) faults.push(`${fleet.stats.eventsLost} transaction events lost`);
  if (totals.sessionsRefused > 0) faults.push(`${totals.sessionsRefused} sessions refused`);
  for (const direction of ['import', 'export'] as const) {
    const bookedWh = books.fleet[`${direction}KwhTotal`] * 1000;
    const meterWh = totals[`${direction}Wh`];
    if (Math.abs(bookedWh - meterWh) > SAME_WH) {
      faults.push(`${direction} books hold ${bookedWh.toFixed(1)} Wh, the meters ${meterWh} Wh`);
    }
  }
  for (const session of fleet.log.sessions()) {
    if (session.transactionId === undefined) continue;
    const booked = books.sessions.get(session.transactionId);
    if (booked === undefined) faults.push(`session ${session.transactionId} is missing`);
    else if (
      Math.abs(booked.importWh - session.importWh) > SAME_WH ||
      Math.abs(booked.exportWh - session.exportWh) > SAME_WH
    ) {
      faults.push(
        `session ${session.transactionId}: books ${booked.importWh}/${booked.exportWh} Wh, meter ${session.importWh}/${session.exportWh} Wh`,
      );
    }
  }
  return faults;
}

/** The summary as a person reads it in the terminal. */
export function renderSummary(summary: DemoSummary): string {
  const kwh = (value: number) => `${value.toFixed(3)} kWh`;
  const money = (value: number) => `${value.toFixed(2)} ${summary.currency}`;
  const perKwh = (value: number | null) =>
    value === null ? 'none' : `${value.toFixed(4)} ${summary.currency}/kWh`;
  const isSame = (a: number, b: number) =>
    Math.abs(a - b) * 1000 <= SAME_WH ? 'equal to the meters' : 'NOT equal to the meters';
  const rows: [string, string][] = [
    ['prices', summary.prices],
    ['sessions', summary.sessionsFrom],
    [
      'simulated',
      `${summary.hours} h in ${summary.realSeconds.toFixed(1)} s, ${summary.stations} stations, ${summary.sessions} sessions (${summary.sessionsEnded} ended)`,
    ],
    [
      'imported',
      `${kwh(summary.importKwh)}, ${isSame(summary.importKwh, summary.meterImportKwh)} (${kwh(summary.meterImportKwh)})`,
    ],
    [
      'exported',
      `${kwh(summary.exportKwh)}, ${isSame(summary.exportKwh, summary.meterExportKwh)} (${kwh(summary.meterExportKwh)})`,
    ],
    [
      'mean price',
      `imported at ${perKwh(summary.meanImportPerKwh)}, exported at ${perKwh(summary.meanExportPerKwh)}`,
    ],
    ['money', `cost ${money(summary.cost)}, credit ${money(summary.credit)}, net ${money(summary.net)}`],
    [
      'uncontrolled',
      `${money(summary.uncontrolledCost)} for the same sessions charged at once: ${money(summary.uncontrolledCost - summary.net)} saved`,
    ],
    [
      'targets',
      `${summary.targetsMet} met of ${summary.sessionsEnded} sessions that ended, ${summary.targetsReachable} reachable, ${summary.reachableTargetsMissed} of those missed`,
    ],
    ['solve', describe(summary.solve)],
    ['needs → profile', describe(summary.needsToProfile)],
    ['dispatch', describe(summary.dispatch)],
  ];
  if (summary.engineRestarts > 0) rows.push(['engine', `restarted ${summary.engineRestarts} times`]);
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
  const verdict =
    summary.faults.length === 0
      ? ['', '  Nothing lost, every reachable target met.']
      : ['', ...summary.faults.slice(0, 20).map((fault) => `  FAULT: ${fault}`)];
  return ['', ...lines, ...verdict, ''].join('\n');
}
