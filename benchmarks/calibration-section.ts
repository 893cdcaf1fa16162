import type { Proportion } from '../src/engine/bidding/firm-capacity.js';
import type { RenderedSection } from './rendered-section.js';

/** One line of the calibration: blocks that held, and mean bid and mean of what was there, kW. */
interface CalibrationLine extends Proportion {
  readonly name: string;
  readonly bidKw: number;
  readonly actualKw: number;
}

/** benchmarks/results/calibration.json */
export interface CalibrationResults {
  readonly date: string;
  readonly node: string;
  readonly cpuSeconds: number;
  readonly from: string;
  readonly to: string;
  readonly days: number;
  readonly sessions: number;
  readonly reliability: number;
  readonly method: string;
  readonly directions: readonly {
    readonly direction: string;
    readonly all: CalibrationLine;
    readonly withoutBid: number;
    /** By the block's start, local time. */
    readonly blocks: readonly CalibrationLine[];
    readonly dayTypes: readonly CalibrationLine[];
  }[];
}

/** The table of docs/bids.md. */
export function calibrationSection(results: CalibrationResults): RenderedSection {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const row = (direction: string, { name, held, of, share, low, high, bidKw, actualKw }: CalibrationLine) =>
    `| ${direction} | ${name} | ${held} of ${of} = ${percent(share)} | ${percent(low)} … ${percent(high)} | ${bidKw.toFixed(0)} of ${actualKw.toFixed(0)} |`;
  const rows = results.directions.flatMap(({ direction, all, blocks, dayTypes }) =>
    [all, ...blocks, ...dayTypes].map((line) => row(direction, line)),
  );
  const text = `Measured on ${results.date.slice(0, 10)}: ${results.days} days from ${results.from} to ${results.to}, ${results.sessions} sessions, reliability asked ${results.reliability}, method ${results.method}; ${results.cpuSeconds.toFixed(1)} s of one core.

| direction | blocks | held | 95 % interval | mean bid of what was there, kW |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`;
  return { page: 'docs/bids.md', name: 'calibration', text };
}
