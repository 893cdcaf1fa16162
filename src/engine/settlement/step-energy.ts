import type { EvseId } from '../../domain/ids.js';
import type { EnergyPiece } from '../../domain/reading.js';
import { BOOK_MS, energyIn } from './book-power.js';

/** One step of a report, [fromMs, toMs), within one interval book. */
export interface StepSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What an EVSE's meter counted per step, whole Wh ≥ 0. */
export interface EvseEnergy {
  readonly evseId: EvseId;
  readonly importWh: readonly number[];
  readonly exportWh: readonly number[];
}

/**
 * Energy per EVSE and step in whole Wh, as registers count: each figure is the difference of rounded running
 * sums, so those of an EVSE add up to its rounded whole. `isTaken` says which way counts in a step.
 */
export function stepEnergies(
  pieces: readonly EnergyPiece[],
  steps: readonly StepSpan[],
  isTaken: (evseId: EvseId, step: number) => { readonly import: boolean; readonly export: boolean },
): EvseEnergy[] {
  const raw = new Map<EvseId, { importWh: number[]; exportWh: number[] }>();
  const inTurn = [...pieces].sort((a, b) => a.startMs - b.startMs);
  steps.forEach(({ fromMs, toMs }, step) => {
    for (const { evseId, importKwh, exportKwh } of energyIn(near(inTurn, fromMs, toMs), fromMs, toMs)) {
      const sums = raw.get(evseId) ?? {
        importWh: new Array<number>(steps.length).fill(0),
        exportWh: new Array<number>(steps.length).fill(0),
      };
      raw.set(evseId, sums);
      const taken = isTaken(evseId, step);
      if (taken.import) sums.importWh[step] = (sums.importWh[step] ?? 0) + 1000 * importKwh;
      if (taken.export) sums.exportWh[step] = (sums.exportWh[step] ?? 0) + 1000 * exportKwh;
    }
  });
  return [...raw].map(([evseId, { importWh, exportWh }]) => ({
    evseId,
    importWh: wholeWh(importWh),
    exportWh: wholeWh(exportWh),
  }));
}

/** Pieces ascend by their start and are no longer than a book: those before the last that may reach the span do not. */
function near(pieces: readonly EnergyPiece[], fromMs: number, toMs: number): readonly EnergyPiece[] {
  return pieces.slice(firstFrom(pieces, fromMs - BOOK_MS), firstFrom(pieces, toMs));
}

/** Index of the first piece that starts at `atMs` or later. */
function firstFrom(pieces: readonly EnergyPiece[], atMs: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pieces[middle]?.startMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function wholeWh(values: readonly number[]): number[] {
  let exact = 0;
  let given = 0;
  return values.map((value) => {
    exact += value;
    const whole = Math.round(exact) - given;
    given += whole;
    return whole;
  });
}
