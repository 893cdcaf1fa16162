import { MS_PER_HOUR, MS_PER_MINUTE } from '../../domain/power.js';
import type { IntervalEnergy } from '../../domain/reading.js';
import type { PriceSlot } from '../../ports/store.js';
import type { HistoryStep } from '../../ports/use-cases.js';
import { INTERVAL_MINUTES } from '../metering/intervals.js';
import { priceAt } from '../planning/price-horizon.js';

const INTERVAL_MS = INTERVAL_MINUTES * MS_PER_MINUTE;

export interface PlannedSpan {
  readonly startMs: number;
  readonly slotMinutes: number;
  readonly netKw: number;
}

/**
 * The fleet's metered import and export per step, with the plan that stood and the price beside it. An
 * interval book that straddles a step's edge counts evenly on both sides; nothing is netted.
 */
export function historyOf(input: {
  fromMs: number;
  toMs: number;
  stepMs: number;
  intervals: readonly IntervalEnergy[];
  planned: readonly PlannedSpan[];
  prices: readonly PriceSlot[];
}): HistoryStep[] {
  const { fromMs, toMs, stepMs } = input;
  const count = Math.ceil((toMs - fromMs) / stepMs);
  const importWh = new Float64Array(count);
  const exportWh = new Float64Array(count);
  for (const interval of input.intervals) {
    forEachOverlap(interval.startMs, INTERVAL_MS, input, (step, share) => {
      importWh[step] = (importWh[step] ?? 0) + interval.importWh * share;
      exportWh[step] = (exportWh[step] ?? 0) + interval.exportWh * share;
    });
  }
  const plannedKwMs = new Float64Array(count);
  const plannedMs = new Float64Array(count);
  for (const span of input.planned) {
    const spanMs = span.slotMinutes * MS_PER_MINUTE;
    forEachOverlap(span.startMs, spanMs, input, (step, share) => {
      plannedKwMs[step] = (plannedKwMs[step] ?? 0) + span.netKw * share * spanMs;
      plannedMs[step] = (plannedMs[step] ?? 0) + share * spanMs;
    });
  }
  return Array.from({ length: count }, (_, step) => {
    const startMs = fromMs + step * stepMs;
    const hours = (Math.min(toMs, startMs + stepMs) - startMs) / MS_PER_HOUR;
    const importKwh = (importWh[step] ?? 0) / 1000;
    const exportKwh = (exportWh[step] ?? 0) / 1000;
    const covered = plannedMs[step] ?? 0;
    const price = priceAt(input.prices, startMs);
    return {
      startMs,
      importKw: importKwh / hours,
      exportKw: exportKwh / hours,
      importKwh,
      exportKwh,
      plannedNetKw: covered > 0 ? (plannedKwMs[step] ?? 0) / covered : null,
      importPerKwh: price?.importPerKwh ?? null,
      exportPerKwh: price?.exportPerKwh ?? null,
    };
  });
}

function forEachOverlap(
  startMs: number,
  lengthMs: number,
  grid: { fromMs: number; toMs: number; stepMs: number },
  visit: (step: number, share: number) => void,
): void {
  const endMs = Math.min(grid.toMs, startMs + lengthMs);
  let atMs = Math.max(grid.fromMs, startMs);
  while (atMs < endMs) {
    const step = Math.floor((atMs - grid.fromMs) / grid.stepMs);
    const untilMs = Math.min(endMs, grid.fromMs + (step + 1) * grid.stepMs);
    visit(step, (untilMs - atMs) / lengthMs);
    atMs = untilMs;
  }
}
